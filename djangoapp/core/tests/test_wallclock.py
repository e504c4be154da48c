"""Times of a clock become instants, and the two nights of the year on which that goes wrong are told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms

from core.wallclock import NoSuchTime, OnOneClock, TimeComesTwice, WallClockField, days_later, instant_of

ZURICH = ZoneInfo("Europe/Zurich")
LISBON = ZoneInfo("Europe/Lisbon")
clock = datetime.fromisoformat  # a time without a zone, as it stands on a clock


def test_a_time_is_read_on_the_clock_of_its_zone():
    local = clock("2026-11-28 09:30")

    assert instant_of(local, ZURICH) == datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
    assert instant_of(local, LISBON) == datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    assert instant_of(local, ZURICH).tzinfo is UTC


@pytest.mark.parametrize(
    ("local", "zone", "refusal"),
    [
        (clock("2027-03-28 02:30"), ZURICH, NoSuchTime),
        (clock("2026-10-25 02:30"), ZURICH, TimeComesTwice),
        # The same night, an hour earlier on the clocks of Lisbon.
        (clock("2027-03-28 01:30"), LISBON, NoSuchTime),
        (clock("2026-10-25 01:30"), LISBON, TimeComesTwice),
    ],
)
def test_the_nights_of_the_change_are_refused(local, zone, refusal):
    with pytest.raises(refusal, match=local.strftime("%H:%M")):
        instant_of(local, zone)


@pytest.mark.parametrize("minute", ["01:59", "03:00"])
def test_the_minutes_around_the_gap_exist(minute):
    instant_of(clock(f"2027-03-28 {minute}"), ZURICH)


def test_a_week_later_is_the_same_time_of_the_clock_although_the_clocks_change():
    saturday = instant_of(clock("2026-10-24 18:00"), ZURICH)

    later = days_later(saturday, 7, ZURICH)

    assert later.astimezone(ZURICH).hour == 18
    assert later - saturday == timedelta(days=7, hours=1)


def test_a_week_later_may_not_exist():
    with pytest.raises(NoSuchTime):
        days_later(instant_of(clock("2027-03-21 02:30"), ZURICH), 7, ZURICH)


class Appointment(OnOneClock, forms.Form):
    at = WallClockField()
    until = WallClockField(required=False)
    clock_fields = ("at", "until")

    def clock(self):
        return LISBON


def test_a_form_reads_and_shows_times_on_its_own_clock():
    shown = Appointment(initial={"at": datetime(2026, 11, 28, 9, 30, tzinfo=UTC)})
    given = Appointment({"at": "2026-07-01T09:30", "until": ""})

    assert 'value="2026-11-28T09:30"' in str(shown["at"])
    assert given.is_valid()
    assert given.cleaned_data["at"] == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    assert given.cleaned_data["until"] is None


def test_a_time_that_was_left_alone_counts_as_unchanged():
    form = Appointment({"at": "2026-07-01T09:30"}, initial={"at": datetime(2026, 7, 1, 8, 30, tzinfo=UTC)})

    assert not form.has_changed()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2027-03-28T01:30", "there is no 01:30"),
        ("2026-10-25T01:30", "01:30 twice"),
        ("2026-13-40T99:99", "such as 2026-11-28 09:30"),
        ("9999-12-31T23:59", "such as 2026-11-28 09:30"),
        ("0001-01-01T00:00", "such as 2026-11-28 09:30"),
        ("next Monday", "such as 2026-11-28 09:30"),
        ("\x00", "such as 2026-11-28 09:30"),
    ],
)
def test_a_form_says_what_is_wrong_with_a_time(given, told):
    form = Appointment({"at": given})

    assert not form.is_valid()
    assert told in form.errors["at"][0]
