"""What happened to an order, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.money import display
from shop.enums import LineStatus, OrderStatus, PaymentStatus, RefundStatus, RequestStatus, Subject
from shop.models import OrderLine, Payment, Refund, Transition
from shop.order_page.ways import provider_label


@dataclass(frozen=True)
class Happening:
    """One entry of the history, in words."""

    at: datetime
    text: str
    note: str = ""


def in_words(
    move: Transition,
    payments: dict[int, Payment],
    refunds: dict[int, Refund],
    lines: dict[int, OrderLine],
) -> str:
    """Tell a move to the buyer; an empty string for what only concerns the machinery."""
    if move.subject == Subject.ORDER:
        return {
            OrderStatus.PENDING: _("Order placed"),
            OrderStatus.PAID: _("Booking confirmed"),
            OrderStatus.EXPIRED: _("Not paid in time; the places were let go"),
            OrderStatus.CANCELLED: _("Order cancelled"),
            OrderStatus.UNFULFILLABLE: _("Paid when no place was left"),
            OrderStatus.REFUNDED: _("All money refunded"),
        }.get(move.to_status, "")
    if move.subject == Subject.LINE and (line := lines.get(move.subject_id)):
        words = {"name": line.attendee_name, "title": line.session.title}
        if move.from_status == move.to_status:
            return _("Another name on a place: %(title)s") % words
        return {
            LineStatus.CANCELLED: _("Place of %(name)s given up: %(title)s"),
            LineStatus.MOVED: _("Place of %(name)s moved to another date: %(title)s"),
        }.get(move.to_status, "") % words
    if move.subject == Subject.REQUEST:
        return {
            RequestStatus.OPEN: _("Refund asked for"),
            RequestStatus.ACCEPTED: _("Your request was accepted"),
            RequestStatus.DECLINED: _("Your request was declined"),
            RequestStatus.WITHDRAWN: _("Your request was taken back"),
        }.get(move.to_status, "")
    if move.subject == Subject.PAYMENT and (payment := payments.get(move.subject_id)):
        words = {
            "amount": display(payment.received_amount or payment.amount, payment.currency),
            "way": provider_label(payment.provider),
        }
        return {
            PaymentStatus.PAID: _("%(amount)s received: %(way)s"),
            PaymentStatus.FAILED: _("Payment failed: %(way)s"),
            PaymentStatus.MISMATCHED: _("%(amount)s received, to be checked: %(way)s"),
        }.get(move.to_status, "") % words
    if move.subject == Subject.REFUND and (refund := refunds.get(move.subject_id)):
        words = {"amount": display(refund.amount, refund.payment.currency)}
        return {
            RefundStatus.PENDING: _("Refund of %(amount)s on its way"),
            RefundStatus.DONE: _("%(amount)s refunded"),
            RefundStatus.FAILED: _("A refund of %(amount)s failed; we look into it"),
        }.get(move.to_status, "") % words
    return ""
