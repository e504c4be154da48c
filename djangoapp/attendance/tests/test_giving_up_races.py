"""A door and a buyer at the same moment, on a real PostgreSQL: nobody is let in with a place whose money goes back.

Each half of it is shown to matter: without it, the same race ends with both.
"""

import threading
from collections.abc import Callable
from functools import partial

import pytest

from attendance import receivers
from attendance.enums import Verdict
from attendance.models import Ticket
from attendance.services import checkins, redeem
from attendance.tests.factories import changeable_until_it_begins, ticket_for
from shop.models import Refund, Session
from shop.services import own_orders
from shop.services.integrity import problems
from shop.tests.factories import SessionFactory
from tests.support.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LONGEST = 10  # seconds that one waits for the other, should it not come


@pytest.fixture
def ticket() -> Ticket:
    return ticket_for(changeable_until_it_begins())


def give_up(ticket: Ticket) -> None:
    own_orders.give_up(ticket.line.order, [ticket.line], expected=ticket.line.price)


def move(ticket: Ticket, to: Session) -> None:
    own_orders.move(ticket.line.order, [ticket.line], to, expected=0)


def before(step: Callable, first: Callable) -> Callable:
    def both(*arguments, **named):
        first()
        return step(*arguments, **named)

    return both


def after(step: Callable, then: Callable) -> Callable:
    def both(*arguments, **named):
        found = step(*arguments, **named)
        then()
        return found

    return both


def race(ticket: Ticket, change: Callable[[], None], *, once: threading.Event) -> tuple[Verdict, str]:
    """What the door said, and how the buyer's wish ended, which begins once the door is so far."""
    said = []

    def scan():
        said.append(redeem(ticket.code, session=ticket.line.session, by=None, nonce="one").verdict)

    def buyer():
        once.wait(LONGEST)
        change()

    ended = at_once([scan, partial(_tell, buyer, said)])
    assert ended == {"ok": 2}
    [verdict] = [each for each in said if isinstance(each, Verdict)]
    [outcome] = [each for each in said if not isinstance(each, Verdict)]
    return verdict, outcome


def _tell(job: Callable, said: list) -> None:
    try:
        job()
    except Exception as problem:
        said.append(type(problem).__name__)
    else:
        said.append("done")


@pytest.fixture
def buyer_is_first(monkeypatch) -> threading.Event:
    """The door has found the ticket good; then the buyer gives it up, and is about to commit when the door goes on."""
    door_looked, buyer_looked = threading.Event(), threading.Event()

    def meet():
        door_looked.set()
        buyer_looked.wait(LONGEST)

    monkeypatch.setattr(checkins, "judge", after(checkins.judge, meet))
    monkeypatch.setattr(
        own_orders, "check_nobody_came", after(own_orders.check_nobody_came, buyer_looked.set)
    )
    return door_looked


def test_a_place_that_is_given_up_first_lets_nobody_in(ticket, buyer_is_first):
    assert race(ticket, lambda: give_up(ticket), once=buyer_is_first) == (Verdict.CANCELLED, "done")
    assert problems() == []


def test_without_a_second_look_at_the_ticket_the_door_lets_them_in(ticket, buyer_is_first, monkeypatch):
    monkeypatch.setattr(checkins, "_is_still_valid", lambda _ticket: True)

    assert race(ticket, lambda: give_up(ticket), once=buyer_is_first) == (Verdict.WELCOME, "done")


@pytest.fixture
def door_is_first(monkeypatch) -> threading.Event:
    """The door has the ticket and has not written yet; the buyer, who saw nobody inside, comes to void it."""
    door_has_it, buyer_wants_it = threading.Event(), threading.Event()

    def meet():
        door_has_it.set()
        buyer_wants_it.wait(LONGEST)

    monkeypatch.setattr(checkins, "_is_still_valid", after(checkins._is_still_valid, meet))
    monkeypatch.setattr(receivers, "void", before(receivers.void, buyer_wants_it.set))
    return door_has_it


def test_who_is_scanned_first_keeps_the_place(ticket, door_is_first):
    assert race(ticket, lambda: give_up(ticket), once=door_is_first) == (Verdict.WELCOME, "HasCome")
    assert not Refund.objects.exists()
    assert problems() == []


def test_who_is_scanned_first_does_not_take_the_place_to_another_date(ticket, door_is_first):
    to = SessionFactory(project=ticket.line.session.project)

    assert race(ticket, lambda: move(ticket, to), once=door_is_first) == (Verdict.WELCOME, "HasCome")
    assert ticket.line.order.lines.get() == ticket.line
    assert problems() == []


def test_without_a_second_look_at_the_door_the_money_goes_back(ticket, door_is_first, monkeypatch):
    monkeypatch.setattr(own_orders, "check_nobody_came", lambda _lines: None)

    assert race(ticket, lambda: give_up(ticket), once=door_is_first) == (Verdict.WELCOME, "done")
    assert Refund.objects.exists()
