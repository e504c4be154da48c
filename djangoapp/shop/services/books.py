"""What the ledger says in sum, and whether the orders say the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, Exists, F, Max, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.money import ZERO, rounded
from shop.enums import BY_THE_BANK, MONEY, RECEIVED, TURNOVER, LedgerKind, OrderStatus, RefundStatus
from shop.models import Invoice, InvoiceCounter, LedgerEntry, Order, OrderLine, Payment, Refund
from shop.services.integrity import MOST, PATIENCE, Problem, to_the_cent
from shop.services.invoices import LOOKS_BACK


@dataclass(frozen=True)
class Balance:
    """What the entries of one currency sum to, by kind."""

    currency: str
    entries: int
    by_kind: dict[str, Decimal]

    def of(self, kinds: Iterable[str]) -> Decimal:
        return sum((self.by_kind.get(kind, ZERO) for kind in kinds), ZERO)

    @property
    def turnover(self) -> Decimal:
        """What buyers owe: sold, changed and kept, less what was cancelled."""
        return self.of(TURNOVER)

    @property
    def money(self) -> Decimal:
        """What came in, less what went out again."""
        return self.of(MONEY)

    @property
    def owed_to_buyers(self) -> Decimal:
        """Money for which there is nothing sold: it is still to go back. Negative: more is sold than was received."""
        return self.money - self.turnover

    @property
    def rows(self) -> list[tuple[str, Decimal]]:
        """Each kind of which there is an entry, in words."""
        return [(kind.label, self.by_kind[kind]) for kind in LedgerKind if kind in self.by_kind]


def balances_of(sums: list[dict]) -> list[Balance]:
    """Balances that were kept as plain values (``services.inspection``)."""
    return [
        Balance(
            row["currency"], row["entries"], {kind: Decimal(amount) for kind, amount in row["kinds"].items()}
        )
        for row in sums
    ]


def balances(entries: QuerySet[LedgerEntry]) -> list[Balance]:
    """Sum these entries, in one query; one balance for each currency."""
    found = entries.order_by().values("currency", "kind").annotate(sum=Sum("amount"), many=Count("pk"))
    by_currency: dict[str, list[dict]] = {}
    for row in found:
        by_currency.setdefault(row["currency"], []).append(row)
    return [
        Balance(
            currency,
            sum(row["many"] for row in rows),
            {row["kind"]: rounded(row["sum"], currency) for row in rows},
        )
        for currency, rows in sorted(by_currency.items())
    ]


def disagreements() -> Iterator[Problem]:
    """Orders that are worth, or brought in, something else than the ledger says."""
    entries = LedgerEntry.objects.filter(order=OuterRef("pk"))
    lines = OrderLine.objects.filter(order=OuterRef("pk"))
    received = Payment.objects.filter(order=OuterRef("pk"), status__in=RECEIVED)
    returned = Refund.objects.filter(payment__order=OuterRef("pk"), status=RefundStatus.DONE)
    places = Case(
        When(
            status=OrderStatus.PAID,
            then=_sum(lines.kept(), "order", "price") - _sum(lines.kept(), "order", "allowance"),
        ),
        default=Value(ZERO),
        output_field=Order.total.field,
    )
    orders = Order.objects.annotate(
        sold=to_the_cent(_sum(entries.turnover(), "order", "amount")),
        worth=to_the_cent(places + _sum(lines, "order", "fee")),
        booked=to_the_cent(_sum(entries.money().exclude(kind__in=BY_THE_BANK), "order", "amount")),
        kept=to_the_cent(
            _sum(received, "order", "received_amount") - _sum(returned, "payment__order", "amount")
        ),
    )
    for order in orders.exclude(sold=F("worth"), booked=F("kept"))[:MOST]:
        yield Problem(
            "books",
            f"order {order.code}",
            f"the ledger has {order.sold} sold and {order.booked} received, "
            f"the order {order.worth} and {order.kept}",
        )


def invoices() -> Iterator[Problem]:
    """Numbers without a gap, and invoices that say the same as the ledger, once the worker had its time."""
    of_year = Invoice.objects.filter(year=OuterRef("year")).order_by().values("year")
    counters = InvoiceCounter.objects.annotate(
        many=Coalesce(Subquery(of_year.annotate(many=Count("pk")).values("many")), 0),
        highest=Coalesce(Subquery(of_year.annotate(highest=Max("sequence")).values("highest")), 0),
    )
    for counter in counters.exclude(many=F("last"), highest=F("last")):
        yield Problem(
            "invoices",
            f"year {counter.year}",
            f"{counter.last} numbers were given out, {counter.many} are there",
        )
    now = timezone.now()
    lately = LedgerEntry.objects.turnover().filter(
        booked_at__gte=now - LOOKS_BACK, booked_at__lt=now - PATIENCE
    )
    entries = LedgerEntry.objects.turnover().filter(order=OuterRef("pk"), booked_at__lt=now - PATIENCE)
    orders = Order.objects.filter(pk__in=lately.values("order")).annotate(
        sold=to_the_cent(_sum(entries, "order", "amount")),
        invoiced=to_the_cent(_sum(Invoice.objects.filter(order=OuterRef("pk")), "order", "total")),
    )
    is_changing = Exists(
        LedgerEntry.objects.turnover().filter(order=OuterRef("pk"), booked_at__gte=now - PATIENCE)
    )
    for order in orders.exclude(sold=F("invoiced")).exclude(is_changing)[:MOST]:
        yield Problem("invoices", f"order {order.code}", f"{order.sold} sold, {order.invoiced} on invoices")


def _sum(rows: QuerySet, group: str, amount: str) -> Coalesce:
    """Sum the rows of a correlated subquery, zero where there are none."""
    found = rows.order_by().values(group).annotate(sum=Sum(amount)).values("sum")
    return Coalesce(Subquery(found, output_field=Order.total.field), ZERO, output_field=Order.total.field)
