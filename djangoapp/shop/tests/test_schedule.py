"""Many dates from one weekly rule, and sales windows of many sessions, right across both changes of summer time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.forms.schedule import WeeklyRuleForm
from shop.models import Session
from shop.services.schedule import MOST_DATES, WeeklyRule, make, plan
from shop.tests.factories import SessionFactory, UserFactory

ZURICH = ZoneInfo("Europe/Zurich")
SATURDAY, SUNDAY = 5, 6


def rule(**fields) -> WeeklyRule:
    """Saturdays from 6 March 2027, 09:30 to 12:30; summer time begins on the 28th."""
    usual = {
        "weekdays": frozenset({SATURDAY}),
        "starts": time(9, 30),
        "ends": time(12, 30),
        "first": date(2027, 3, 6),
    }
    return WeeklyRule(**usual | fields)


def days(**fields) -> list[str]:
    return [f"{day:%m-%d}" for day in rule(**fields).days()]


# Which days


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"count": 3}, ["03-06", "03-13", "03-20"]),
        ({"last": date(2027, 3, 20)}, ["03-06", "03-13", "03-20"]),
        ({"last": date(2027, 3, 19)}, ["03-06", "03-13"]),
        ({"last": date(2027, 3, 20), "count": 2}, ["03-06", "03-13"]),
        ({"last": date(2027, 3, 13), "count": 9}, ["03-06", "03-13"]),
        ({"every_weeks": 2, "count": 3}, ["03-06", "03-20", "04-03"]),
        ({"weekdays": frozenset({5, 1}), "count": 3}, ["03-06", "03-09", "03-13"]),
        ({"weekdays": frozenset({5, 1}), "every_weeks": 2, "count": 3}, ["03-06", "03-16", "03-20"]),
        ({"count": 3, "exceptions": frozenset({date(2027, 3, 13)})}, ["03-06", "03-20", "03-27"]),
        ({"first": date(2027, 3, 7), "count": 1}, ["03-13"]),
        ({"weekdays": frozenset(), "count": 5}, []),
    ],
)
def test_a_rule_gives_its_days(fields, expected):
    assert days(**fields) == expected


def test_a_rule_without_an_end_stops_all_the_same():
    assert len(list(rule().days())) == MOST_DATES
    assert len(list(rule(count=10_000).days())) == MOST_DATES
    assert list(rule(first=date.max - timedelta(days=30)).days())[-1] <= date.max


@settings(max_examples=60, deadline=None)
@given(
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    first=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    span=st.integers(0, 400),
    count=st.none() | st.integers(1, 60),
    every=st.integers(1, 4),
)
def test_every_day_of_a_rule_is_one_of_its_weekdays_within_its_span(weekdays, first, span, count, every):
    last = first + timedelta(days=span)
    found = list(rule(weekdays=weekdays, first=first, last=last, count=count, every_weeks=every).days())

    assert found == sorted(set(found))
    assert len(found) <= (count or MOST_DATES)
    monday = first - timedelta(days=first.weekday())
    for day in found:
        assert day.weekday() in weekdays
        assert first <= day <= last
        assert (day - monday).days // 7 % every == 0


# On the clock


def on_saturday() -> Session:
    """On 27 February 2027, 09:30 to 12:30 in Zurich, with all that moves along."""
    start = datetime(2027, 2, 27, 8, 30, tzinfo=UTC)
    return SessionFactory(
        starts_at=start,
        ends_at=start + timedelta(hours=3),
        host=UserFactory(first_name="Mira", last_name="Aebi"),
        sales_start_at=datetime(2027, 1, 30, 23, tzinfo=UTC),
        early_price=60,
        early_until_at=datetime(2027, 2, 12, 23, tzinfo=UTC),
        early_places=5,
    )


@pytest.fixture
def saturday(db) -> Session:
    return on_saturday()


def clock_of(session: Session, name: str = "starts_at") -> str:
    return f"{getattr(session, name).astimezone(session.tz):%m-%d %H:%M}"


def test_summer_time_changes_the_instant_and_not_the_clock(saturday):
    made = make(saturday, rule(count=5), rule(count=5).days())

    assert [clock_of(session) for session in made] == [
        f"{day} 09:30" for day in ("03-06", "03-13", "03-20", "03-27", "04-03")
    ]
    assert [session.starts_at.hour for session in made] == [8, 8, 8, 8, 7]
    assert {session.ends_at - session.starts_at for session in made} == {timedelta(hours=3)}


def test_what_moves_along_keeps_its_time_of_the_clock_as_well(saturday):
    [*_before, after] = make(saturday, rule(count=5), rule(count=5).days())

    assert clock_of(after) == "04-03 09:30"
    assert clock_of(after, "sales_start_at") == "03-07 00:00"
    assert clock_of(after, "early_until_at") == "03-20 00:00"
    assert (after.early_price, after.early_places) == (60, 5)
    assert after.host == saturday.host
    assert not after.is_published
    assert after.slug.startswith(saturday.project.slug)


@pytest.mark.parametrize(
    ("first", "starts", "ends", "problem"),
    [
        (date(2027, 3, 28), time(2, 30), time(5), "there is no 02:30 on 28 March 2027"),
        (date(2027, 3, 27), time(22), time(2, 15), "there is no 02:15 on 28 March 2027"),
        (date(2027, 10, 31), time(2, 30), time(5), "it is 02:30 twice on 31 October 2027"),
        (date(2027, 10, 30), time(23), time(2), "it is 02:00 twice on 31 October 2027"),
    ],
)
def test_a_time_that_the_clocks_skip_or_repeat_is_left_out_in_words(saturday, first, starts, ends, problem):
    night = rule(weekdays=frozenset({first.weekday()}), first=first, starts=starts, ends=ends, count=2)

    [wrong, right] = plan(saturday, night)

    assert problem in wrong.problem
    assert wrong.starts_at is None
    assert right.can_be_made
    assert [session.starts_at for session in make(saturday, night, night.days())] == [right.starts_at]


def test_a_session_over_the_night_of_the_change_is_as_long_as_the_clocks_say(saturday):
    night = rule(
        weekdays=frozenset({SATURDAY}), first=date(2027, 3, 27), starts=time(22), ends=time(7), count=1
    )

    [session] = make(saturday, night, night.days())

    assert session.ends_at - session.starts_at == timedelta(hours=8)


# What stands against a date


def test_what_is_there_already_is_not_made_again(saturday):
    first = make(saturday, rule(count=3), rule(count=3).days())

    again = make(saturday, rule(count=4), rule(count=4).days())

    assert (len(first), len(again)) == (3, 1)
    assert [one.problem for one in plan(saturday, rule(count=3))] == ["This date is there already."] * 3


def test_only_ticked_days_are_made_and_none_that_the_rule_does_not_give(saturday):
    made = make(saturday, rule(count=3), [date(2027, 3, 13), date(2027, 3, 14), date(2030, 1, 1)])

    assert [clock_of(session) for session in made] == ["03-13 09:30"]


def test_clashes_of_host_and_place_are_told_and_do_not_hinder(saturday):
    start = datetime(2027, 3, 13, 11, tzinfo=UTC)  # 12:00 in Zurich
    SessionFactory(
        project__title="Bread",
        host=saturday.host,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        place_name="Elsewhere",
    )
    SessionFactory(project__title="Lino", starts_at=start, ends_at=start + timedelta(hours=1))
    SessionFactory(
        project__title="Cancelled", starts_at=start, ends_at=start + timedelta(hours=1), cancelled_at=start
    )
    after = datetime(2027, 3, 13, 11, 30, tzinfo=UTC)  # begins when ours ends
    SessionFactory(project__title="Next", starts_at=after, ends_at=after + timedelta(hours=1))

    [free, clash] = plan(saturday, rule(count=2))

    assert free.warnings == ()
    assert set(clash.warnings) == {
        "Mira Aebi leads “Bread” at that time.",
        "“Lino” takes place in Workshop 2 at that time.",
    }
    assert clash.can_be_made


def test_a_plan_costs_the_same_for_two_dates_and_for_fifty(saturday, django_assert_num_queries):
    for count in (2, 50):
        with django_assert_num_queries(1):
            assert len(plan(saturday, rule(count=count))) == count


# The form


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", []),
        ("2026-12-24", ["12-24"]),
        ("2026-12-24, 2026-12-26;2026-12-31", ["12-24", "12-26", "12-31"]),
        ("2026-12-24 - 2026-12-26\n2027-01-02", ["01-02", "12-24", "12-25", "12-26"]),
        ("2026-12-24–2026-12-25", ["12-24", "12-25"]),
    ],
)
def test_days_and_spans_are_read(typed, expected):
    days = WeeklyRuleForm.base_fields["exceptions"].clean(typed)

    assert sorted(f"{day:%m-%d}" for day in days) == expected


def told(**changes) -> dict:
    data = {
        "weekdays": ["5"],
        "every_weeks": "1",
        "starts": "09:30",
        "ends": "12:30",
        "first": "2027-03-06",
        "last": "",
        "count": "4",
        "exceptions": "",
    }
    return data | changes


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": ["7"]}, "weekdays"),
        ({"starts": "25:00"}, "starts"),
        ({"first": "2027-02-30"}, "first"),
        ({"first": "0001-01-01"}, "first"),
        ({"last": "2027-03-05"}, "last"),
        ({"count": ""}, "last"),
        ({"count": "201"}, "count"),
        ({"count": "0"}, "count"),
        ({"exceptions": "24.12.2026"}, "exceptions"),
        ({"exceptions": "2026-13-24"}, "exceptions"),
        ({"exceptions": "2026-12-24 - 2026-12-20"}, "exceptions"),
        ({"exceptions": "2026-12-24 - 2096-12-20"}, "exceptions"),
        ({"every_weeks": "9"}, "every_weeks"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(changes, field):
    form = WeeklyRuleForm(told(**changes))

    assert not form.is_valid()
    assert list(form.errors) == [field]
