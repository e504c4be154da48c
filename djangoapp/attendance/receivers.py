"""What follows at the door from what the shop sells. It happens in the shop's transaction: no sale without tickets."""

from django.dispatch import receiver

from attendance.services.tickets import issue, void
from shop.models import Order
from shop.signals import order_cancelled, order_paid


@receiver(order_paid)
def issue_tickets(sender, order: Order, **more) -> None:
    issue(order.lines.filter(cancelled_at__isnull=True))


@receiver(order_cancelled)
def void_tickets(sender, order: Order, **more) -> None:
    void(order.lines.all())
