"""Tickets are issued and voided in the transaction in which their places are sold and given up."""

from collections.abc import Iterable

from django.utils import timezone

from attendance.models import Ticket
from shop.models import OrderLine


def issue(lines: Iterable[OrderLine]) -> list[Ticket]:
    """Issue a ticket for each of these places. One that has a ticket keeps it, so repeating the call is harmless."""
    lines = list(lines)
    has_one = set(Ticket.objects.filter(line__in=lines).values_list("line_id", flat=True))
    missing = [Ticket(line=line) for line in lines if line.pk not in has_one]
    return Ticket.objects.bulk_create(missing)


def void(lines: Iterable[OrderLine]) -> int:
    """Make the tickets of these places worthless. Returns how many were good until now; safe to repeat."""
    return Ticket.objects.valid().filter(line__in=lines).update(voided_at=timezone.now())
