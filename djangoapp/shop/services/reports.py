"""What the books say of a span of days: by time, tax rate, project and provider.

Days, weeks and months are those of the studio's clock. The database adds up, in one query for each table, over the
entries that were booked in the span. Entries never change, so a sum is remembered until another entry is booked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import wraps

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek, TruncYear
from django.utils import timezone

from core.money import ZERO, rounded
from shop.enums import MONEY, TURNOVER, LedgerKind
from shop.models import LedgerEntry

REMEMBERED_SECONDS = 3600
# How long the span of an entry may still grow after its last day: transactions that began before midnight.
SETTLING = timedelta(hours=1)
# How long an entry may take from its number to its commit.
COMMITTING = timedelta(seconds=10)


@dataclass(frozen=True)
class Span:
    """Days on the studio's clock, from the first to the last."""

    first: date
    last: date

    @property
    def starts_at(self) -> datetime:
        return _midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        return _midnight(self.last + timedelta(days=1))

    @property
    def all_entries(self) -> QuerySet[LedgerEntry]:
        """What was booked in it."""
        return LedgerEntry.objects.filter(booked_at__gte=self.starts_at, booked_at__lt=self.ends_at)

    @property
    def entries(self) -> QuerySet[LedgerEntry]:
        """The same in the shop's currency."""
        return self.all_entries.filter(currency=settings.SHOP_CURRENCY)


@dataclass(frozen=True)
class Step:
    """How a span is cut: the day with which the piece of a day begins, and the piece after that."""

    name: str
    truncate: type
    begin: Callable[[date], date]
    following: Callable[[date], date]

    def pieces(self, span: Span) -> list[date]:
        """The first days of all pieces of the span."""
        found, day = [], self.begin(span.first)
        while day <= span.last:
            found.append(day)
            day = self.following(day)
        return found


STEPS = {
    step.name: step
    for step in (
        Step("day", TruncDay, lambda day: day, lambda day: day + timedelta(days=1)),
        Step(
            "week",
            TruncWeek,
            lambda day: day - timedelta(days=day.weekday()),
            lambda day: day + timedelta(days=7),
        ),
        Step(
            "month",
            TruncMonth,
            lambda day: day.replace(day=1),
            lambda day: (day.replace(day=1) + timedelta(days=31)).replace(day=1),
        ),
        Step(
            "year",
            TruncYear,
            lambda day: day.replace(month=1, day=1),
            lambda day: day.replace(year=day.year + 1, month=1, day=1),
        ),
    )
}


@dataclass(frozen=True)
class Figures:
    """What some entries sum to. Cancelled, taken off, returned and disputed are negative."""

    places: int = 0
    sold: Decimal = ZERO
    changed: Decimal = ZERO
    cancelled: Decimal = ZERO
    taken_off: Decimal = ZERO
    fees: Decimal = ZERO
    tax: Decimal = ZERO
    received: Decimal = ZERO
    returned: Decimal = ZERO
    disputed: Decimal = ZERO

    @property
    def turnover(self) -> Decimal:
        """What was sold and kept, tax included."""
        return self.sold + self.changed + self.cancelled + self.taken_off + self.fees

    @property
    def net(self) -> Decimal:
        return self.turnover - self.tax

    @property
    def money(self) -> Decimal:
        """What came in, less what went out again."""
        return self.received + self.returned + self.disputed

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


_PART = {
    LedgerKind.SALE: "sold",
    LedgerKind.CHANGE: "changed",
    LedgerKind.CANCELLATION: "cancelled",
    LedgerKind.FEE: "fees",
    LedgerKind.ALLOWANCE: "taken_off",
    LedgerKind.PAYMENT: "received",
    LedgerKind.REFUND: "returned",
    LedgerKind.REFUND_FAILED: "returned",
    LedgerKind.DISPUTE: "disputed",
    LedgerKind.DISPUTE_WON: "disputed",
}


