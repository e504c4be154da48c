"""How an order stands, in a headline."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.money import display
from shop.enums import OrderStatus, PaymentStatus
from shop.models import Order, Payment
from shop.order_page.ways import is_online


@dataclass(frozen=True)
class Headline:
    """How an order stands. ``tone`` colours it: good, waiting, open, bad or over."""

    kind: str
    tone: str
    icon: str
    title: str
    text: str


def settled(order: Order, *, has_money_back: bool) -> Headline:
    """How an order stands that nobody has to pay any more."""
    words = {"email": order.email}
    return {
        OrderStatus.PAID: Headline(
            "confirmed",
            "good",
            "check",
            _("Your booking is confirmed"),
            _("The confirmation goes to %(email)s.") % words,
        ),
        OrderStatus.EXPIRED: Headline(
            "expired",
            "over",
            "clock",
            _("This order has expired"),
            _("It was not paid in time, and the places are free for others again. Nothing was taken."),
        ),
        OrderStatus.CANCELLED: Headline(
            "cancelled",
            "over",
            "close",
            _("This order is cancelled"),
            _("The places are free for others again. What goes back to you stands below.")
            if has_money_back
            else _("The places are free for others again."),
        ),
        OrderStatus.UNFULFILLABLE: Headline(
            "too_late",
            "bad",
            "refund",
            _("Paid too late: your money goes back"),
            _("When your payment arrived, the places had gone to others. The whole amount is refunded."),
        ),
        OrderStatus.REFUNDED: Headline(
            "refunded",
            "over",
            "refund",
            _("This order is refunded"),
            _("All the money has gone back to you."),
        ),
    }[OrderStatus(order.status)]


def pending(
    order: Order, payments: list[Payment], live: Payment | None, *, is_overdue: bool, is_returned: bool
) -> Headline:
    """How an order stands that waits for its money. ``live`` is the attempt that may still bring it."""
    if any(payment.status == PaymentStatus.MISMATCHED for payment in payments):
        return Headline(
            "check",
            "waiting",
            "clock",
            _("Your payment is being looked at"),
            _("It is not quite what we had asked for. Somebody of us looks at it and writes to you."),
        )
    at_provider = live is not None and is_online(live.provider)
    if live and (live.status == PaymentStatus.PROCESSING or (is_returned and at_provider)):
        return Headline(
            "confirming",
            "waiting",
            "clock",
            _("Your payment is being confirmed"),
            _("This takes a few seconds. Your places are kept."),
        )
    if is_overdue:
        return Headline(
            "overdue",
            "waiting",
            "clock",
            _("The time to pay is over"),
            _("We are asking whether a payment is still on its way. Without one the order ends in a moment."),
        )
    if live and not at_provider:
        return Headline(
            "reserved",
            "open",
            "desk",
            _("Your places are reserved"),
            _("Pay %(amount)s at the desk. The confirmation follows as soon as it is paid.")
            % {"amount": display(order.total, order.currency)},
        )
    failed = payments and payments[0].status == PaymentStatus.FAILED
    return Headline(
        "open",
        "open",
        "warning",
        _("The payment did not go through") if failed else _("Your order waits for payment"),
        _("Nothing was taken. Your places are still kept; please try again.")
        if failed
        else _("Your places are kept for you until it is paid or the time is over."),
    )
