"""What follows at the door from what the shop sells. It happens in the shop's transaction: no sale without tickets."""

from django.dispatch import receiver

from attendance.services.tickets import issue, void
from shop.models import Order, OrderLine
from shop.signals import order_cancelled, order_changed, order_paid


@receiver(order_paid)
def issue_tickets(sender, order: Order, **more) -> None:
    issue(line for line in order.lines.all() if line.cancelled_at is None)


@receiver(order_changed)
def exchange_tickets(
    sender, order: Order, added: list[OrderLine], cancelled: list[OrderLine], **more
) -> None:
    """Void the tickets of places given up, and issue those of the places that came for them."""
    if cancelled:
        void(cancelled)
    if added:
        issue(added)


@receiver(order_cancelled)
def void_tickets(sender, order: Order, lines: list[OrderLine], **more) -> None:
    void(lines)
