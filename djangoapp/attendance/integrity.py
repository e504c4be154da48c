"""Does every place have its ticket, and every ticket its place? A part of ``manage.py check_integrity``."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from attendance.models import Ticket
from shop.enums import OrderStatus
from shop.models import OrderLine
from shop.services.integrity import MOST, Problem


def tickets() -> Iterator[Problem]:
    """A place of a confirmed order has a ticket that is good; no other ticket is."""
    places = OrderLine.objects.filter(order__status=OrderStatus.PAID, cancelled_at__isnull=True)
    without = places.exclude(Exists(Ticket.objects.valid().filter(line=OuterRef("pk"))))
    for line in without.select_related("order")[:MOST]:
        yield Problem(
            "place without a ticket", f"order {line.order.code}", f"place {line.position} has no ticket"
        )
    placeless = Ticket.objects.valid().exclude(Exists(places.filter(pk=OuterRef("line"))))
    for ticket in placeless.select_related("line__order")[:MOST]:
        yield Problem(
            "ticket without a place",
            f"order {ticket.line.order.code}",
            f"the ticket of place {ticket.line.position} opens the door, but nobody keeps the place",
        )
