"""Invoices: what the books say of an order, on numbered paper.

An invoice is issued once the order is paid: by the worker within a minute, or at once when somebody asks for it. It is
not issued within the booking: the numbers of a year have no gap, so whoever takes one keeps all others waiting until
the commit, and buyers shall not wait for one another. When the order changes afterwards, or its address is corrected,
the invoice is cancelled by a document of its own and another one is issued. No number is given twice or lost: it is
taken under the lock of the year's counter, in the transaction that writes the invoice, and a rollback gives it back.

Lock order: the order, then the counter.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby, zip_longest
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from core.money import ZERO
from shop.enums import TURNOVER, InvoiceKind, LedgerKind
from shop.models import Invoice, InvoiceCounter, LedgerEntry, Order, OrderLine
from shop.services.orders import BillingAddress

LOOKS_BACK = timedelta(days=2)  # what the worker missed for longer is issued when somebody asks for it
BATCH = 200
# What makes an invoice another one. Names of attendees may be corrected without it.
SAME = ("line", "is_fee", "text", "amount", "tax_rate", "tax")


@transaction.atomic
def bring_up_to_date(order: Order) -> list[Invoice]:
    """Issue what is missing for the books and the invoices of an order to say the same. Safe to repeat.

    Nothing for an order of which nothing was sold, or all for nothing. Returns what this call issued.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    return _issue(order, _entries(order), timezone.now())


@transaction.atomic
def correct_address(order: Order, billing: BillingAddress) -> list[Invoice]:
    """Write another address for the bill, and issue the invoice anew. Safe to repeat; the same address changes nothing.

    Returns what was issued: the cancellation and the new invoice, or nothing where there was none yet.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    names = [f"billing_{name}" for name in asdict(billing)]
    for name, value in asdict(billing).items():
        setattr(order, f"billing_{name}", value)
    order.save(update_fields=[*names, "updated_at"])
    standing = _standing(order)
    if standing is None or standing.content["buyer"] == _buyer(order):
        return []
    return _issue(order, _entries(order), timezone.now(), is_address_new=True)


def latest(order: Order) -> Invoice | None:
    """The document that tells how the order stands, brought up to date. ``None`` if none is due."""
    bring_up_to_date(order)
    return order.invoices.order_by("-pk").first()


def issue_due() -> int:
    """Issue what is due for what was booked lately, the newest first. Returns how many documents.

    Safe to repeat and to run twice. What needs no document after all, sold and given up before the first, stays at the
    end of the line until it is no longer looked at.
    """
    covered = Invoice.objects.filter(order=OuterRef("order"), covers__gte=OuterRef("pk"))
    lately = LedgerEntry.objects.turnover().filter(booked_at__gte=timezone.now() - LOOKS_BACK)
    due = (
        lately.exclude(amount=0)
        .exclude(Exists(covered))
        .order_by()
        .values("order")
        .annotate(newest=Max("pk"))
        .order_by("-newest")
        .values_list("order", flat=True)
    )
    return sum(len(bring_up_to_date(order)) for order in Order.objects.filter(pk__in=list(due[:BATCH])))


@transaction.atomic
def catch_up(orders: Iterable[Order]) -> int:
    """Issue the invoices of the past, in the order of their days, as if each had been issued when it was due.

    For orders without any invoice whose entries were booked by ``ledger.catch_up``. Returns how many documents.
    """
    by_key = {order.pk: order for order in orders}
    entries = LedgerEntry.objects.filter(order__in=by_key).turnover().select_related("line")
    rows = sorted(entries, key=lambda entry: (entry.booked_at, entry.order_id, entry.pk))
    known: dict[int, list[LedgerEntry]] = {}
    issued: dict[int, list[Invoice]] = {}
    by_year: dict[int, list[Invoice]] = {}
    for (booked_at, order_id), group in groupby(rows, key=lambda entry: (entry.booked_at, entry.order_id)):
        known.setdefault(order_id, []).extend(group)
        before = issued.setdefault(order_id, [])
        standing = before[-1] if before and before[-1].kind == InvoiceKind.INVOICE else None
        for invoice in _due(by_key[order_id], known[order_id], standing, booked_at):
            by_year.setdefault(invoice.year, []).append(invoice)
            before.append(invoice)
    for invoices in by_year.values():
        _number(invoices)
    # First the first document of each order, then the second, which may need the key of the first.
    for documents in zip_longest(*issued.values()):
        batch = [invoice for invoice in documents if invoice is not None]
        for invoice in batch:
            invoice.cancels = invoice.cancels
        Invoice.objects.bulk_create(batch, batch_size=BATCH)
    return sum(map(len, issued.values()))


def take_numbers(year: int, many: int) -> range:
    """Take the year's next numbers. Whoever comes second waits here until the first has committed, or gone back."""
    InvoiceCounter.objects.bulk_create([InvoiceCounter(year=year)], ignore_conflicts=True)
    counter = InvoiceCounter.objects.select_for_update(no_key=True).get(year=year)
    counter.last += many
    counter.save(update_fields=["last"])
    return range(counter.last - many + 1, counter.last + 1)


def number_of(year: int, sequence: int) -> str:
    """What stands on the invoice: ``2026-000017``."""
    return f"{year}-{sequence:06}"


def day_of(instant: datetime | None) -> str:
    """The day on the studio's clock, as it is kept: ``2026-11-28``."""
    return instant.astimezone(timezone.get_default_timezone()).date().isoformat() if instant else ""


