"""The books: each fact of a sale leaves an entry, in the transaction of the fact.

Two sums follow for every order: what its buyer owes (sold, changed, cancelled, fees) and what we have of it (received,
returned). ``services.integrity`` compares both with the order itself. Places are booked by what ``shop.signals``
announces, money where it moves. Whoever tells holds the order's lock; a fact that is told twice has the same unique key
and is booked once.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from core import rows
from core.money import tax_included
from shop.enums import RECEIVED, LedgerKind, RefundStatus
from shop.models import LedgerEntry, Order, OrderLine, Payment, Refund
from shop.signals import order_cancelled, order_changed, order_paid

_is_postponed: ContextVar[bool] = ContextVar("ledger_is_postponed", default=False)


def book_sale(sender, order: Order, **more) -> None:
    """All places of an order that has just been confirmed; free ones as well, so that they are counted."""
    at = timezone.now()
    _book(_sold(order, line, at) for line in order.lines.all() if line.cancelled_at is None)


def book_change(sender, order: Order, added: list[OrderLine], cancelled: list[OrderLine], **more) -> None:
    """A confirmed order goes on with other places. One that moved is a change, not a cancellation and a sale."""
    at = timezone.now()
    moved = {line.moved_from_id for line in added}
    entries = [entry for line in cancelled for entry in _given_up(order, line, at, is_move=line.pk in moved)]
    _book([*entries, *(_sold(order, line, at) for line in added)])


def book_cancellation(sender, order: Order, lines: list[OrderLine], **more) -> None:
    """A confirmed order is over. One that was never paid had not been booked."""
    if order.paid_at:
        at = timezone.now()
        _book(entry for line in lines for entry in _given_up(order, line, at))


def book_allowance(line: OrderLine, amount: Decimal) -> None:
    """Something was taken off the price of a place that is kept; the line says already how much that is in all."""
    before = line.tax if line.allowance == amount else tax_included(line.final_price + amount, line.tax_rate)
    key = f"allowance:{line.pk}:{line.allowance}"
    _book([_taken_off(line, LedgerKind.ALLOWANCE, amount, _tax(line) - before, key)])


def book_fee_waived(line: OrderLine, amount: Decimal) -> None:
    """Part of the fee of a place that was given up is not kept after all; the line says already what is left of it."""
    tax = tax_included(line.fee, line.tax_rate) - tax_included(line.fee + amount, line.tax_rate)
    _book([_taken_off(line, LedgerKind.FEE, amount, tax, f"fee-waived:{line.pk}:{line.fee}")])


def book_payment(payment: Payment) -> None:
    """Money was received, whether or not it was what had been asked for."""
    _book([_payment(payment, timezone.now())])


def book_refund(refund: Refund) -> None:
    """Money has gone back."""
    _book([_refund(refund, timezone.now())])


def book_refund_failed(refund: Refund) -> None:
    """Money that had gone back has returned, because the buyer's bank would not have it."""
    _book([_refund_failed(refund, timezone.now())])


def book_dispute(payment: Payment, amount: Decimal, *, reference: str) -> None:
    """The buyer's bank has taken money back. ``reference`` names the dispute."""
    _book([_dispute(payment, LedgerKind.DISPUTE, -amount, reference)])


def book_dispute_won(payment: Payment, amount: Decimal, *, reference: str) -> None:
    """The buyer's bank has returned what it had taken in this dispute."""
    _book([_dispute(payment, LedgerKind.DISPUTE_WON, amount, reference)])


@contextmanager
def postponed() -> Iterator[None]:
    """Book nothing within the block, because its facts will be moved into the past; ``catch_up`` books them then."""
    before = _is_postponed.set(True)
    try:
        yield
    finally:
        _is_postponed.reset(before)


def catch_up(orders: Iterable[Order]) -> int:
    """Book what happened to these orders by the rows that tell of it, each at its instant. Returns how many entries.

    For orders of which nothing has been booked: those that were placed while booking was ``postponed``. They come
    with lines, payments and refunds.
    """
    entries = sorted(
        (entry for order in orders for entry in _all_of(order)), key=lambda entry: entry.booked_at
    )
    LedgerEntry.objects.bulk_create(entries, batch_size=1000)
    return len(entries)


