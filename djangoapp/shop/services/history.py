"""Moves of the state machines: checked against their table, and written down."""

from core import rows
from core.rows import in_one_go
from shop.enums import LINE_MOVES, MOVES, Subject
from shop.exceptions import IllegalMove
from shop.models import (
    Cart,
    Dispute,
    Order,
    OrderLine,
    Payment,
    Refund,
    RefundRequest,
    Transition,
    WaitingEntry,
)

_SUBJECTS = {
    Cart: Subject.CART,
    Order: Subject.ORDER,
    OrderLine: Subject.LINE,
    Payment: Subject.PAYMENT,
    Refund: Subject.REFUND,
    Dispute: Subject.DISPUTE,
    RefundRequest: Subject.REQUEST,
    WaitingEntry: Subject.WAITING,
}
Thing = Cart | Order | Payment | Refund | Dispute | WaitingEntry | RefundRequest

__all__ = ["begin", "in_one_go", "move", "tell"]


def begin(thing: Thing, *, actor=None, note: str = "") -> None:
    """Write the first row of something's history."""
    _write(thing, "", thing.status, actor, note)


def move(thing: Thing, to: str, *, actor=None, note: str = "", also: tuple[str, ...] = ()) -> None:
    """Move to another state, save it with the fields named in ``also``, and write the history row.

    The caller holds the row's lock and has read it since. Raises ``IllegalMove``.
    """
    subject = _SUBJECTS[type(thing)]
    before = thing.status
    if to not in MOVES[subject][before]:
        raise IllegalMove(f"A {subject} cannot go from {before} to {to}.")
    thing.status = to
    thing.save(update_fields=["status", "updated_at", *also])
    _write(thing, before, to, actor, note)


def tell(line: OrderLine, before: str, after: str, *, actor=None, note: str = "") -> None:
    """Write what became of one place. Its line has no state of its own: the caller has saved what tells it."""
    if before and after not in LINE_MOVES[before]:
        raise IllegalMove(f"A place cannot go from {before} to {after}.")
    _write(line, before, after, actor, note)


def _write(thing, before: str, after: str, actor, note: str) -> None:
    order_id = {
        Cart: lambda: None,
        Order: lambda: thing.pk,
        OrderLine: lambda: thing.order_id,
        Payment: lambda: thing.order_id,
        Refund: lambda: thing.payment.order_id,
        Dispute: lambda: thing.payment.order_id,
        RefundRequest: lambda: thing.order_id,
        WaitingEntry: lambda: None,
    }[type(thing)]()
    rows.add(
        Transition(
            subject=_SUBJECTS[type(thing)],
            subject_id=thing.pk,
            order_id=order_id,
            from_status=before,
            to_status=after,
            actor=actor,
            note=note[:200],
        )
    )
