"""Orders as a table for spreadsheets."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

CSV_HEAD = [
    "code",
    "placed",
    "state",
    "paid",
    "name",
    "company",
    "street",
    "postcode",
    "town",
    "country",
    "email",
    "membership",
    "places",
    "sessions",
    "currency",
    "before discount",
    "discount",
    "coupon",
    "total",
    "tax included",
    "payment",
]
CHUNK = 1_000  # orders that are in memory at a time


def csv_rows(queryset: QuerySet) -> Iterator[list[Any]]:
    """One row for each order, newest first, read in chunks however many there are."""
    yield CSV_HEAD
    for order in queryset.prefetch_related("lines").iterator(chunk_size=CHUNK):
        sold = dict.fromkeys(line.description for line in order.lines.all())
        yield [
            order.code,
            on_paper(order.created_at),
            order.status,
            on_paper(order.paid_at),
            order.billing_name,
            order.billing_company,
            order.billing_street,
            order.billing_postcode,
            order.billing_city,
            order.billing_country,
            order.email,
            order.membership,
            len(order.lines.all()),
            "; ".join(sold),
            order.currency,
            order.subtotal,
            order.discount,
            order.coupon_code,
            order.total,
            order.tax,
            order.provider or "",
        ]


def on_paper(instant: datetime | None) -> str:
    """An instant on the studio's clock, with its distance from UTC, as spreadsheets sort it."""
    return timezone.localtime(instant).isoformat(sep=" ", timespec="minutes") if instant else ""
