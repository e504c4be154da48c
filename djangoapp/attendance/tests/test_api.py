"""The door in the API: letting people in, taking it back, and reading who came."""

from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import TokenScope
from accounts.tokens import make_token
from attendance.models import Entry
from attendance.services import redeem, undo, void, walk_in
from attendance.tests.factories import door_staff, session_today, ticket_for, tickets_for
from shop.tests.factories import SessionFactory, UserFactory

pytestmark = pytest.mark.django_db
SHEET, CHECKINS, WALK_INS = "/api/v1/attendance/", "/api/v1/checkins/", "/api/v1/checkins/walk-ins/"
ZURICH = ZoneInfo("Europe/Zurich")


def program(user, scope: str = TokenScope.DOOR) -> Client:
    _token, secret = make_token(user, name="Scanner", scope=scope)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def scanner(db) -> Client:
    return program(door_staff())


@pytest.fixture
def session():
    return session_today()


def post(client: Client, path: str, **body):
    return client.post(path, body, content_type="application/json")


def scan(client: Client, ticket, session, nonce: str = "one", **more):
    body = {"code": ticket.code, "session": session.slug, "nonce": nonce} | more
    return post(client, CHECKINS, **body)


def names(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.json()
    return [row["first_name"] for row in answer.json()["results"]]


# Letting people in


def test_a_scan_is_answered_with_a_verdict_and_what_it_left(scanner, session):
    ticket = ticket_for(session)

    answer = scan(scanner, ticket, session, gate="A")

    told = answer.json()
    entry = Entry.objects.get()
    assert (answer.status_code, told["verdict"], told["message"]) == (
        200,
        "welcome",
        "Welcome, Ana Keller 0.",
    )
    assert told["guest"] == {
        "first_name": "Ana",
        "last_name": "Keller 0",
        "ticket": ticket.short_code,
        "session": session.slug,
    }
    assert told["entry"] == told["recorded"]
    assert (told["entry"]["id"], told["entry"]["gate"]) == (entry.pk, "A")
    assert told["entry"]["recorded_by"] == "Dora Tür"
    assert parse_datetime(told["entry"]["arrived_at"]) == entry.arrived_at


def test_the_same_scan_sent_again_gets_the_same_answer(scanner, session):
    ticket = ticket_for(session)

    first, again = (scan(scanner, ticket, session).json() for _time in range(2))
    other = scan(scanner, ticket, session, nonce="two").json()

    assert first == again
    assert (other["verdict"], other["entry"]["id"], other["recorded"]) == (
        "already_in",
        first["entry"]["id"],
        None,
    )
    assert Entry.objects.count() == 1


def test_what_is_told_later_stays_a_fact(scanner, session):
    ticket = ticket_for(session)
    scan(scanner, ticket, session)
    at = timezone.now() - timedelta(minutes=7)

    told = scan(scanner, ticket, session, nonce="later", at=at.isoformat()).json()

    assert told["verdict"] == "already_in"
    assert told["recorded"]["is_conflict"]
    assert parse_datetime(told["recorded"]["arrived_at"]) == at


def test_each_refusal_is_a_verdict_and_no_error(scanner, session):
    other = SessionFactory(starts_at=timezone.now() + timedelta(days=3))
    good, gone = tickets_for(session, 2)
    void([gone.line])
    early = ticket_for(other, email="c@example.org")

    answers = {
        "wrong_session": scan(scanner, good, other),
        "cancelled": scan(scanner, gone, session),
        "too_early": scan(scanner, early, other),
        "unknown": post(scanner, CHECKINS, code="?", session=session.slug, nonce="x"),
    }

    assert {name: answer.json()["verdict"] for name, answer in answers.items()} == {
        name: name for name in answers
    }
    assert answers["unknown"].json()["guest"] is None
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nonce": ""}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "x" * 65}, "nonce"),
        ({"session": "no-such-session"}, "session"),
        ({"session": 7.5}, "session"),
        ({"code": "x" * 501}, "code"),
        ({"gate": "x" * 41}, "gate"),
        ({"gate": "A\x07"}, "gate"),
        ({"at": "yesterday"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
    ],
)
def test_what_cannot_be_understood_is_named(scanner, session, changes, field):
    answer = post(scanner, CHECKINS, **{"code": "x", "session": session.slug, "nonce": "one"} | changes)

    assert answer.status_code == 400
    assert [error["name"] for error in answer.json()["errors"]] == [field]


def test_a_nonce_of_somebody_else_is_a_conflict(scanner, session):
    ana, jon = tickets_for(session, 2)
    scan(scanner, ana, session)

    assert scan(scanner, jon, session).status_code == 409


def test_somebody_without_a_ticket_is_noted_once(scanner, session):
    body = {"first_name": "Eva", "last_name": "Ødegård", "gate": "A", "nonce": "one"}

    answers = [post(scanner, WALK_INS, session=session.slug, **body).json() for _time in range(2)]

    assert answers[0] == answers[1]
    assert (answers[0]["verdict"], answers[0]["guest"]) == ("welcome", None)
    assert Entry.objects.get().session == session
    assert post(scanner, WALK_INS, **body | {"nonce": "two"}).json()["entry"]["session"] is None


def test_an_entry_is_taken_back(scanner, session):
    entry = scan(scanner, ticket_for(session), session).json()["entry"]

    told = [post(scanner, f"{CHECKINS}{entry['id']}/undo/", nonce="undo").json() for _time in range(2)]

    assert told[0] == told[1]
    assert told[0]["undone_by"] == "Dora Tür"
    assert not Entry.objects.counted().exists()
    for unknown in (entry["id"] + 1, 2**70):
        assert post(scanner, f"{CHECKINS}{unknown}/undo/").status_code == 404


@pytest.mark.parametrize("nonce", ["\x01", "\x00", "x" * 200])
def test_an_attempt_with_an_unfit_name_takes_nothing_back(nonce, scanner, session):
    entry = scan(scanner, ticket_for(session), session).json()["entry"]

    answer = post(scanner, f"{CHECKINS}{entry['id']}/undo/", nonce=nonce)

    assert answer.status_code == 400
    assert [error["name"] for error in answer.json()["errors"]] == ["nonce"]
    assert Entry.objects.counted().exists()


# Reading


@pytest.fixture
def entries(session):
    """Three people of yesterday and today, at two gates, one of them undone."""
    noon = datetime(2026, 11, 28, 12, tzinfo=ZURICH)
    for name, hours, gate, where in (
        ("Late", 1, "A", session),
        ("Early", -1, "B", None),
        ("Yesterday", -13, "A", session),
        ("Mistake", 0, "A", session),
    ):
        entry = walk_in(where, name, "K", gate).entry
        at = noon + timedelta(hours=hours)
        Entry.objects.filter(pk=entry.pk).update(arrived_at=at, changed_at=at)
    undo(Entry.objects.get(first_name="Mistake"), by=None)
    Entry.objects.filter(first_name="Mistake").update(changed_at=noon + timedelta(hours=5))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Yesterday", "Early", "Late"]),
        ("?date=2026-11-28", ["Early", "Late"]),
        ("?date=20261127", ["Yesterday"]),
        ("?date=today", []),
        ("?gate=A", ["Yesterday", "Late"]),
        ("?date=2026-11-28&gate=B", ["Early"]),
        ("?since=2026-11-28T12:00:00%2B01:00", ["Late"]),
        ("?page_size=1&page=2", ["Early"]),
    ],
)
def test_the_sheet_is_read_by_day_gate_and_since(scanner, entries, query, found):
    assert names(scanner, f"{SHEET}{query}") == found


