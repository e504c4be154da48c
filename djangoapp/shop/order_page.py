"""What the page of an order says: how it stands, in a headline; what it holds; what happened so far."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.money import ZERO, display
from shop.enums import LineStatus, OrderStatus, PaymentStatus, RefundStatus, Subject
from shop.models import Order, OrderLine, Payment, Refund, Session, Transition
from shop.providers import get_provider, offered
from shop.services.pricing import PricePart, TaxShare, parts_of


@dataclass(frozen=True)
class Headline:
    """How an order stands. ``tone`` colours it: good, waiting, open, bad or over."""

    kind: str
    tone: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class Booked:
    """The places of an order in one session."""

    session: Session
    lines: list[OrderLine]

    @property
    def total(self) -> Decimal:
        return sum((line.unit_price for line in self.lines), ZERO)

    @property
    def parts(self) -> list[PricePart]:
        """Places that were sold at the same price for the same reason, together."""
        return parts_of((line.unit_price, line.price_reason) for line in self.lines)

    @property
    def reasons(self) -> list[str]:
        """Why places cost what they cost, where it was not the usual price."""
        parts = [part for part in self.parts if part.reason]
        if len(self.parts) == 1:
            return [part.reason for part in parts]
        return [f"{part.count} × {part.reason}" for part in parts]

    @property
    def promise(self) -> list[str]:
        """What was promised with the places that are kept: sentences, each once."""
        kept = [line for line in self.lines if line.cancelled_at is None]
        return list(dict.fromkeys(words for line in kept for words in line.promise))

    @property
    def is_cancelled(self) -> bool:
        return all(line.cancelled_at for line in self.lines)


@dataclass(frozen=True)
class Happening:
    """One entry of the history, in words."""

    at: datetime
    text: str
    note: str = ""


class OrderPage:
    """An order (from ``for_page()``) as its page and its mails show it. ``is_returned``: fresh from the provider."""

    def __init__(self, order: Order, *, is_returned: bool = False) -> None:
        self.order = order
        self.payments = list(order.payments.all())
        self.is_returned = is_returned

    @cached_property
    def headline(self) -> Headline:
        """How the order stands."""
        return self._pending() if self.order.is_pending else self._settled()

    @property
    def live(self) -> Payment | None:
        """The attempt that may still bring money."""
        live = (PaymentStatus.CREATED, PaymentStatus.OPEN, PaymentStatus.PROCESSING)
        return next((payment for payment in self.payments if payment.status in live), None)

    @property
    def received(self) -> list[Payment]:
        return [payment for payment in self.payments if payment.received_amount]

    @property
    def refunds(self) -> list[Refund]:
        """Money that went back or is on its way, oldest first."""
        found = [refund for payment in self.payments for refund in payment.refunds.all()]
        return sorted(
            (refund for refund in found if refund.status != RefundStatus.FAILED), key=lambda refund: refund.pk
        )

    @property
    def is_overdue(self) -> bool:
        return bool(self.order.expires_at and self.order.expires_at <= timezone.now())

    @property
    def is_out_of_time(self) -> bool:
        """Whether the attempt that is still live can no longer be used."""
        return bool(self.live and self.live.expires_at and self.live.expires_at <= timezone.now())

    @property
    def is_waiting(self) -> bool:
        """Whether the page will change by itself."""
        return self.headline.kind in {"confirming", "overdue"}

    @property
    def can_pay(self) -> bool:
        return self.headline.kind in {"open", "reserved"}

    @property
    def can_cancel(self) -> bool:
        return self.can_pay

    @property
    def can_book_again(self) -> bool:
        return self.headline.kind in {"expired", "cancelled", "too_late", "refunded"}

    @property
    def kept_until(self) -> datetime | None:
        """Until when the buyer can pay, on the shop's clock."""
        until = self.live.expires_at if self.live else self.order.expires_at
        return until and timezone.localtime(until)

    @property
    def offers(self):
        """The ways to pay that make sense now: at the desk already, only the others."""
        at_desk = self.headline.kind == "reserved"
        return [offer for offer in offered() if offer.provider.is_online or not at_desk]

    @property
    def sessions(self) -> list[Booked]:
        return booked_sessions(self.order)

    @property
    def taxes(self) -> list[TaxShare]:
        rates: dict[tuple[str, Decimal], list[OrderLine]] = {}
        for line in self.order.lines.all():
            rates.setdefault((line.tax_name, line.tax_rate), []).append(line)
        return [
            TaxShare(
                name, rate, sum((line.price for line in lines), ZERO), sum((line.tax for line in lines), ZERO)
            )
            for (name, rate), lines in sorted(rates.items())
            if rate
        ]

    @property
    def has_invoice(self) -> bool:
        """Whether something was sold that costs something. The worker may be about to issue the invoice."""
        return bool(self.order.paid_at and self.order.total)

    @property
    def is_changed(self) -> bool:
        """Whether places were given up or moved, so that there is more than one document."""
        return any(line.cancelled_at for line in self.order.lines.all())

    @property
    def happenings(self) -> list[Happening]:
        payments = {payment.pk: payment for payment in self.payments}
        refunds = {refund.pk: refund for payment in self.payments for refund in payment.refunds.all()}
        lines = {line.pk: line for line in self.order.lines.all()}
        told = []
        for move in self.order.history.all():
            if text := _in_words(move, payments, refunds, lines):
                told.append(Happening(move.at, text))
        return told

    def _settled(self) -> Headline:
        money_back = bool(self.refunds)
        words = {"email": self.order.email}
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
                _("Your money is on its way back.")
                if money_back
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
        }[OrderStatus(self.order.status)]

    def _pending(self) -> Headline:
        if any(payment.status == PaymentStatus.MISMATCHED for payment in self.payments):
            return Headline(
                "check",
                "waiting",
                "clock",
                _("Your payment is being looked at"),
                _("It is not quite what we had asked for. Somebody of us looks at it and writes to you."),
            )
        live = self.live
        is_online = live is not None and _is_online(live.provider)
        if live and (live.status == PaymentStatus.PROCESSING or (self.is_returned and is_online)):
            return Headline(
                "confirming",
                "waiting",
                "clock",
                _("Your payment is being confirmed"),
                _("This takes a few seconds. Your places are kept."),
            )
        if self.is_overdue:
            return Headline(
                "overdue",
                "waiting",
                "clock",
                _("The time to pay is over"),
                _(
                    "We are asking whether a payment is still on its way. Without one the order ends in a moment."
                ),
            )
        if live and not is_online:
            return Headline(
                "reserved",
                "open",
                "desk",
                _("Your places are reserved"),
                _("Pay %(amount)s at the desk. The confirmation follows as soon as it is paid.")
                % {"amount": display(self.order.total, self.order.currency)},
            )
        failed = self.payments and self.payments[0].status == PaymentStatus.FAILED
        return Headline(
            "open",
            "open",
            "warning",
            _("The payment did not go through") if failed else _("Your order waits for payment"),
            _("Nothing was taken. Your places are still kept; please try again.")
            if failed
            else _("Your places are kept for you until it is paid or the time is over."),
        )


