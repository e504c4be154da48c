"""What the payment service would tell of the demo's year: each card payment and refund, its fees, a payout a week."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from django.conf import settings
from django.utils import timezone

from core.money import ZERO, rounded
from shop.enums import MovementKind, PaymentStatus, RefundStatus
from shop.models import Payment, ProviderMovement, ProviderStatement, Refund

PROVIDER = "stripe"
PERCENT, FIXED = Decimal("2.9"), Decimal("0.30")


def load() -> int:
    """Write the movements of all card payments so far. Returns how many. Whatever follows is fetched."""
    moved = sorted([*_payments(), *_refunds()], key=lambda row: row.booked_at)
    moved += _payouts(moved)
    if moved:
        ProviderMovement.objects.bulk_create(moved, batch_size=500)
        ProviderStatement.objects.create(
            provider=PROVIDER, fetched_until=timezone.now(), answered_at=timezone.now()
        )
    return len(moved)


def _payments() -> Iterable[ProviderMovement]:
    for payment in Payment.objects.filter(provider=PROVIDER, status=PaymentStatus.PAID):
        amount = payment.received_amount
        yield _movement(
            MovementKind.PAYMENT,
            amount,
            payment.paid_at,
            payment.charge_reference,
            payment.charge_reference,
            fee=rounded(amount * PERCENT / 100) + FIXED,
        )


def _refunds() -> Iterable[ProviderMovement]:
    done = Refund.objects.filter(provider=PROVIDER, status=RefundStatus.DONE).select_related("payment")
    for refund in done:
        yield _movement(
            MovementKind.REFUND,
            -refund.amount,
            refund.done_at,
            refund.reference,
            refund.payment.charge_reference,
        )


def _payouts(moved: list[ProviderMovement]) -> list[ProviderMovement]:
    """On Mondays, of what came in until the Sunday before."""
    held, payouts = ZERO, []
    for (year, week), rows in groupby(moved, key=lambda row: row.booked_at.isocalendar()[:2]):
        rows = list(rows)
        held += sum((row.amount - row.fee for row in rows), ZERO)
        at = rows[-1].booked_at
        monday = at.replace(hour=8, minute=0, second=0) + timedelta(days=8 - at.isoweekday())
        if held > 0 and monday < timezone.now():
            payouts.append(_movement(MovementKind.PAYOUT, -held, monday, f"po_demo_{year}_{week}"))
            held = ZERO
    return payouts


def _movement(
    kind: MovementKind, amount: Decimal, at: datetime, about: str, charge: str = "", *, fee: Decimal = ZERO
) -> ProviderMovement:
    return ProviderMovement(
        provider=PROVIDER,
        reference=f"txn_{about}",
        kind=kind,
        about=about,
        charge_reference=charge,
        is_claimed=bool(charge),
        amount=amount,
        fee=fee,
        currency=settings.SHOP_CURRENCY,
        buyer_amount=amount,
        buyer_currency=settings.SHOP_CURRENCY,
        booked_at=at,
    )
