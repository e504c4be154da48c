"""All that the page of one order and its mails show."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.money import ZERO, rounded
from shop.enums import PaymentStatus, RefundStatus, RequestStatus
from shop.models import Order, OrderLine, Payment, Refund, RefundRequest
from shop.order_page.happenings import Happening, in_words
from shop.order_page.headlines import Headline, pending, settled
from shop.order_page.rows import Booked, booked_sessions
from shop.providers import offered
from shop.services.balance import Balance, LineMoney, money_of
from shop.services.own_orders import Choice, choices_among
from shop.services.pricing import TaxShare


class OrderPage:
    """An order (from ``for_page()``) as its page and its mails show it. ``is_returned``: fresh from the provider."""

    def __init__(self, order: Order, *, is_returned: bool = False) -> None:
        self.order = order
        self.payments = list(order.payments.all())
        self.is_returned = is_returned

    @cached_property
    def headline(self) -> Headline:
        """How the order stands."""
        if not self.order.is_pending:
            return settled(self.order, has_money_back=bool(self.refunds))
        return pending(
            self.order, self.payments, self.live, is_overdue=self.is_overdue, is_returned=self.is_returned
        )

    @property
    def live(self) -> Payment | None:
        """The attempt that may still bring money."""
        live = (PaymentStatus.CREATED, PaymentStatus.OPEN, PaymentStatus.PROCESSING)
        return next((payment for payment in self.payments if payment.status in live), None)

    @property
    def received(self) -> list[Payment]:
        return [payment for payment in self.payments if payment.received_amount]

    @cached_property
    def attempted_refunds(self) -> list[Refund]:
        """All refunds, oldest first, those that failed among them."""
        refunded = [payment.pk for payment in self.payments if payment.has_refunds]
        return list(Refund.objects.filter(payment__in=refunded).order_by("pk")) if refunded else []

    @property
    def refunds(self) -> list[Refund]:
        """Money that went back or is on its way, oldest first."""
        return [refund for refund in self.attempted_refunds if refund.status != RefundStatus.FAILED]

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

    @cached_property
    def choices(self) -> list[Choice]:
        """What the buyer may do with each place of a confirmed booking; nothing while a bank claims its money."""
        if not self.order.is_paid or any(payment.is_disputed for payment in self.payments):
            return []
        return choices_among(self.balance, at=timezone.now())

    @property
    def balance(self) -> Balance:
        payment = next((payment for payment in self.payments if payment.is_fulfilling), None)
        left = payment.received_amount - rounded(payment.gone) if payment else ZERO
        return Balance(self.money, payment, max(left, ZERO))

    @property
    def request(self) -> RefundRequest | None:
        """What the buyer asked for last, unless it was taken back."""
        asked = [each for each in self.order.refund_requests.all() if each.status != RequestStatus.WITHDRAWN]
        return max(asked, key=lambda each: each.pk) if asked else None

    @property
    def has_asked(self) -> bool:
        """Whether a request waits for an answer; until then the buyer changes nothing else."""
        return self.request is not None and self.request.is_open

    @property
    def can_give_up(self) -> bool:
        return not self.has_asked and any(choice.can_give_up for choice in self.choices)

    @property
    def can_move(self) -> bool:
        return not self.has_asked and any(choice.can_move for choice in self.choices)

    @property
    def nameable(self) -> list[OrderLine]:
        """The places on which the buyer may still write another name: until their session begins."""
        if not self.order.holds_places:
            return []
        now = timezone.now()
        lines = (line for booked in self.coming for line in booked.lines)
        return [line for line in lines if line.session.starts_at > now]

    @property
    def change_words(self) -> str:
        """What the buyer can do without writing to us; empty when places can neither be given up nor moved."""
        if self.can_give_up and self.can_move:
            return _("Cancel, move or change names")
        if self.can_give_up:
            return _("Cancel or change names")
        return _("Move or change names") if self.can_move else ""

    @property
    def can_ask(self) -> bool:
        return not self.has_asked and any(choice.can_ask for choice in self.choices)

    @cached_property
    def money(self) -> list[LineMoney]:
        return money_of(self.order.lines.all())

    @property
    def fees(self) -> Decimal:
        """What is kept of places that were given up."""
        return sum((each.line.fee for each in self.money if each.line.cancelled_at), ZERO)

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
    def coming(self) -> list[Booked]:
        """The places that are kept."""
        kept = (booked.kept for booked in self.sessions)
        return [booked for booked in kept if booked.lines]

    @property
    def sold(self) -> list[Booked]:
        """What was sold in the first place. Where a place moved to later was not paid anew."""
        return booked_sessions(
            self.order, [line for line in self.order.lines.all() if not line.moved_from_id]
        )

    @property
    def taxes(self) -> list[TaxShare]:
        rates: dict[tuple[str, Decimal], list[OrderLine]] = {}
        for line in (line for booked in self.sold for line in booked.lines):
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
        refunds = {refund.pk: refund for refund in self.attempted_refunds}
        lines = {line.pk: line for line in self.order.lines.all()}
        told = []
        for move in self.order.history.all():
            if text := in_words(move, payments, refunds, lines):
                told.append(Happening(move.at, text))
        return told
