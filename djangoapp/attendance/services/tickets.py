"""Tickets are issued and voided in the transaction in which their places are sold and given up."""

from collections.abc import Iterable

from django.utils import timezone

from attendance.models import Ticket
from shop.models import OrderLine


def issue(lines: Iterable[OrderLine]) -> None:
    """Issue a ticket for each of these places. One that has a ticket keeps it, so repeating the call is harmless."""
    Ticket.objects.bulk_create([Ticket(line=line) for line in lines], ignore_conflicts=True)


def void(lines: Iterable[OrderLine]) -> int:
    """Make the tickets of these places worthless. Returns how many were good until now; safe to repeat."""
    return Ticket.objects.valid().filter(line__in=lines).update(voided_at=timezone.now())
