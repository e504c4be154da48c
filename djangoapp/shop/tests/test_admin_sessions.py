"""Staff writes down sessions: on their own clock, and never for fewer people than have booked."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from shop.admin import sessions
from shop.admin.forms import SessionForm
from shop.exceptions import SessionFull
from shop.models import CartLine, Session
from shop.tests.factories import SessionFactory, UserFactory, cart_with, order_for
from shop.tests.staff import errors_of, page_of, save, session_data, whole_minutes

pytestmark = pytest.mark.django_db
SESSIONS = "admin:shop_session_changelist"


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel("2026-10-01 12:00 +0000", tick=True):
        yield


# The session's own clock


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Zurich, Europe", datetime(2026, 12, 5, 9, 0, tzinfo=UTC)),
        ("Europe/Lisbon", datetime(2026, 12, 5, 10, 0, tzinfo=UTC)),
        ("Tokyo", datetime(2026, 12, 5, 1, 0, tzinfo=UTC)),
    ],
)
def test_times_are_typed_on_the_clock_of_the_sessions_zone(owner, zone, instant):
    session = whole_minutes()

    save(owner, session, starts_at="2026-12-05T10:00", ends_at="2026-12-05T12:00", time_zone=zone)

    session.refresh_from_db()
    assert session.starts_at == instant
    assert session.ends_at == instant + timedelta(hours=2)
    assert (session.local_start.hour, session.local_end.hour) == (10, 12)


def test_another_zone_alone_moves_the_instant_and_not_the_clock(owner):
    session = whole_minutes()

    save(owner, session, time_zone="Europe/Lisbon")

    session.refresh_from_db()
    assert session.local_start.hour == 9
    assert session.starts_at == datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def test_the_page_shows_the_times_of_the_sessions_clock(owner):
    session = whole_minutes(time_zone="Europe/Lisbon")

    page = owner.get(page_of(session)).text

    assert 'value="2026-11-28T08:30"' in page
    assert "Lisbon, Europe" in page


def test_the_list_tells_the_zone_and_how_full_a_session_is(owner):
    session = whole_minutes(time_zone="Europe/Lisbon", capacity=12)
    order_for((session, 2))

    page = owner.get(reverse(SESSIONS)).text

    assert "Sat 28 Nov 2026, 08:30–11:30" in page
    assert "(Lisbon time)" in page
    assert "2 of 12" in page
    assert "CHF\N{NO-BREAK SPACE}85" in page


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("starts_at", "2027-03-28T02:30", "there is no 02:30 on 28 March 2027"),
        ("ends_at", "2026-10-25T02:15", "it is 02:15 twice on 25 October 2026"),
        ("sales_end_at", "2027-03-28T02:00", "there is no 02:00"),
        ("sales_start_at", "2026-10-25T02:59", "it is 02:59 twice"),
    ],
)
def test_the_nights_on_which_the_clocks_change_are_refused_in_words(owner, field, given, told):
    session = whole_minutes()

    response = save(owner, session, **{field: given})

    assert told in errors_of(response)[field][0]
    session.refresh_from_db()
    assert session.local_start.day == 28


def test_a_place_that_is_no_zone_is_refused(owner):
    response = save(owner, whole_minutes(), time_zone="Atlantis")

    assert "do not know this time zone" in errors_of(response)["time_zone"][0]


@pytest.mark.parametrize(
    "changes",
    [
        {"ends_at": "2026-11-28T09:00"},
        {"place_name": "", "online_url": ""},
        {"base_price": "-1"},
        {"sales_start_at": "2026-11-02T10:00", "sales_end_at": "2026-11-01T10:00"},
    ],
)
def test_what_cannot_be_is_told_beside_the_field(owner, changes):
    session = whole_minutes()

    response = save(owner, session, **changes)

    assert response.context["adminform"].form.errors
    session.refresh_from_db()
    assert session.base_price == Decimal(85)


# Capacity


def test_the_capacity_cannot_fall_below_what_is_booked_or_held(owner):
    session = whole_minutes(capacity=12)
    order_for((session, 2))
    cart_with((session, 3))

    response = save(owner, session, capacity=4)

    assert "5 places are booked or held" in errors_of(response)["capacity"][0]
    session.refresh_from_db()
    assert session.capacity == 12


def test_holds_that_have_run_out_do_not_stand_in_the_way(owner):
    session = whole_minutes(capacity=12)
    cart_with((session, 3))
    CartLine.objects.update(held_until=timezone.now() - timedelta(minutes=1))

    save(owner, session, capacity=1)

    session.refresh_from_db()
    assert (session.capacity, session.seats_taken) == (1, 0)


def test_a_smaller_capacity_is_told_with_what_is_left(owner):
    session = whole_minutes(capacity=12)
    order_for((session, 2))

    response = save(owner, session, capacity=3)

    assert "The capacity is now 3 instead of 12; 1 places are left" in response.text
    session.refresh_from_db()
    assert (session.capacity, session.seats_taken) == (3, 2)


def test_a_new_time_of_a_booked_session_reminds_staff_to_tell_the_buyers(owner):
    session = whole_minutes()
    order_for((session, 2))

    moved = save(owner, session, starts_at="2026-11-28T08:30")
    session.refresh_from_db()
    renamed = save(owner, session, base_price="90")

    assert "2 places are booked or held. Nobody has been told" in moved.text
    assert "Nobody has been told" not in renamed.text


def test_saving_an_old_page_takes_no_place_away_that_was_booked_meanwhile(owner):
    session = whole_minutes()
    data = session_data(session, base_price="90")
    order_for((session, 2))

    owner.post(page_of(session), data)

    session.refresh_from_db()
    assert (session.base_price, session.seats_taken) == (90, 2)


# Adding


def test_a_new_session_begins_as_the_projects_latest_one_a_week_later(owner):
    host = UserFactory()
    latest = whole_minutes(
        host=host, time_zone="Europe/Lisbon", member_price=Decimal(70), place_name="Oficina", capacity=7
    )
    SessionFactory(project=latest.project, starts_at=latest.starts_at - timedelta(days=30))

    form = (
        owner.get(reverse("admin:shop_session_add"), {"project": latest.project_id}).context["adminform"].form
    )

    begin = form.initial
    assert begin["starts_at"] == datetime.fromisoformat("2026-12-05 08:30")
    assert (begin["time_zone"], begin["host"], begin["capacity"]) == ("Europe/Lisbon", host.pk, 7)
    assert (begin["place_name"], begin["member_price"]) == ("Oficina", Decimal(70))


@pytest.mark.parametrize("project", ["", "0", "none", "9" * 30])
def test_a_first_session_begins_with_the_studios_clock_and_whoever_adds_it(owner, project):
    page = owner.get(reverse("admin:shop_session_add"), {"project": project})

    initial = page.context["adminform"].form.initial
    assert initial["time_zone"] == django_settings.TIME_ZONE
    assert initial["host"] == page.wsgi_request.user.pk


# Finding


@pytest.mark.parametrize(("when", "found"), [("", 2), ("today", 1), ("week", 2), ("past", 2), ("all", 4)])
def test_the_list_begins_with_what_is_to_come(owner, when, found):
    now = timezone.now()
    for start in (timedelta(days=-3), timedelta(hours=-5), timedelta(hours=1), timedelta(days=5)):
        SessionFactory(starts_at=now + start, ends_at=now + start + timedelta(hours=2))

    page = owner.get(reverse(SESSIONS), {"when": when} if when else {})

    # This noon one session of today is over, and one is to come.
    expected = 2 if when == "today" else 3 if when == "week" else found
    assert page.context["cl"].result_count == expected


def test_all_sessions_of_a_project_are_a_click_away(owner):
    session = whole_minutes()
    whole_minutes()
    page = owner.get(page_of(session.project))
    address = reverse(SESSIONS) + f"?project__id__exact={session.project_id}&when=all"

    assert address.replace("&", "&amp;") in page.text
    assert owner.get(address).context["cl"].result_count == 1


# Places are booked while staff saves


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False], ids=["with the lock", "without the lock"])
def test_nobody_books_between_the_look_at_the_capacity_and_its_change(monkeypatch, is_locked):
    """The buyer waits for the form to be saved, and then finds the new capacity.

    Without the lock the places are sold meanwhile, and saving the page forgets that they were.
    """
    if not is_locked:
        monkeypatch.setattr(sessions, "places", SimpleNamespace(lock=lambda ids, at: {}))
    owner = Client()
    owner.force_login(User.objects.create_superuser("owner@example.org", "x"))
    session = whole_minutes(capacity=2)
    data = session_data(session, capacity=1)
    outcome, looked = [], threading.Event()
    look = SessionForm.clean_capacity

    def look_and_pause(form):
        capacity = look(form)
        looked.set()
        buyer.join(timeout=1.0 if is_locked else 10.0)
        outcome.append("still waiting" if buyer.is_alive() else "did not wait")
        return capacity

    def book():
        looked.wait(timeout=10)
        try:
            cart_with((Session.objects.get(pk=session.pk), 2))
            outcome.append("booked two")
        except SessionFull:
            outcome.append("full")
        finally:
            connection.close()

    monkeypatch.setattr(SessionForm, "clean_capacity", look_and_pause)
    buyer = threading.Thread(target=book)
    buyer.start()
    response = owner.post(page_of(session), data)
    buyer.join(timeout=10)

    session.refresh_from_db()
    held = sum(line.quantity for line in session.cart_lines.filter(is_held=True))
    assert response.status_code == 302
    assert session.capacity == 1
    if is_locked:
        assert outcome[0] == "still waiting"
        assert session.seats_taken == held <= 1
    else:
        assert outcome == ["booked two", "did not wait"]
        assert session.seats_taken != held


def test_without_the_lock_the_constraint_would_still_hold(owner, monkeypatch):
    """The belt: the database refuses what the form let through."""
    session = whole_minutes(capacity=2)
    order_for((session, 2))
    monkeypatch.setattr(
        "shop.admin.forms.SessionForm.clean_capacity", lambda form: form.cleaned_data["capacity"]
    )

    with pytest.raises(IntegrityError, match="shop_session_never_oversold"):
        save(owner, session, capacity=1)