def remembered(freshness: Callable[[Span], str]) -> Callable[[Callable], Callable]:
    """Add up once, and again when there is something new. The arguments of what adds up are spans and texts.

    ``freshness`` tells what changes as soon as the span's sums may; nothing while that cannot be told.
    """

    def keep(summing: Callable) -> Callable:
        @wraps(summing)
        def look_first(span: Span, *more: str):
            fresh = freshness(span)
            if not fresh:
                return summing(span, *more)
            what = f"{summing.__module__}.{summing.__name__}"
            key = f"{what}:{span.first}:{span.last}:{':'.join(more)}:{fresh}"
            return cache.get_or_set(key, lambda: summing(span, *more), REMEMBERED_SECONDS)

        return look_first

    return keep


def _freshness(span: Span) -> str:
    """The latest entry, or nothing once the span is closed.

    One with a lower number may be committed after it; so right after an entry everything is counted anew.
    """
    now = timezone.now()
    if span.ends_at + SETTLING < now:
        return "closed"
    pk, booked_at = LedgerEntry.objects.order_by("-pk").values_list("pk", "booked_at").first() or (0, None)
    return "" if booked_at and booked_at + COMMITTING > now else str(pk)


@remembered(_freshness)
def by_time(span: Span, step: str) -> list[tuple[date, Figures]]:
    """A row for each piece of the span, also where nothing happened. ``step`` is a key of ``STEPS``."""
    cut = STEPS[step]
    on = cut.truncate("booked_at", tzinfo=timezone.get_default_timezone())
    found = _figures(span.entries.annotate(on=on), "on")
    by_day = {instant.date(): figures for (instant,), figures in found.items()}
    return [(day, by_day.get(day, Figures())) for day in cut.pieces(span)]


@remembered(_freshness)
def by_tax(span: Span) -> list[tuple[str, Decimal, Figures]]:
    """Turnover by tax: its name, its rate in percent, the sums. The highest rate first."""
    found = _figures(span.entries.filter(kind__in=TURNOVER), "tax_name", "tax_rate")
    rows = [(name, rate, figures) for (name, rate), figures in found.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


@remembered(_freshness)
def by_project(span: Span) -> list[tuple[str, Figures]]:
    """Turnover by project, the largest first."""
    entries = span.entries.filter(kind__in=TURNOVER)
    found = _figures(entries, "session__project", "session__project__title")
    return sorted(
        ((title, figures) for (_project, title), figures in found.items()),
        key=lambda row: (-row[1].turnover, row[0]),
    )


@remembered(_freshness)
def by_provider(span: Span) -> list[tuple[str, Figures]]:
    """Money by the provider that took and returned it, the largest first."""
    found = _figures(span.entries.filter(kind__in=MONEY), "provider")
    return sorted(
        ((provider, figures) for (provider,), figures in found.items()),
        key=lambda row: (-row[1].received, row[0]),
    )


def total(rows: Iterable[Figures]) -> Figures:
    return sum(rows, Figures())


def today() -> date:
    """The day on the studio's clock."""
    return timezone.now().astimezone(timezone.get_default_timezone()).date()


def _figures(entries: QuerySet[LedgerEntry], *by: str) -> dict[tuple, Figures]:
    """Sum the entries by these columns, in one query."""
    rows = (
        entries.order_by()
        .values_list(*by, "kind")
        .annotate(sum=Sum("amount"), tax=Sum("tax"), many=Count("pk"))
    )
    found: dict[tuple, Figures] = {}
    for *group, kind, amount, tax, many in rows:
        # SQLite adds up in binary fractions; what belongs to a cent is set right here.
        amount, tax = rounded(amount), rounded(tax)
        places = {LedgerKind.SALE: many, LedgerKind.CANCELLATION: -many}.get(kind, 0)
        figures = Figures(places=places, tax=tax, **{_PART[LedgerKind(kind)]: amount})
        found[tuple(group)] = found.get(tuple(group), Figures()) + figures
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
