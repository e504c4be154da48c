"""What somebody fills in who has lost the links to their orders."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FindOrdersForm(forms.Form):
    """The address that the orders were booked with."""

    use_required_attribute = False

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The address that you gave when you booked."),
        error_messages={
            "required": _("Write the e-mail address that you booked with."),
            "invalid": _("This address is not complete. It looks like name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
