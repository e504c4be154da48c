"""Staff sets up early birds and group prices on a session's page; copies take them along."""

from datetime import UTC, datetime, timedelta

import pytest

from shop.services.catalogue import copy_session, moved_along
from shop.tests.factories import SessionFactory
from shop.tests.staff import errors_of, page_of, project_data, row_of, save, whole_minutes

pytestmark = pytest.mark.django_db


def test_an_early_bird_ends_on_the_sessions_own_clock(owner):
    session = whole_minutes(time_zone="Europe/Lisbon")

    save(owner, session, early_price="60", early_until_at="2026-11-01T00:00", early_places="5")

    session.refresh_from_db()
    assert (session.early_price, session.early_places) == (60, 5)
    assert session.early_until_at == datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
    page = owner.get(page_of(session)).text
    assert 'value="2026-11-01T00:00"' in page


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"early_price": "60"}, "Say when the early bird ends"),
        ({"group_price": "60"}, "Say from how many places on"),
        ({"group_price": "60", "group_places": "1"}, "greater than or equal to 2"),
        ({"group_price": "60", "group_places": "5"}, "One buyer may have 3 places only"),
        ({"early_price": "-1", "early_places": "2"}, "greater than or equal to 0"),
        ({"early_price": "60", "early_until_at": "2026-10-25T02:30"}, "it is 02:30 twice"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(owner, given, told):
    session = whole_minutes()

    response = save(owner, session, **given)

    assert told in str(errors_of(response))
    session.refresh_from_db()
    assert session.early_price is None
    assert session.group_price is None


def test_a_larger_group_is_allowed_where_a_buyer_may_have_more_places(owner):
    session = whole_minutes()

    save(owner, session, group_price="60", group_places="5", most_per_buyer="8")

    session.refresh_from_db()
    assert (session.group_price, session.group_places, session.most_per_buyer) == (60, 5, 8)


def test_a_copy_keeps_its_offers_and_the_early_bird_ends_a_week_later():
    until = datetime(2026, 11, 1, 12, tzinfo=UTC)
    session = whole_minutes(early_price=60, early_until_at=until, group_price=50, group_places=3)

    copy = copy_session(session)

    assert (copy.early_price, copy.group_price, copy.group_places) == (60, 50, 3)
    assert copy.early_until_at == until + timedelta(days=7)


def test_a_new_row_of_a_project_takes_the_offers_of_the_last_session_along(owner):
    until = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    last = whole_minutes(early_price=60, early_until_at=until, early_places=4)
    row = row_of(starts_at="2027-01-09T09:30", ends_at="2027-01-09T12:30")

    owner.post(page_of(last.project), project_data(last.project, [row_of(last), row]), follow=True)

    new = last.project.sessions.exclude(pk=last.pk).get()
    assert (new.early_price, new.early_places) == (60, 4)
    assert new.starts_at - new.early_until_at == timedelta(days=7)


def test_a_moment_moves_along_by_the_clock_over_the_night_of_summer_time():
    session = SessionFactory(
        starts_at=datetime(2027, 3, 27, 9, tzinfo=UTC),
        early_until_at=datetime(2027, 3, 20, 1, 30, tzinfo=UTC),
    )

    # 02:30 on the clock a week later: that time is skipped on 28 March, and the first one after it counts.
    moved = moved_along(session, session.early_until_at, to=datetime(2027, 4, 4, 8, tzinfo=UTC))

    assert moved == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
