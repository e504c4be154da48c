"""What the demo's buyers change after the sale: they cancel, move, write another name, or ask for money back."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from shop.models import Order, Refund, Session
from shop.services import own_orders, refunds, requests
from shop.services.orders import Attendee

REASON = (
    "My daughter has broken her arm this morning, and we cannot come. I know that it is late; "
    "is there anything you can do?"
)


class Changes:
    """Endings of orders, for the till of ``demo_sales``. Each returns how long it took, as the till's own do.

    Where a session is too near or too far for what an ending tells, the order is paid and that is all.
    """

    filled: dict[Session, int]
    cashier: object
    pay_later: Callable[[Order], timedelta]

    def cancel_one(self, order: Order) -> timedelta:
        """One of the two cannot come; what goes back waits at the desk."""
        took = self.pay_later(order)
        choices = [choice for choice in _choices(order) if choice.can_give_up]
        if len(choices) > 1:
            done = own_orders.give_up(order, [choices[-1].line], expected=choices[-1].back)
            _ask_desk(done.refund)
        return took

    def move_one(self, order: Order) -> timedelta:
        """One of the two comes on another date."""
        took = self.pay_later(order)
        choices = [choice for choice in _choices(order) if choice.can_move][-1:]
        # Some of the places there may not be sold yet, and two more may be wanted.
        to_come = {
            session.pk
            for session, sold in self.filled.items()
            if session.starts_at > timezone.now() and session.capacity - sold > 2
        }
        dates = own_orders.dates_for(order, choices, at=timezone.now()) if choices else []
        for date in dates:
            if date.is_possible and date.session.pk in to_come:
                done = own_orders.move(
                    order, [choice.line for choice in choices], date.session, expected=date.back
                )
                _ask_desk(done.refund)
                break
        return took

    def send_somebody_else(self, order: Order) -> timedelta:
        """A friend comes instead."""
        took = self.pay_later(order)
        line = order.lines.order_by("position").last()
        own_orders.rename(order, {line.pk: Attendee("Leonie", "Amrein")})
        return took

    def ask(self, order: Order) -> timedelta:
        """Too late to cancel: the studio is asked, and has not answered yet."""
        took = self.pay_later(order)
        choices = [choice for choice in _choices(order) if choice.can_ask]
        if choices:
            requests.ask(order, [choice.line for choice in choices], reason=REASON)
        return took

    def ask_and_get_half(self, order: Order) -> timedelta:
        """The same, and the studio gave half of it back."""
        took = self.ask(order)
        asked = order.refund_requests.open().first()
        if asked is not None:
            half = (asked.wanted / 2).quantize(Decimal("0.05"))
            requests.accept(
                asked, half, answer="Get well soon! We could fill one of the places.", actor=self.cashier
            )
            refunds.pay_out(refunds.push(Refund.objects.latest("pk").pk), actor=self.cashier)
        return took


def _choices(order: Order) -> list[own_orders.Choice]:
    return own_orders.choices_of(Order.objects.get(pk=order.pk), at=timezone.now())


def _ask_desk(refund: Refund | None) -> None:
    """Let the refund wait where it is to be paid out."""
    if refund is not None:
        refunds.push(refund.pk)
