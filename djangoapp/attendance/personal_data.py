"""What the door knows about somebody, for the account's download, and what it lets go when the account is deleted."""

from collections.abc import Iterator

from accounts.models import User
from attendance.models import Entry, Ticket
from shop.models import Order


def tell_visits(user: User) -> Iterator[tuple[str, object]]:
    """The tickets that this person bought, also as a guest with the same e-mail address, and who came with them."""
    yield "tickets", _tickets(user)
    yield "entries", _entries(user)


def forget_names(user: User) -> None:
    """Take the names off the entries of this person's tickets. That somebody came at that time stays: it is counted."""
    _entries_of(user).update(first_name="", last_name="")


def _orders_of(user: User):
    return Order.objects.of_buyer(user, user.email).order_by().values("pk")


def _entries_of(user: User):
    return Entry.objects.filter(ticket__in=Ticket.objects.filter(line__order__in=_orders_of(user)))


def _tickets(user: User) -> Iterator[dict]:
    tickets = Ticket.objects.filter(line__order__in=_orders_of(user)).for_door().order_by("pk")
    for ticket in tickets.iterator(chunk_size=200):
        yield {
            "code": ticket.code,
            "order": ticket.line.order.code,
            "session": ticket.line.description,
            "attendee": ticket.line.attendee_name,
            "issued_at": ticket.issued_at,
            "voided_at": ticket.voided_at,
        }


def _entries(user: User) -> Iterator[dict]:
    entries = _entries_of(user).select_related("ticket__line").order_by("pk")
    for entry in entries.iterator(chunk_size=200):
        yield {
            "session": entry.ticket.line.description,
            "first_name": entry.first_name,
            "last_name": entry.last_name,
            "gate": entry.gate,
            "came_at": entry.arrived_at,
            "undone_at": entry.undone_at,
        }
