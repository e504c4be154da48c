"""How forms are drawn: label, hint and errors beside each field."""

from django.forms.renderers import TemplatesSetting


class ShopFormRenderer(TemplatesSetting):
    """Django's renderer, with our templates in ``templates/django/forms/``."""
