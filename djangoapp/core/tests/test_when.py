"""Times as pages write them: on the clock of the session, with the zone told."""

from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone

from core.templatetags.when import day_of, hours, moment, when


def session(starts_at: str, ends_at: str, zone: str = "Europe/Zurich") -> SimpleNamespace:
    """What the tags look at; the instants are UTC."""
    starts, ends = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (starts_at, ends_at))
    tz = ZoneInfo(zone)
    return SimpleNamespace(time_zone=zone, local_start=starts.astimezone(tz), local_end=ends.astimezone(tz))


def text_of(html: str) -> str:
    """The words without the marks."""
    return Template("{{ html|striptags }}").render(Context({"html": html}))


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (session("2026-11-28 08:30", "2026-11-28 11:30"), "09:30 – 12:30 (Zurich time)"),
        (session("2026-07-28 08:30", "2026-07-28 11:30"), "10:30 – 13:30 (Zurich time)"),
        (session("2026-11-28 18:30", "2026-11-28 20:00", "Europe/Lisbon"), "18:30 – 20:00 (Lisbon time)"),
        (session("2026-11-28 23:30", "2026-11-29 01:00", "UTC"), "23:30 – Sunday 29 November, 01:00 (UTC)"),
        (
            session("2026-11-28 23:30", "2026-11-29 01:00", "America/New_York"),
            "18:30 – 20:00 (New York time)",
        ),
        # The night on which clocks are put forward: one hour, though the clock shows two.
        (session("2026-03-29 00:30", "2026-03-29 01:30"), "01:30 – 03:30 (Zurich time)"),
        # The night on which they are put back: 02:30 comes twice, so the abbreviation tells which.
        (session("2026-10-25 00:00", "2026-10-25 01:30"), "02:00 CEST – 02:30 CET (Zurich time)"),
        (session("2026-10-25 01:15", "2026-10-25 01:45"), "02:15 CET – 02:45 CET (Zurich time)"),
    ],
)
def test_hours_stand_on_the_clock_of_the_session(session, words):
    assert text_of(hours(session)) == words


@pytest.mark.parametrize("active_zone", ["UTC", "Europe/Zurich", "Pacific/Auckland"])
def test_neither_the_server_nor_the_visitor_changes_them(active_zone):
    lisbon = session("2026-11-28 23:30", "2026-11-29 01:00", "Europe/Lisbon")
    template = Template("{% load when %}{{ session.local_start|day_of:'j F Y, H:i' }}|{% when session %}")

    with timezone.override(active_zone):
        text = text_of(template.render(Context({"session": lisbon})))

    assert text == (
        "28 November 2026, 23:30|Saturday 28 November 2026, 23:30 – Sunday 29 November, 01:00 (Lisbon time)"
    )


def test_machines_read_the_instants_and_the_zone():
    html = when(session("2026-11-28 08:30", "2026-11-28 11:30"))

    assert 'datetime="2026-11-28T09:30:00+01:00"' in html
    assert 'data-zone="Europe/Zurich"' in html
    assert 'data-until="2026-11-28T12:30:00+01:00"' in html


def test_a_moment_is_told_on_the_clock_of_a_zone():
    html = moment(datetime(2026, 12, 1, 7, 0, tzinfo=UTC), ZoneInfo("Europe/Zurich"))

    assert text_of(html) == "Tuesday 1 December 2026, 08:00 (Zurich time)"


def test_a_zone_with_a_long_name_is_said_in_words():
    assert "(Buenos Aires time)" in hours(
        session("2026-11-28 08:30", "2026-11-28 11:30", "America/Argentina/Buenos_Aires")
    )


def test_a_day_is_written_as_it_stands():
    assert (
        day_of(datetime(2026, 11, 28, 23, 59, tzinfo=ZoneInfo("Asia/Tokyo"))) == "Saturday 28 November 2026"
    )
