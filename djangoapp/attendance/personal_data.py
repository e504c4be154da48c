"""What the door knows about somebody, told on request, and what it lets go when they go or when it is old.

That somebody came at that time stays, for it is counted; whose entry it was goes.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.personal_data import Person
from attendance.models import Entry, Ticket
from shop.models import Order

BATCH = 1000


def tell_visits(user: User) -> Iterator[tuple[str, object]]:
    """The tickets that this person bought, also as a guest with the same e-mail address, and who came with them."""
    yield from _visits(Order.objects.of_buyer(user, user.email))


def tell_guest(email: str) -> Iterator[tuple[str, object]]:
    yield from _visits(Order.objects.of_buyer(None, email))


def forget_names(user: User) -> None:
    """Take the names off the entries of this person's tickets."""
    _entries_of(Order.objects.of_buyer(user, user.email)).update(first_name="", last_name="")


def erase_names(person: Person) -> dict[str, int]:
    """The same for all addresses of a person, before their orders lose those."""
    mine = Q(email__in=person.addresses)
    if person.user is not None:
        mine |= Q(customer=person.user)
    named = _entries_of(Order.objects.filter(mine)).exclude(first_name="", last_name="")
    return {"entries": named.update(first_name="", last_name="")}


def forget_old_names() -> int:
    """Take names out of entries that are as old as the shop forgets attendees."""
    before = timezone.now() - timedelta(days=settings.SHOP_KEEP_ATTENDEES_DAYS)
    named = Entry.objects.filter(arrived_at__lt=before).exclude(first_name="", last_name="")
    changed = 0
    while pks := list(named.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        changed += Entry.objects.filter(pk__in=pks).update(first_name="", last_name="")
    return changed


def _visits(orders: QuerySet[Order]) -> Iterator[tuple[str, object]]:
    yield "tickets", _tickets(orders)
    yield "entries", _entries(orders)


def _tickets_of(orders: QuerySet[Order]) -> QuerySet[Ticket]:
    return Ticket.objects.filter(line__order__in=orders.order_by().values("pk"))


def _entries_of(orders: QuerySet[Order]) -> QuerySet[Entry]:
    return Entry.objects.filter(ticket__in=_tickets_of(orders))


def _tickets(orders: QuerySet[Order]) -> Iterator[dict]:
    for ticket in _tickets_of(orders).for_door().order_by("pk").iterator(chunk_size=200):
        yield {
            "code": ticket.code,
            "order": ticket.line.order.code,
            "session": ticket.line.description,
            "attendee": ticket.line.attendee_name,
            "issued_at": ticket.issued_at,
            "voided_at": ticket.voided_at,
        }


def _entries(orders: QuerySet[Order]) -> Iterator[dict]:
    entries = _entries_of(orders).select_related("ticket__line").order_by("pk")
    for entry in entries.iterator(chunk_size=200):
        yield {
            "session": entry.ticket.line.description,
            "first_name": entry.first_name,
            "last_name": entry.last_name,
            "gate": entry.gate,
            "came_at": entry.arrived_at,
            "undone_at": entry.undone_at,
        }
