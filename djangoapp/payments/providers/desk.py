"""Paying in the studio: nobody to ask, staff says when the money is there."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from shop.enums import PaymentStatus, RefundStatus
from shop.models import Payment, Refund
from shop.providers import DisputeFact, MovementPage, PaymentFact, RefundFact, ReturnAddresses


class PayAtDesk:
    """The buyer pays at the desk before the deadline."""

    label = _("Pay at the desk")
    description = _("Cash, card or TWINT in the studio. We keep your places until the deadline.")
    is_online = False

    @property
    def minutes_to_pay(self) -> int:
        return settings.SHOP_DESK_DEADLINE_HOURS * 60

    def start(self, payment: Payment, addresses: ReturnAddresses) -> PaymentFact:
        return PaymentFact(PaymentStatus.OPEN, reference=f"desk-{payment.pk}")

    def lookup(self, payment: Payment) -> PaymentFact:
        return PaymentFact(PaymentStatus.OPEN, reference=f"desk-{payment.pk}")

    def close(self, payment: Payment, addresses: ReturnAddresses) -> PaymentFact:
        return PaymentFact(PaymentStatus.EXPIRED, reference=f"desk-{payment.pk}")

    def refund(self, refund: Refund) -> RefundFact:
        # Somebody hands it over, and says so: ``services.refunds.pay_out``.
        return RefundFact(RefundStatus.PENDING, f"desk-refund-{refund.pk}", refund.amount)

    def refunds(self, payment: Payment) -> list[RefundFact]:
        return []

    def disputes(self, payment: Payment) -> list[DisputeFact]:
        return []

    def charges_taken_back(self, since: datetime) -> Iterator[str]:
        return iter(())

    def movements(self, since: datetime, until: datetime, after: str = "") -> MovementPage:
        return MovementPage([])