def _entries(order: Order) -> list[LedgerEntry]:
    return list(order.ledger.filter(kind__in=TURNOVER).select_related("line").order_by("pk"))


def _issue(
    order: Order, entries: list[LedgerEntry], at: datetime, *, is_address_new: bool = False
) -> list[Invoice]:
    """Issue what is due for a locked order by these entries."""
    issued = _due(order, entries, _standing(order), at, is_address_new=is_address_new)
    for invoice in issued:
        _number([invoice])
        invoice.save()
    return issued


def _due(
    order: Order,
    entries: list[LedgerEntry],
    standing: Invoice | None,
    at: datetime,
    *,
    is_address_new: bool = False,
) -> list[Invoice]:
    """Compare the invoice that stands with what these entries say. Returns what follows, without numbers."""
    if not entries:
        return []
    lines = _lines(entries)
    if standing is not None and _same(standing.content["lines"], lines) and not is_address_new:
        return []
    covers = max(entry.pk for entry in entries)
    due = []
    if standing is not None:
        content = _negated(standing.content)
        due.append(_document(order, InvoiceKind.CANCELLATION, content, at, covers, standing))
    if sum((Decimal(line["amount"]) for line in lines), ZERO) > 0:
        due.append(_document(order, InvoiceKind.INVOICE, _content(order, lines), at, covers))
    return due


def _standing(order: Order) -> Invoice | None:
    """The invoice that nothing has cancelled."""
    return order.invoices.filter(kind=InvoiceKind.INVOICE, cancelled_by=None).order_by("-pk").first()


def _document(
    order: Order,
    kind: InvoiceKind,
    content: dict[str, Any],
    at: datetime,
    covers: int,
    cancels: Invoice | None = None,
) -> Invoice:
    return Invoice(
        year=at.astimezone(timezone.get_default_timezone()).year,
        kind=kind,
        order=order,
        cancels=cancels,
        issued_at=at,
        currency=order.currency,
        total=sum((Decimal(line["amount"]) for line in content["lines"]), ZERO),
        tax=sum((Decimal(line["tax"]) for line in content["lines"]), ZERO),
        content=content,
        covers=covers,
    )


def _number(invoices: list[Invoice]) -> None:
    """Give documents of one year the next numbers."""
    year = invoices[0].year
    for invoice, sequence in zip(invoices, take_numbers(year, len(invoices)), strict=True):
        invoice.sequence = sequence
        invoice.number = number_of(year, sequence)


def _content(order: Order, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "seller": {
            "name": settings.SITE_NAME,
            "address": settings.SHOP_STUDIO_ADDRESS,
            "email": settings.SHOP_CONTACT_EMAIL,
            "vat_number": settings.SHOP_VAT_NUMBER,
        },
        "buyer": _buyer(order),
        "order": order.code,
        "ordered_on": day_of(order.created_at),
        "paid_on": day_of(order.paid_at),
        "coupon": order.coupon_code,
        "lines": lines,
    }


def _buyer(order: Order) -> dict[str, str]:
    names = ("company", "name", "street", "postcode", "city", "country")
    return {name: getattr(order, f"billing_{name}") for name in names}


def _lines(entries: list[LedgerEntry]) -> list[dict[str, Any]]:
    """What is sold by these entries: places that nobody gave up, and what is kept of the others."""
    by_line: dict[int, list[LedgerEntry]] = {}
    for entry in entries:
        by_line.setdefault(entry.line_id, []).append(entry)
    found = []
    for of_line in by_line.values():
        line = of_line[0].line
        fees = [entry for entry in of_line if entry.kind == LedgerKind.FEE]
        of_place = [entry for entry in of_line if entry.kind != LedgerKind.FEE]
        moves = [entry for entry in of_place if entry.kind != LedgerKind.ALLOWANCE]
        if len(moves) == 1:  # a line is sold once, and given up once
            found.append(_line(line, of_place, line.description, is_fee=False))
        if sum((fee.amount for fee in fees), ZERO):
            text = _("Fee for cancelling: %(what)s") % {"what": line.description}
            found.append(_line(line, fees, text, is_fee=True))
    return sorted(found, key=lambda row: (row["is_fee"], row["position"]))


def _line(line: OrderLine, entries: list[LedgerEntry], text: str, *, is_fee: bool) -> dict[str, Any]:
    taken_off = (entry.amount for entry in entries if entry.kind == LedgerKind.ALLOWANCE)
    return {
        "line": line.pk,
        "position": line.position,
        "is_fee": is_fee,
        "text": text,
        "attendee": "" if is_fee else line.attendee_name,
        "reason": "" if is_fee else line.price_reason,
        "usual": str(line.unit_price),
        "discount": "0.00" if is_fee else str(line.discount),
        "taken_off": str(-sum(taken_off, ZERO)),
        "amount": str(sum((entry.amount for entry in entries), ZERO)),
        "tax_name": entries[0].tax_name,
        "tax_rate": str(entries[0].tax_rate),
        "tax": str(sum((entry.tax for entry in entries), ZERO)),
    }


def _same(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> bool:
    return [[line[name] for name in SAME] for line in before] == [
        [line[name] for name in SAME] for line in after
    ]


def _negated(content: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {**line, "amount": str(-Decimal(line["amount"])), "tax": str(-Decimal(line["tax"]))}
        for line in content["lines"]
    ]
    return {**content, "lines": lines}
