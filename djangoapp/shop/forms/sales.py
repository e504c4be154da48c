"""The sales window that staff gives many sessions at once."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.wallclock import WallClockField
from shop.services.sales import SalesWindow

PAIRS = [("starts", "starts_days_before"), ("ends", "ends_hours_before")]


class SalesWindowForm(forms.Form):
    """Two ways to say each end; empty ones leave it open."""

    starts = WallClockField(label=gettext_lazy("Sales start at"), required=False)
    starts_days_before = forms.IntegerField(
        label=gettext_lazy("or so many days before each session"),
        required=False,
        min_value=0,
        max_value=1000,
        help_text=gettext_lazy("At midnight. Both empty: sales start at once."),
    )
    ends = WallClockField(label=gettext_lazy("Sales end at"), required=False)
    ends_hours_before = forms.IntegerField(
        label=gettext_lazy("or so many hours before each session"),
        required=False,
        min_value=0,
        max_value=10_000,
        help_text=gettext_lazy("Both empty: sales end when the session starts."),
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        for moment, before in PAIRS:
            if cleaned.get(moment) is not None and cleaned.get(before) is not None:
                self.add_error(before, _("Give one of the two."))
        return cleaned

    @property
    def window(self) -> SalesWindow:
        return SalesWindow(**self.cleaned_data)