def listen() -> None:
    """Hear of every place that comes and goes."""
    order_paid.connect(book_sale, dispatch_uid="ledger")
    order_changed.connect(book_change, dispatch_uid="ledger")
    order_cancelled.connect(book_cancellation, dispatch_uid="ledger")


def _book(entries: Iterable[LedgerEntry]) -> None:
    if not _is_postponed.get():
        rows.add(*entries)


def _all_of(order: Order) -> Iterator[LedgerEntry]:
    if order.paid_at:
        lines = {line.pk: line for line in order.lines.all()}
        moved = {line.moved_from_id for line in lines.values()}
        for line in lines.values():
            before = lines.get(line.moved_from_id)
            yield _sold(order, line, before.cancelled_at if before else order.paid_at)
            if line.cancelled_at:
                yield from _given_up(order, line, line.cancelled_at, is_move=line.pk in moved)
    for payment in order.payments.all():
        if payment.status in RECEIVED:
            yield _payment(payment, payment.paid_at)
        for refund in payment.refunds.all():
            if refund.done_at:
                yield _refund(refund, refund.done_at)
            if refund.done_at and refund.status == RefundStatus.FAILED:
                yield _refund_failed(refund, refund.checked_at)


def _sold(order: Order, line: OrderLine, at: datetime) -> LedgerEntry:
    kind = LedgerKind.CHANGE if line.moved_from_id else LedgerKind.SALE
    return _of_line(order, line, kind, line.final_price, _tax(line), at, f"sold:{line.pk}")


def _given_up(order: Order, line: OrderLine, at: datetime, *, is_move: bool = False) -> Iterator[LedgerEntry]:
    kind = LedgerKind.CHANGE if is_move else LedgerKind.CANCELLATION
    yield _of_line(order, line, kind, -line.final_price, -_tax(line), at, f"given-up:{line.pk}")
    if line.fee:
        # What is kept is taxed as the place was.
        tax = tax_included(line.fee, line.tax_rate)
        yield _of_line(order, line, LedgerKind.FEE, line.fee, tax, at, f"fee:{line.pk}")


def _taken_off(line: OrderLine, kind: LedgerKind, amount: Decimal, tax: Decimal, key: str) -> LedgerEntry:
    """``tax`` is the difference that it makes to what was booked: the tax of the amount alone is rounded otherwise."""
    return _of_line(line.order, line, kind, -amount, tax, timezone.now(), key)


def _tax(line: OrderLine) -> Decimal:
    return tax_included(line.final_price, line.tax_rate) if line.allowance else line.tax


def _of_line(
    order: Order, line: OrderLine, kind: LedgerKind, amount: Decimal, tax: Decimal, at: datetime, key: str
) -> LedgerEntry:
    return LedgerEntry(
        kind=kind,
        order=order,
        line=line,
        session_id=line.session_id,
        amount=amount,
        tax_name=line.tax_name,
        tax_rate=line.tax_rate,
        tax=tax,
        currency=order.currency,
        booked_at=at,
        key=key,
    )


def _of_money(
    payment: Payment, kind: LedgerKind, amount: Decimal, at: datetime, key: str, refund: Refund | None = None
) -> LedgerEntry:
    return LedgerEntry(
        kind=kind,
        order_id=payment.order_id,
        payment=payment,
        refund=refund,
        provider=refund.way if refund else payment.provider,
        amount=amount,
        currency=(payment.received_currency or payment.currency).upper(),
        booked_at=at,
        key=key,
    )


def _payment(payment: Payment, at: datetime) -> LedgerEntry:
    return _of_money(payment, LedgerKind.PAYMENT, payment.received_amount, at, f"payment:{payment.pk}")


def _refund(refund: Refund, at: datetime) -> LedgerEntry:
    return _of_money(refund.payment, LedgerKind.REFUND, -refund.amount, at, f"refund:{refund.pk}", refund)


def _refund_failed(refund: Refund, at: datetime) -> LedgerEntry:
    key = f"refund-failed:{refund.pk}"
    return _of_money(refund.payment, LedgerKind.REFUND_FAILED, refund.amount, at, key, refund)


def _dispute(payment: Payment, kind: LedgerKind, amount: Decimal, reference: str) -> LedgerEntry:
    return _of_money(payment, kind, amount, timezone.now(), f"{kind}:{reference}")
