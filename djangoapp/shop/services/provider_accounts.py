"""What moved on the accounts at the payment providers, by time: what came in, what it cost, what reached the bank."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Sum
from django.utils import timezone

from core.money import ZERO, rounded
from shop.enums import MovementKind
from shop.models import ProviderMovement
from shop.services.reports import STEPS, Span, remembered


@dataclass(frozen=True)
class AccountFigures:
    """What some movements sum to. What left the account is negative."""

    payments: int = 0
    paid: Decimal = ZERO
    returned: Decimal = ZERO
    disputed: Decimal = ZERO
    fees: Decimal = ZERO
    other: Decimal = ZERO
    paid_out: Decimal = ZERO

    @property
    def change(self) -> Decimal:
        """By how much the account holds more than before."""
        return self.paid + self.returned + self.disputed + self.fees + self.other + self.paid_out

    def __add__(self, more: "AccountFigures") -> "AccountFigures":
        return AccountFigures(*(getattr(self, part.name) + getattr(more, part.name) for part in fields(self)))


_PART = {
    MovementKind.PAYMENT: "paid",
    MovementKind.REFUND: "returned",
    MovementKind.REFUND_FAILED: "returned",
    MovementKind.DISPUTE: "disputed",
    MovementKind.DISPUTE_WON: "disputed",
    MovementKind.PROVIDER_FEE: "fees",
    MovementKind.PAYOUT: "paid_out",
    MovementKind.OTHER: "other",
}


def _latest() -> str:
    return str(ProviderMovement.objects.order_by("-pk").values_list("pk", flat=True).first())


@remembered(lambda span: _latest())
def by_time(span: Span, step: str) -> list[tuple[date, AccountFigures]]:
    """A row for each piece of the span, in the shop's currency; none where nothing ever moved on an account."""
    cut = STEPS[step]
    moved = ProviderMovement.objects.filter(
        booked_at__gte=span.starts_at, booked_at__lt=span.ends_at, currency=settings.SHOP_CURRENCY
    )
    found = (
        moved.annotate(on=cut.truncate("booked_at", tzinfo=timezone.get_default_timezone()))
        .order_by()
        .values_list("on", "kind")
        .annotate(amount=Sum("amount"), fee=Sum("fee"), many=Count("pk"))
    )
    by_day: dict[date, AccountFigures] = {}
    for instant, kind, amount, fee, many in found:
        figures = AccountFigures(
            payments=many if kind == MovementKind.PAYMENT else 0, fees=-rounded(fee)
        ) + AccountFigures(**{_PART[MovementKind(kind)]: rounded(amount)})
        by_day[instant.date()] = by_day.get(instant.date(), AccountFigures()) + figures
    if not by_day:
        return []
    return [(day, by_day.get(day, AccountFigures())) for day in cut.pieces(span)]
