"""Doors at the same moment, on a real PostgreSQL. Taking the constraint out shows what it is there for."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection

from attendance.enums import Verdict
from attendance.models import Entry, Ticket
from attendance.services import Answer, checkins, redeem, undo, walk_in
from attendance.tests.factories import door_staff, session_today, ticket_for, tickets_for
from shop.models import Session
from shop.services.integrity import problems
from tests.support.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DOORS = 10


@pytest.fixture
def session() -> Session:
    return session_today()


@pytest.fixture
def ticket(session) -> Ticket:
    return ticket_for(session)


def after_all_looked(step: Callable, number: int = DOORS) -> Callable:
    """Let so many doors look before the first of them writes: a race as it is at its worst. Second looks go on."""
    barrier = threading.Barrier(number)
    first_looks = iter(range(number))

    def together(*arguments, **named):
        found = step(*arguments, **named)
        if next(first_looks, None) is not None:
            with suppress(threading.BrokenBarrierError):
                barrier.wait(timeout=20)
        return found

    return together


@pytest.fixture
def all_look_first(monkeypatch) -> None:
    monkeypatch.setattr(checkins, "judge", after_all_looked(checkins.judge))


@pytest.fixture
def without_ticket_constraint() -> Iterator[None]:
    """Nothing in the database stops a second entry for one ticket."""
    [constraint] = [one for one in Entry._meta.constraints if one.name == "attendance_entry_once_per_ticket"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Entry, constraint)
    yield
    Entry.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Entry, constraint)


@pytest.fixture
def without_nonce_constraint() -> Iterator[None]:
    """Nothing in the database stops a second entry of one scan."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE attendance_entry DROP CONSTRAINT attendance_entry_nonce_key")
    yield
    Entry.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE attendance_entry ADD CONSTRAINT attendance_entry_nonce_key UNIQUE (nonce)"
        )


def answers_of(scans: list[Callable[[], Answer]]) -> list[Answer]:
    """What each door said, all at the same moment."""
    answers: list[Answer] = []
    ended = at_once([lambda scan=scan: answers.append(scan()) for scan in scans])
    assert ended == {"ok": len(scans)}
    return answers


def verdicts(answers: list[Answer]) -> Counter:
    return Counter(answer.verdict for answer in answers)


def doors(ticket: Ticket, session: Session, **more) -> list[Callable[[], Answer]]:
    """So many doors that scan one ticket, each with a scan of its own."""
    return [
        partial(redeem, ticket.code, session=session, gate=f"{door}", by=None, nonce=f"scan {door}", **more)
        for door in range(DOORS)
    ]


def test_of_two_doors_one_says_welcome_and_one_already_in(session, ticket, monkeypatch):
    monkeypatch.setattr(checkins, "judge", after_all_looked(checkins.judge, number=2))
    dora, emil = door_staff(), door_staff(email="emil@example.org", first_name="Emil")

    first, second = sorted(
        answers_of(
            [
                partial(redeem, ticket.code, session=session, gate="A", by=dora, nonce="at A"),
                partial(redeem, ticket.code, session=session, gate="B", by=emil, nonce="at B"),
            ]
        ),
        key=lambda answer: not answer.is_welcome,
    )

    assert (first.verdict, second.verdict) == (Verdict.WELCOME, Verdict.ALREADY_IN)
    assert first.entry == second.entry == Entry.objects.get()
    assert f"gate {first.entry.gate}, let in by {first.entry.recorded_by}." in second.message


def test_of_ten_doors_one_says_welcome(session, ticket, all_look_first):
    answers = answers_of(doors(ticket, session))

    assert verdicts(answers) == {Verdict.WELCOME: 1, Verdict.ALREADY_IN: DOORS - 1}
    assert {answer.entry for answer in answers} == {Entry.objects.get()}


def test_without_the_constraint_several_doors_say_welcome(
    session, ticket, all_look_first, without_ticket_constraint
):
    answers = answers_of(doors(ticket, session))

    assert verdicts(answers)[Verdict.WELCOME] > 1
    assert Entry.objects.counted().count() > 1


def test_one_scan_sent_ten_times_at_once_counts_once(session, ticket, all_look_first):
    scan = partial(redeem, ticket.code, session=session, gate="A", by=None, nonce="one")

    answers = answers_of([scan] * DOORS)

    assert verdicts(answers) == {Verdict.WELCOME: DOORS}
    assert {answer.entry for answer in answers} == {Entry.objects.get()}


def walk_ins(session: Session) -> list[Callable[[], Answer]]:
    """One and the same attempt to note somebody, sent by so many connections."""
    return [partial(walk_in, session, "Eva", "Keller", "A", None, "one")] * DOORS


def test_one_walk_in_sent_ten_times_at_once_counts_once(session, monkeypatch):
    monkeypatch.setattr(checkins, "_of_nonce", after_all_looked(checkins._of_nonce))

    answers = answers_of(walk_ins(session))

    assert {answer.entry for answer in answers} == {Entry.objects.get()}


def test_without_the_constraint_one_walk_in_counts_several_times(
    session, monkeypatch, without_nonce_constraint
):
    monkeypatch.setattr(checkins, "_of_nonce", after_all_looked(checkins._of_nonce))

    answers_of(walk_ins(session))

    assert Entry.objects.count() > 1


def test_what_ten_telephones_tell_later_leaves_one_that_counts_and_the_conflicts(
    session, ticket, all_look_first
):
    at = ticket.issued_at

    answers = answers_of(doors(ticket, session, at=at))

    assert verdicts(answers) == {Verdict.WELCOME: 1, Verdict.ALREADY_IN: DOORS - 1}
    assert Entry.objects.counted().count() == 1
    assert Entry.objects.conflicts().count() == DOORS - 1


def test_undoing_while_others_scan_never_leaves_two_in(session, ticket):
    entry = redeem(ticket.code, session=session, by=None, nonce="first").entry
    redeem(ticket.code, session=session, by=None, nonce="later", at=ticket.issued_at)
    undoing = [partial(undo, entry, by=None)] * 3

    ended = at_once([*undoing, *doors(ticket, session)])

    assert ended == {"ok": DOORS + 3}
    assert Entry.objects.counted().count() == 1


def test_many_people_at_many_doors_all_come_in(session):
    tickets = tickets_for(session, 12)
    scans = [
        partial(redeem, ticket.code, session=session, gate=gate, by=None, nonce=f"{gate} {ticket.pk}")
        for ticket in tickets
        for gate in "ABC"
    ]

    answers = answers_of(scans)

    assert verdicts(answers) == {Verdict.WELCOME: 12, Verdict.ALREADY_IN: 24}
    assert {entry.ticket_id for entry in Entry.objects.counted()} == {ticket.pk for ticket in tickets}
    assert problems() == []
