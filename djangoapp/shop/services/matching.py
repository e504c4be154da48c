"""Do the providers' statements say the same as our payments, refunds and disputes?

Each is compared by the reference that both sides know, with everything that the statement says of it: a refund that
came back counts for nothing on either side, and one on its way is no difference. To a span of days belongs what began
in it. The database compares, and only what is asked for leaves it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import ZERO, rounded
from shop.enums import RECEIVED, UNSETTLED_REFUNDS, DisputeStatus, LedgerKind, MovementKind, RefundStatus
from shop.models import Dispute, LedgerEntry, Payment, ProviderMovement, ProviderStatement, Refund
from shop.services.integrity import MOST, PATIENCE, Problem, to_the_cent
from shop.services.reports import Span, today

# How what both sides know begins, and what may follow of it.
BEGINNINGS = {
    MovementKind.PAYMENT: [MovementKind.PAYMENT],
    MovementKind.REFUND: [MovementKind.REFUND, MovementKind.REFUND_FAILED],
    MovementKind.DISPUTE: [MovementKind.DISPUTE, MovementKind.DISPUTE_WON],
}
AMOUNT = DecimalField(max_digits=12, decimal_places=2)
LOOKS_BACK = timedelta(days=40)  # a difference that nobody has mended by then is known


class Match(TextChoices):
    AGREES = "agrees", _("Agrees")
    UNDER_WAY = "under_way", _("On its way")
    ELSEWHERE = "elsewhere", _("Sold elsewhere")
    DIFFERS = "differs", _("Amounts differ")
    MISSING_HERE = "missing_here", _("Missing here")
    MISSING_THERE = "missing_there", _("Missing at the provider")


ALARMING = (Match.DIFFERS, Match.MISSING_HERE, Match.MISSING_THERE)


@dataclass(frozen=True)
class Compared:
    """One payment, refund or dispute as both sides tell it. An amount is ``None`` where a side does not know it."""

    match: Match
    kind: MovementKind
    provider: str
    reference: str
    order_code: str
    at: datetime
    here: Decimal | None
    there: Decimal | None
    currency: str


def counts(span: Span) -> dict[Match, int]:
    """How many of each there are in the span."""
    found = _told(span).order_by().values_list("match").annotate(many=Count("pk"))
    many = dict.fromkeys(Match, 0) | {Match(match): count for match, count in found}
    many[Match.MISSING_THERE] = sum(entries.count() for entries in _untold(span))
    return many


def differences(span: Span, most: int = MOST) -> list[Compared]:
    """What does not agree, at most so many of each side, the newest first."""
    wrong = _told(span).filter(match__in=ALARMING).order_by("-booked_at")[:most]
    untold = [entry for entries in _untold(span) for entry in entries.order_by("-booked_at")[:most]]
    found = [*map(_of_movement, wrong), *map(_of_entry, untold)]
    return sorted(found, key=lambda row: row.at, reverse=True)


def everything(span: Span) -> Iterator[Compared]:
    """All that the statement tells of the span, then what it does not, read bit by bit."""
    yield from map(_of_movement, _told(span).order_by("booked_at", "pk").iterator())
    for entries in _untold(span):
        yield from map(_of_entry, entries.order_by("booked_at", "pk").iterator())


def problems() -> Iterator[Problem]:
    """What has differed lately, for longer than jobs need to mend it."""
    last = today()
    span = Span(last - LOOKS_BACK, last)
    for row in differences(span):
        if row.at < timezone.now() - PATIENCE:
            about = f"order {row.order_code}" if row.order_code else f"{row.provider} {row.reference}"
            yield Problem(
                "statement",
                about,
                f"{row.kind.value} {row.reference}: {row.there} {row.currency} at {row.provider}, {row.here} here",
            )


def _told(span: Span) -> QuerySet[ProviderMovement]:
    """What began in the span by the statements: what it comes to there and here, and what to think of it."""
    told = ProviderMovement.objects.filter(provider=OuterRef("provider"), about=OuterRef("about"))
    refund = Refund.objects.filter(reference=OuterRef("about"))
    of_charge = Payment.objects.filter(
        provider=OuterRef("provider"), charge_reference=OuterRef("charge_reference")
    ).exclude(charge_reference="")
    here = {
        MovementKind.PAYMENT: _one(of_charge.filter(status__in=RECEIVED), F("received_amount")),
        MovementKind.REFUND: _one(refund, _unless(Q(status=RefundStatus.FAILED))),
        MovementKind.DISPUTE: _one(
            Dispute.objects.filter(reference=OuterRef("about")), _unless(Q(status=DisputeStatus.WON))
        ),
    }
    there = {
        kind: _one(told.filter(kind__in=kinds), Sum("buyer_amount")) for kind, kinds in BEGINNINGS.items()
    }
    return (
        ProviderMovement.objects.filter(
            kind__in=BEGINNINGS, booked_at__gte=span.starts_at, booked_at__lt=span.ends_at
        )
        .annotate(
            here=to_the_cent(_by_kind(here)),
            there=to_the_cent(_by_kind(there)),
            is_under_way=Exists(refund.filter(status__in=UNSETTLED_REFUNDS)),
            order_code=Subquery(of_charge.values("order__code")[:1]),
        )
        .annotate(
            match=Case(
                When(
                    Q(here=None) & (Q(is_claimed=True) | ~Q(order_code=None)), then=Value(Match.MISSING_HERE)
                ),
                When(here=None, then=Value(Match.ELSEWHERE)),
                When(kind=MovementKind.REFUND, is_under_way=True, then=Value(Match.UNDER_WAY)),
                When(here=F("there"), then=Value(Match.AGREES)),
                default=Value(Match.DIFFERS),
                output_field=CharField(),
            )
        )
    )


def _untold(span: Span) -> Iterator[QuerySet[LedgerEntry]]:
    """What we booked in the span and no statement tells of, as far as it has been fetched; one set for a provider."""
    for statement in ProviderStatement.objects.order_by("provider"):
        told = ProviderMovement.objects.filter(
            provider=statement.provider, kind=OuterRef("kind"), about=OuterRef("about")
        )
        yield (
            LedgerEntry.objects.filter(
                provider=statement.provider,
                kind__in=BEGINNINGS,
                booked_at__gte=span.starts_at,
                booked_at__lt=min(span.ends_at, statement.fetched_until - PATIENCE),
            )
            .annotate(
                about=Case(
                    When(kind=LedgerKind.PAYMENT, then=F("payment__charge_reference")),
                    When(kind=LedgerKind.REFUND, then=F("refund__reference")),
                    # ``ledger.book_dispute`` names the dispute in the key.
                    default=Substr("key", len(f"{LedgerKind.DISPUTE.value}:") + 1),
                    output_field=CharField(),
                )
            )
            .filter(~Exists(told))
            .select_related("order")
        )


def _of_movement(row) -> Compared:
    return Compared(
        Match(row.match),
        MovementKind(row.kind),
        row.provider,
        row.about or row.reference,
        row.order_code or "",
        row.booked_at,
        None if row.here is None else rounded(row.here, row.buyer_currency),
        None if row.there is None else rounded(row.there, row.buyer_currency),
        row.buyer_currency,
    )


def _of_entry(row) -> Compared:
    return Compared(
        Match.MISSING_THERE,
        MovementKind(row.kind),
        row.provider,
        row.about or "",
        row.order.code,
        row.booked_at,
        row.amount,
        None,
        row.currency,
    )


def _by_kind(amounts: dict[MovementKind, Subquery]) -> Case:
    return Case(*(When(kind=kind, then=amount) for kind, amount in amounts.items()), output_field=AMOUNT)


def _one(rows: QuerySet, amount) -> Subquery:
    """The amount that these rows come to, if there are any."""
    return Subquery(
        rows.order_by().values(_=Value(1)).annotate(amount=amount).values("amount")[:1], output_field=AMOUNT
    )


def _unless(nothing: Q) -> Case:
    """What has left us, unless it is back."""
    return Case(When(nothing, then=Value(ZERO)), default=-F("amount"), output_field=AMOUNT)
