"""What can be asked of a cart."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SessionForm(forms.Form):
    """Which session it is about."""

    session = forms.SlugField(max_length=140)


class QuantityForm(forms.Form):
    """How many places somebody wants: ``at_least`` so many, and ``at_most`` what one buyer may have."""

    quantity = forms.IntegerField(error_messages={"required": _("Choose how many places you want.")})

    def __init__(self, *args, at_least: int, at_most: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.at_least, self.at_most = at_least, at_most

    def clean_quantity(self) -> int:
        quantity = self.cleaned_data["quantity"]
        if not self.at_least <= quantity <= self.at_most:
            raise forms.ValidationError(
                _("Choose between 1 and %(limit)d places."), params={"limit": self.at_most}
            )
        return quantity


class CodeForm(forms.Form):
    """A code, as somebody typed it."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        error_messages={"required": _("Type the code first.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "enterkeyhint": "done",
            }
        ),
    )


class CouponForm(CodeForm):
    """A code to redeem."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Coupon")
