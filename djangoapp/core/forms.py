"""How forms are drawn: label, hint and errors of a field stand together and name one another."""

from django import forms
from django.forms.renderers import TemplatesSetting


class ShopBoundField(forms.BoundField):
    """A field as the templates in ``templates/django/forms/`` show it."""

    def build_widget_attrs(self, attrs, widget=None):
        """Leave out a placeholder that only repeats the label, as those of allauth's forms do."""
        attrs = super().build_widget_attrs(attrs, widget)
        placeholder = str((widget or self.field.widget).attrs.get("placeholder", "")).lower()
        if placeholder and placeholder.startswith(str(self.label).lower()):
            attrs["placeholder"] = False
        return attrs

    @property
    def is_check(self) -> bool:
        """Whether this is one box to tick: its label then stands behind it."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_marked_optional(self) -> bool:
        """Whether to say that the answer may be left out.

        A form where everything may be left out, such as a filter, sets ``mark_optional = False``.
        """
        return not (
            self.field.required
            or self.field.disabled
            or self.is_check
            or not getattr(self.form, "mark_optional", True)
        )


class ShopFormRenderer(TemplatesSetting):
    """Draws every form of the project with the project's own templates."""

    bound_field_class = ShopBoundField
