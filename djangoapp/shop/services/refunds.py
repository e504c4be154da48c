"""Money that goes back: written down under the order's lock, asked of the provider, watched until it is done."""

import logging
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.jobs import enqueue
from core.mail import enqueue_mail
from core.money import ZERO
from shop.enums import ORDER_MOVES, RECEIVED, REFUND_MOVES, OrderStatus, RefundStatus
from shop.exceptions import ProviderRefused, ProviderUnavailable, RefundTooHigh
from shop.models import Order, Payment, Refund
from shop.providers import RefundFact, get_provider
from shop.services import history, ledger
from shop.services.alarms import alarm

logger = logging.getLogger(__name__)

QUIET = timedelta(minutes=2)
BATCH = 200


def refundable(payment: Payment) -> Decimal:
    """How much of a payment has not been given back, nor is on its way."""
    gone = payment.refunds.counting().aggregate(amount=Sum("amount"))["amount"] or ZERO
    return payment.received_amount - gone


@transaction.atomic
def request(payment: Payment, amount: Decimal, *, reason: str, by=None) -> Refund:
    """Write a refund, to be asked of the provider after the commit. Places are not touched.

    Each call is a refund of its own, so that two equal partial refunds are possible; a view guards against double
    clicks. Raises ``RefundTooHigh`` when more than was received would go back.
    """
    Order.objects.select_for_update().get(pk=payment.order_id)
    payment = Payment.objects.get(pk=payment.pk)
    left = refundable(payment)
    if payment.status not in RECEIVED or not ZERO < amount <= left:
        raise RefundTooHigh(left)
    number = payment.refunds.count() + 1
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        reason=reason[:200],
        requested_by=by,
        idempotency_key=f"refund-{payment.idempotency_key}-{number}",
    )
    history.begin(refund, actor=by, note=reason)
    enqueue("shop.services.refunds.push", refund.pk)
    return refund


def push(refund_id: int) -> Refund:
    """Ask the provider for a refund. Safe to repeat: the refund's key makes it one at the provider, too.

    Raises ``ProviderUnavailable``; whoever calls from a queue is called again.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != RefundStatus.CREATED:
        return refund
    try:
        fact = get_provider(refund.payment.provider).refund(refund)
    except ProviderRefused as error:
        fact = RefundFact(RefundStatus.FAILED, refund.reference or "", refund.amount, error=str(error))
    return settle(refund, fact)


@transaction.atomic
def settle(refund: Refund, fact: RefundFact) -> Refund:
    """Draw the conclusions from what the provider says of a refund. Safe to repeat, in any order of facts.

    A refund that failed frees its amount again and alarms the staff.
    """
    order = Order.objects.select_for_update().get(pk=refund.payment.order_id)
    refund = Refund.objects.select_related("payment").get(pk=refund.pk)
    refund.reference = refund.reference or fact.reference or None
    refund.error = fact.error[:200]
    refund.checked_at = timezone.now()
    also = ("reference", "error", "checked_at", "done_at")
    if fact.status not in REFUND_MOVES[refund.status]:
        refund.save(update_fields=[*also, "updated_at"])
        return refund
    was_done = refund.status == RefundStatus.DONE
    if fact.status == RefundStatus.DONE:
        refund.done_at = timezone.now()
    history.move(refund, fact.status, also=also)
    if was_done:
        ledger.book_refund_failed(refund)
    if fact.status == RefundStatus.FAILED:
        alarm(refund.payment, f"refund-{refund.pk}-failed")
    elif fact.status == RefundStatus.DONE:
        ledger.book_refund(refund)
        _close_order_if_empty(order)
    return refund


def look_at_payment(payment_id: int) -> None:
    """Compare the refunds of a payment with what its provider knows, and import those made elsewhere. Safe to repeat.

    Raises ``ProviderUnavailable``.
    """
    payment = Payment.objects.get(pk=payment_id)
    for fact in get_provider(payment.provider).refunds(payment):
        settle(_known_or_imported(payment, fact), fact)


def return_late_money(payment: Payment) -> None:
    """Send back money that came twice or too late for a place, and tell buyer and staff. Safe to repeat."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=payment.order_id)
        payment = Payment.objects.get(pk=payment.pk)
        if payment.is_fulfilling or payment.refunds.exists():
            return
        if OrderStatus.UNFULFILLABLE in ORDER_MOVES[order.status]:
            history.move(order, OrderStatus.UNFULFILLABLE, note="Paid too late, no place left")
        request(payment, payment.received_amount, reason=_("Paid twice, or too late for a place"))
        enqueue_mail(
            "payment_returned",
            to=order.email,
            dedupe_key=f"payment-returned:{payment.pk}",
            context={"payment_id": payment.pk},
        )
        alarm(payment, "returned")


def reconcile_open() -> None:
    """Push refunds that were never asked for, and look at those on their way."""
    quiet = Refund.objects.unsettled(timezone.now() - QUIET).order_by("checked_at")
    for refund in list(quiet[:BATCH]):
        Refund.objects.filter(pk=refund.pk).update(checked_at=timezone.now())
        try:
            if refund.status == RefundStatus.CREATED:
                push(refund.pk)
            else:
                look_at_payment(refund.payment_id)
        except ProviderUnavailable:
            logger.warning("Refund %s: the provider does not answer", refund.pk)


@transaction.atomic
def _known_or_imported(payment: Payment, fact: RefundFact) -> Refund:
    Order.objects.select_for_update().get(pk=payment.order_id)
    refunds = payment.refunds.select_related("payment")
    known = refunds.filter(reference=fact.reference).first()
    if known is None and fact.idempotency_key:
        known = refunds.filter(idempotency_key=fact.idempotency_key).first()
    if known is not None:
        return known
    refund = Refund.objects.create(
        payment=payment,
        amount=fact.amount,
        reason=_("Made at the provider"),
        reference=fact.reference,
        idempotency_key=f"external-{fact.reference}",
    )
    history.begin(refund, note="Made at the provider")
    return refund


def _close_order_if_empty(order: Order) -> None:
    """An order that keeps no places and whose money is all back is refunded."""
    if OrderStatus.REFUNDED not in ORDER_MOVES[order.status]:
        return
    received = order.payments.filter(status__in=RECEIVED).aggregate(amount=Sum("received_amount"))
    returned = Refund.objects.filter(payment__order=order, status=RefundStatus.DONE).aggregate(
        amount=Sum("amount")
    )
    if received["amount"] and received["amount"] == returned["amount"]:
        history.move(order, OrderStatus.REFUNDED, note="All money is back")
