"""Calendar files: read back by the library as a calendar program would read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from icalendar import Calendar

from shop.calendars import feed_calendar, order_calendar, session_calendar
from shop.models import Session
from shop.tests.factories import (
    CategoryFactory,
    ProjectFactory,
    SessionFactory,
    order_for,
    paid_order_for,
)

pytestmark = pytest.mark.django_db

ZURICH = "Europe/Zurich"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def session_at(starts_at: str, ends_at: str, zone: str = ZURICH, **fields) -> Session:
    return SessionFactory(starts_at=utc(starts_at), ends_at=utc(ends_at), time_zone=zone, **fields)


def events_of(content: bytes) -> list:
    return Calendar.from_ical(content).events


@pytest.fixture(autouse=True)
def _public_address(settings):
    settings.SITE_URL = "https://shop.example"


def test_a_session_carries_what_a_calendar_program_needs():
    project = ProjectFactory(title="Bowls, “green” wood; turned", summary="Wet wood\nand sharp steel.")
    session = session_at("2026-11-28 08:30", "2026-11-28 11:30", project=project, slug="bowls")

    [event] = events_of(session_calendar(session))

    assert event["UID"] == f"session-{session.pk}@shop.example"
    assert event["SUMMARY"] == "Bowls, “green” wood; turned"
    assert event["LOCATION"] == "Workshop 2, Baumweg 3, Zürich"
    assert event["URL"] == "https://shop.example/sessions/bowls/"
    assert event["DESCRIPTION"] == "Wet wood\nand sharp steel.\nhttps://shop.example/sessions/bowls/"
    assert event["STATUS"] == "CONFIRMED"
    assert event["CATEGORIES"].cats == [project.category.name]


def test_lines_are_no_longer_than_calendar_programs_read():
    session = SessionFactory(project__title="Donaudampfschifffahrtsgesellschaftskapitänsmützen " * 2)

    lines = session_calendar(session).split(b"\r\n")

    assert max(map(len, lines)) <= 75


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "zone", "written"),
    [
        ("2026-11-28 08:30", "2026-11-28 11:30", ZURICH, b"DTSTART;TZID=Europe/Zurich:20261128T093000"),
        ("2026-07-28 08:30", "2026-07-28 11:30", ZURICH, b"DTSTART;TZID=Europe/Zurich:20260728T103000"),
        (
            "2026-11-28 08:30",
            "2026-11-28 11:30",
            "Europe/Lisbon",
            b"DTSTART;TZID=Europe/Lisbon:20261128T083000",
        ),
        (
            "2026-11-28 08:30",
            "2026-11-28 11:30",
            "Asia/Kolkata",
            b"DTSTART;TZID=Asia/Kolkata:20261128T140000",
        ),
        ("2026-11-28 08:30", "2026-11-28 11:30", "UTC", b"DTSTART:20261128T083000Z"),
        # Clocks are put forward while it lasts: one hour, from 01:30 to 03:30.
        ("2026-03-29 00:30", "2026-03-29 01:30", ZURICH, b"DTEND;TZID=Europe/Zurich:20260329T033000"),
        # Clocks are put back: what ends in the second round of the hour is written in UTC.
        ("2026-10-25 00:00", "2026-10-25 01:30", ZURICH, b"DTEND:20261025T013000Z"),
        ("2026-10-25 01:15", "2026-10-25 01:45", ZURICH, b"DTSTART:20261025T011500Z"),
        # In the first round, and around the whole hour, the clock tells enough.
        ("2026-10-25 00:15", "2026-10-25 00:45", ZURICH, b"DTSTART;TZID=Europe/Zurich:20261025T021500"),
        ("2026-10-24 22:00", "2026-10-25 03:00", ZURICH, b"DTEND;TZID=Europe/Zurich:20261025T040000"),
    ],
)
def test_times_stand_on_the_clock_of_the_place_and_mean_the_same_instant(starts_at, ends_at, zone, written):
    session = session_at(starts_at, ends_at, zone)

    with timezone.override("Pacific/Auckland"):
        content = session_calendar(session)

    [event] = events_of(content)
    assert written in content
    assert event.start.astimezone(UTC) == utc(starts_at)
    assert event.end.astimezone(UTC) == utc(ends_at)


@pytest.mark.parametrize(
    "at", ["2026-03-28 12:00", "2026-03-29 12:00", "2026-10-24 12:00", "2026-10-25 12:00"]
)
@pytest.mark.parametrize("zone", [ZURICH, "Europe/Lisbon", "America/New_York"])
def test_the_zone_s_rules_in_the_file_agree_with_the_zone(at, zone):
    """Programs that do not know the name of a zone read its rules from the file."""
    session = session_at(at, at.replace("12:00", "13:00"), zone)

    calendar = Calendar.from_ical(session_calendar(session))

    [rules] = calendar.timezones
    wall = session.local_start.replace(tzinfo=None)
    assert rules["TZID"] == zone
    assert wall.replace(tzinfo=rules.to_tz(lookup_tzid=False)).utcoffset() == session.local_start.utcoffset()


def test_the_link_of_an_online_session_is_not_for_everybody():
    session = SessionFactory(place_name="", place_address="", online_url="https://meet.example/secret")

    content = session_calendar(session)

    assert b"secret" not in content
    assert b"LOCATION:Online" in content


def test_the_file_changes_with_the_session_and_not_with_the_clock():
    session = SessionFactory()
    first = session_calendar(session)

    assert session_calendar(Session.objects.get(pk=session.pk)) == first
    session.project.title = "Another title"
    session.project.save()
    assert session_calendar(session) != first


def test_a_feed_tells_every_session_once_and_makes_nobody_busy():
    category = CategoryFactory()
    sessions = [
        SessionFactory(project__category=category, time_zone=zone) for zone in (ZURICH, "Europe/Lisbon")
    ]

    content = feed_calendar(sessions, name="TreesN’Qs in Zürich")

    calendar = Calendar.from_ical(content)
    assert {event["UID"] for event in calendar.events} == {
        f"session-{session.pk}@shop.example" for session in sessions
    }
    assert {event["TRANSP"] for event in calendar.events} == {"TRANSPARENT"}
    assert {rules["TZID"] for rules in calendar.timezones} == {ZURICH, "Europe/Lisbon"}
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "TreesN’Qs in Zürich"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H" in content


def test_an_empty_feed_is_a_calendar_all_the_same():
    assert events_of(feed_calendar([], name="Nothing yet")) == []


def test_an_order_has_each_of_its_sessions_once_with_those_who_come():
    later, sooner = SessionFactory(), SessionFactory(starts_at=timezone.now() + timedelta(days=2))
    order = paid_order_for((later, 2), (sooner, 1))

    events = events_of(order_calendar(order))

    assert [event["UID"].split("@")[0] for event in events] == [f"session-{sooner.pk}", f"session-{later.pk}"]
    assert "2 places: Ana Keller 0, Ana Keller 1" in events[1]["DESCRIPTION"]
    assert f"Order {order.code}" in events[0]["DESCRIPTION"]


def test_an_order_s_own_link_stays_out_of_calendars_that_people_share():
    order = paid_order_for((SessionFactory(), 1))

    assert order.token.encode() not in order_calendar(order).replace(b"\r\n ", b"")


def test_only_a_paid_order_tells_the_link_of_an_online_session():
    session = SessionFactory(place_name="", online_url="https://meet.example/secret")

    pending, paid = order_for((session, 1)), paid_order_for((session, 1))

    assert b"secret" not in order_calendar(pending)
    [event] = events_of(order_calendar(paid))
    assert event["LOCATION"] == "https://meet.example/secret"
    assert "Join here: https://meet.example/secret" in event["DESCRIPTION"]


def test_what_was_cancelled_is_crossed_out_and_does_not_tell_the_link():
    online = SessionFactory(place_name="", online_url="https://meet.example/secret")
    kept = SessionFactory(starts_at=timezone.now() + timedelta(days=20))
    order = paid_order_for((online, 1), (kept, 2))
    order.lines.filter(session=online).update(cancelled_at=timezone.now())
    order.lines.filter(session=kept, position=order.lines.last().position).update(cancelled_at=timezone.now())

    cancelled, coming = events_of(order_calendar(order))

    assert (cancelled["STATUS"], coming["STATUS"]) == ("CANCELLED", "CONFIRMED")
    assert "This booking is cancelled." in cancelled["DESCRIPTION"]
    assert "1 place: Ana Keller 0" in coming["DESCRIPTION"]
    assert b"secret" not in order_calendar(order)


@pytest.mark.parametrize("places", [1, 3])
def test_an_order_s_calendar_costs_one_query(django_assert_num_queries, places):
    order = paid_order_for((SessionFactory(), places), (SessionFactory(), places))

    with django_assert_num_queries(1):
        order_calendar(order)


def test_instants_are_told_apart_even_where_the_server_stands_elsewhere(settings):
    settings.TIME_ZONE = "America/New_York"
    session = session_at("2026-11-28 23:30", "2026-11-29 00:30", "Europe/Lisbon")

    [event] = events_of(session_calendar(session))

    assert event.start == datetime(2026, 11, 28, 23, 30, tzinfo=ZoneInfo("Europe/Lisbon"))