@dataclass(frozen=True)
class Row:
    """An order in a list."""

    order: Order
    badge: str
    badge_tone: str  # a class of .badge

    @property
    def sessions(self) -> list[Booked]:
        return booked_sessions(self.order)


def row_of(order: Order) -> Row:
    tone = {
        OrderStatus.PAID: "",
        OrderStatus.PENDING: "few",
        OrderStatus.UNFULFILLABLE: "bad",
    }.get(order.status, "plain")
    return Row(order, order.get_status_display(), tone)


def booked_sessions(order: Order) -> list[Booked]:
    """The order's lines (fetched ``for_display()``) by session, soonest first."""
    lines = sorted(
        order.lines.all(), key=lambda line: (line.session.starts_at, line.session_id, line.position)
    )
    return [
        Booked(session, list(places)) for session, places in groupby(lines, key=lambda line: line.session)
    ]


def provider_label(name: str) -> str:
    """How a provider is called to buyers; its plain name once the installation no longer has it."""
    try:
        return str(get_provider(name).label)
    except KeyError:
        return name


def _is_online(provider_name: str) -> bool:
    try:
        return get_provider(provider_name).is_online
    except KeyError:
        return True


def _in_words(
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
        return {
            LineStatus.CANCELLED: _("Place of %(name)s given up: %(title)s"),
            LineStatus.MOVED: _("Place of %(name)s moved to another date: %(title)s"),
        }.get(move.to_status, "") % words
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
