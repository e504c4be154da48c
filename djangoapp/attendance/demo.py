"""The demo's doors: who came to what is over, and who is in at the session that runs now.

A session is told once, when it has begun and nobody is noted yet; so loading again changes nothing.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from attendance.models import Entry, Ticket
from attendance.services import redeem, undo, walk_in
from shop import demo_story as story
from shop.enums import OrderStatus
from shop.models import OrderLine, Session

DOOR = next(person.email for person in story.PEOPLE if person.role == "door")
GATES = ("A", "A", "B")  # most come by the main entrance
SHOW_RATE = 0.9
WALK_IN_RATE = 0.3  # of the sessions


@transaction.atomic
def load(say: Callable[[str], None]) -> None:
    """Let the people of the demo come to the sessions that have begun."""
    keeper = User.objects.filter(email=DOOR).first()
    if keeper is None:
        return
    _date_tickets()
    now = timezone.now()
    say(f"{_let_in_long_ago(keeper)} people who came long ago")
    of_story = Session.objects.filter(project__slug__in=[told.slug for told in story.PROJECTS])
    begun = of_story.filter(starts_at__lte=now).exclude(Exists(Entry.objects.filter(session=OuterRef("pk"))))
    told = 0
    for session in begun.select_related("project").order_by("starts_at", "pk"):
        if tickets := list(Ticket.objects.valid().of_session(session).order_by("line")):
            _open_door(session, tickets, keeper, now)
            told += 1
    say(f"{told} sessions to which people came")


def _let_in_long_ago(keeper: User) -> int:
    """Give the sales of the year before, written as rows, their tickets; most people came. Returns how many."""
    lines = OrderLine.objects.places().filter(order__status=OrderStatus.PAID, ticket=None)
    lines = list(lines.select_related("order", "session").order_by("pk"))
    tickets = Ticket.objects.bulk_create(
        [Ticket(line=line, issued_at=line.order.paid_at) for line in lines], batch_size=500
    )
    entries = []
    for ticket in tickets:
        line = ticket.line
        dice = random.Random(f"{line.order.email} {line.session.slug} {line.position}")  # noqa: S311
        if dice.random() < SHOW_RATE:
            at = _arrival(line.session, dice, timezone.now())
            entries.append(
                Entry(
                    ticket=ticket,
                    session=line.session,
                    first_name=line.attendee_first_name,
                    last_name=line.attendee_last_name,
                    gate=dice.choice(GATES),
                    arrived_at=at,
                    recorded_at=at,
                    changed_at=at,
                    recorded_by=keeper,
                )
            )
    return len(Entry.objects.bulk_create(entries, batch_size=500))


def _date_tickets() -> None:
    """Sales of the demo were moved into the past; their tickets follow."""
    order = OrderLine.objects.filter(pk=OuterRef("line"))
    paid_at = Subquery(order.values("order__paid_at"))
    Ticket.objects.filter(issued_at__gt=F("line__order__paid_at")).update(issued_at=paid_at)
    closed_at = Subquery(order.values("order__closed_at"))
    Ticket.objects.filter(voided_at__gt=F("line__order__closed_at")).update(voided_at=closed_at)


def _open_door(session: Session, tickets: list[Ticket], keeper: User, now: datetime) -> None:
    dice = random.Random(session.slug)  # noqa: S311 - it falls the same way each time
    is_running = session.ends_at > now
    # At a session that runs some are still on their way, so that there is somebody to check in.
    expected = tickets[: max(1, len(tickets) * 2 // 3)] if is_running else tickets
    for number, ticket in enumerate(expected):
        if is_running or dice.random() < SHOW_RATE:
            _come(session, ticket, keeper, _arrival(session, dice, now), dice.choice(GATES), number)
    if is_running or dice.random() < WALK_IN_RATE:
        guest = dice.choice(story.GUESTS)
        answer = walk_in(
            session, guest.first_name, guest.last_name, "A", keeper, f"demo {session.pk} walk-in"
        )
        _move(answer.entry, _arrival(session, dice, now))
    if is_running and len(expected) > 1:
        _make_mistakes(session, tickets, keeper, now)


def _come(session, ticket: Ticket, keeper: User, at: datetime, gate: str, number: int) -> None:
    nonce = f"demo {session.pk} {number}"
    _move(redeem(ticket.code, session=session, gate=gate, by=keeper, nonce=nonce).entry, at)


def _make_mistakes(session: Session, tickets: list[Ticket], keeper: User, now: datetime) -> None:
    """One ticket let in two people while a telephone had no network, and one person was let in by mistake."""
    first, last = tickets[0], tickets[-1]
    at = now - timedelta(minutes=3)
    redeem(first.code, session=session, gate="B", by=keeper, nonce=f"demo {session.pk} twice", at=at)
    nonce = f"demo {session.pk} mistake"
    entry = redeem(last.code, session=session, gate="A", by=keeper, nonce=nonce).entry
    if entry is not None:
        undo(entry, by=keeper)


def _arrival(session: Session, dice: random.Random, now: datetime) -> datetime:
    """Most come in the quarter of an hour before the beginning, a few late; nobody in the future."""
    minutes = min(dice.gauss(-9, 7), 25)
    return min(session.starts_at + timedelta(minutes=minutes), now - timedelta(minutes=1))


def _move(entry: Entry | None, at: datetime) -> None:
    """Put an entry at its time of the story."""
    if entry is not None:
        Entry.objects.filter(pk=entry.pk).update(arrived_at=at, recorded_at=at, changed_at=at)
