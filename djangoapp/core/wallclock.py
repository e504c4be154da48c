"""Times as people write them: on the clock of a place, which twice a year skips an hour and once has one twice."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.exceptions import DomainError

SENSIBLE_YEARS = range(1970, 3000)  # beyond them instants fall off the calendar's ends


class NoSuchTime(DomainError):
    """The clocks skip this time on the night on which they go forward."""

    def __init__(self, local: datetime, zone: ZoneInfo) -> None:
        super().__init__(
            _(
                "In %(zone)s there is no %(time)s on %(day)s: the clocks go forward. Please choose another time."
            )
            % _words(local, zone)
        )


class TimeComesTwice(DomainError):
    """This time comes twice on the night on which the clocks go back."""

    def __init__(self, local: datetime, zone: ZoneInfo) -> None:
        super().__init__(
            _("In %(zone)s it is %(time)s twice on %(day)s: the clocks go back. Please choose another time.")
            % _words(local, zone)
        )


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (aware, UTC) at which the clocks of a zone show this (naive) time.

    Raises ``NoSuchTime`` or ``TimeComesTwice`` on the nights on which the clocks change.
    """
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchTime(local, zone)
    if first.utcoffset() != second.utcoffset():
        raise TimeComesTwice(local, zone)
    return instant


def days_later(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the instant so many days later at the same time of the zone's clock. Raises as ``instant_of``."""
    local = instant.astimezone(zone).replace(tzinfo=None)
    return instant_of(local + timedelta(days=days), zone)


class WallClockField(forms.DateTimeField):
    """A date and time without a zone; the form knows whose clock it stands on and converts it."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    default_error_messages = {
        "invalid": gettext_lazy("Write a date and a time, such as 2026-11-28 09:30."),
    }

    def to_python(self, value) -> datetime | None:
        # In UTC every time of the clock exists exactly once, so none is refused here.
        with timezone.override(UTC):
            instant = super().to_python(value)
        if instant is None:
            return None
        if instant.year not in SENSIBLE_YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return instant.replace(tzinfo=None)


class OnOneClock:
    """A model form whose ``clock_fields`` (``WallClockField``) are read and shown on the clock of ``clock()``."""

    clock_fields: Iterable[str] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in self.clock_fields:
            value = self.initial.get(name)
            if isinstance(value, datetime) and timezone.is_aware(value):
                self.initial[name] = value.astimezone(self.clock()).replace(tzinfo=None)

    def clock(self) -> ZoneInfo:
        """The zone of the form's times."""
        raise NotImplementedError

    def clean(self):
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        zone = self.clock()
        for name in self.clock_fields:
            local = cleaned.get(name)
            if local is None:
                continue
            try:
                cleaned[name] = instant_of(local, zone)
            except DomainError as refusal:
                self.add_error(name, ValidationError(str(refusal), code="clock_change"))
        return cleaned


def _words(local: datetime, zone: ZoneInfo) -> dict[str, str]:
    return {
        "zone": zone.key.rpartition("/")[2].replace("_", " "),
        "time": f"{local:%H:%M}",
        "day": formats.date_format(local, "j F Y"),
    }