def test_the_sheet_is_read_by_session(scanner, entries, session):
    assert names(scanner, f"{SHEET}?session={session.slug}") == ["Yesterday", "Late"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("date=2026-02-30", "date"),
        ("date=soon", "date"),
        ("session=none", "session"),
        ("since=now", "since"),
        ("gate=" + "x" * 41, "gate"),
        ("gate=%00", "gate"),
    ],
)
def test_a_filter_that_cannot_be_understood_is_named(scanner, query, field):
    for path in (SHEET, CHECKINS):
        answer = scanner.get(f"{path}?{query}")
        assert answer.status_code == 400
        assert [error["name"] for error in answer.json()["errors"]] == [field]


def test_what_changed_is_read_in_the_order_of_change_undone_entries_among_it(scanner, entries):
    assert names(scanner, CHECKINS) == ["Yesterday", "Early", "Late", "Mistake"]
    assert names(scanner, f"{CHECKINS}?since=2026-11-28T13:00:00%2B01:00") == ["Late", "Mistake"]
    [row] = scanner.get(f"{CHECKINS}?since=2026-11-28T16:00:00%2B01:00").json()["results"]
    assert row["undone_at"] is not None


@pytest.mark.parametrize("path", [SHEET, CHECKINS])
@pytest.mark.parametrize("number", [1, 5])
def test_a_page_costs_the_same_however_many_are_on_it(
    scanner, session, path, number, django_assert_num_queries
):
    for ticket in tickets_for(session, number):
        redeem(ticket.code, session=session, by=door_staff(email=f"{ticket.pk}@example.org"), nonce=None)

    with django_assert_num_queries(6):  # the limit, the token, its owner's permissions, the rows
        assert len(names(scanner, path)) == number


def test_a_scan_costs_the_same_however_many_came(scanner, session, django_assert_num_queries):
    tickets = tickets_for(session, 4)
    scan(scanner, tickets.pop(), session, nonce="first")

    for number, ticket in enumerate(tickets):
        with django_assert_num_queries(11):
            assert scan(scanner, ticket, session, nonce=f"{number}").json()["verdict"] == "welcome"


# Who may call


@pytest.mark.parametrize(
    ("scope", "works_at_door", "status"),
    [
        (TokenScope.READ, True, 403),
        (TokenScope.WRITE, True, 403),
        (TokenScope.DOOR, False, 403),
        (TokenScope.DOOR, True, 200),
    ],
)
def test_only_tokens_for_the_door_open(session, scope, works_at_door, status):
    client = program(door_staff() if works_at_door else UserFactory(is_staff=True), scope)
    entry = walk_in(session, "Eva", "Keller").entry
    ticket = ticket_for(session)

    answers = [client.get(SHEET), client.get(CHECKINS), scan(client, ticket, session)]
    answers += [post(client, f"{CHECKINS}{entry.pk}/undo/")]
    answers += [post(client, WALK_INS, first_name="A", last_name="B", nonce="walk-in")]

    assert [answer.status_code for answer in answers] == [status] * 5


def test_without_a_token_nothing_opens(client, session):
    for method, path in product(("get", "post"), (SHEET, CHECKINS, WALK_INS, f"{CHECKINS}1/undo/")):
        assert getattr(client, method)(path).status_code in (401, 405)
