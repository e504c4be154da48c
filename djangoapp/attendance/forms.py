"""What people and their telephones send from the door."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from attendance.models import LONGEST_GATE, LONGEST_NAME, LONGEST_NONCE
from attendance.rights import sessions_at_door
from attendance.services.answers import LONGEST_SCAN
from shop.models import Session


def day_field(label: str) -> forms.DateField:
    """A day that may be left out, within the years that calendars and databases agree on."""
    limits = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, validators=limits)


class FromTheDoor(forms.Form):
    """At which gate; which attempt this is, so that it counts once; and its time, where it is told later."""

    gate = forms.CharField(label=_("Gate"), max_length=LONGEST_GATE, required=False)
    nonce = forms.CharField(max_length=LONGEST_NONCE, required=False)
    at = forms.DateTimeField(required=False)


class ScanForm(FromTheDoor):
    """Either what was scanned or typed, or which guest of the list was tapped."""

    text = forms.CharField(max_length=LONGEST_SCAN, required=False)
    guest = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class WalkInForm(FromTheDoor):
    """Somebody without a ticket."""

    first_name = forms.CharField(
        label=_("First name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class GateForm(forms.Form):
    """The gate at which this telephone stands from now on."""

    gate = forms.CharField(label=_("Gate"), max_length=LONGEST_GATE, required=False)


class DayForm(forms.Form):
    """A day to look at."""

    mark_optional = False

    day = day_field(_("Day"))


class SheetForm(forms.Form):
    """What an attendance sheet is about."""

    mark_optional = False

    day = day_field(_("Day"))
    session = forms.ModelChoiceField(Session.objects.none(), required=False, widget=forms.HiddenInput)
    gate = forms.CharField(label=_("Gate"), max_length=LONGEST_GATE, required=False)

    def __init__(self, user, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = sessions_at_door(user).select_related("project")


class PeriodForm(forms.Form):
    """From one day to another, both included."""

    mark_optional = False

    first = day_field(_("From"))
    last = day_field(_("To"))
