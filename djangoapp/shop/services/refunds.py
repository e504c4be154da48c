"""Money that goes back: written down under the order's lock, asked of the provider, watched until it is done."""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.jobs import enqueue, in_time
from core.mail import enqueue_mail
from core.money import ZERO
from shop.enums import ORDER_MOVES, RECEIVED, REFUND_MOVES, UNSETTLED_REFUNDS, OrderStatus, RefundStatus
from shop.exceptions import (
    NotPaidOutHere,
    PaymentDisputed,
    ProviderFailed,
    ProviderRefused,
    ProviderUnavailable,
    RefundTooHigh,
)
from shop.models import Order, OrderLine, Payment, Refund, RefundShare
from shop.providers import RefundFact, get_provider
from shop.services import history, ledger
from shop.services.alarms import alarm
from shop.services.balance import Balance, balance_of, left_of, refundable

logger = logging.getLogger(__name__)

QUIET = timedelta(minutes=2)
BATCH = 200
KEY_LASTS = timedelta(hours=12)  # Stripe forgets an idempotency key after 24


@transaction.atomic
def request(
    payment: Payment,
    amount: Decimal,
    *,
    reason: str,
    by=None,
    lines: Mapping[int, Decimal] | None = None,
    provider: str = "",
    nonce: str = "",
) -> Refund:
    """Write a refund, to be asked of the provider after the commit. Places are not touched.

    ``lines`` says for which places it is: amounts by the line's primary key, which add up to ``amount``. Without it,
    money that paid for places is spread: first over what is owed, then line by line. ``provider`` is the way by which
    it goes back, that of the payment unless told: any payment may be paid out at the ``desk``.

    Each call is a refund of its own, so that two equal partial refunds are possible; only a call with the ``nonce`` of
    an earlier one returns the refund that was written then. Raises ``RefundTooHigh`` when more than was received, for
    the whole or for a place, would go back, and ``PaymentDisputed`` while the buyer's bank claims the money.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
    if nonce and (written := payment.refunds.filter(nonce=nonce).first()):
        return written
    payment = Payment.objects.get(pk=payment.pk)
    if payment.disputes.open().exists():
        raise PaymentDisputed
    left = refundable(payment)
    if payment.status not in RECEIVED or not ZERO < amount <= left:
        raise RefundTooHigh(left)
    balance = balance_of(order)
    shares = _shares(balance, payment, amount, lines)
    refund = Refund.objects.create(
        payment=payment,
        provider=provider or payment.provider,
        amount=amount,
        reason=reason[:200],
        requested_by=by,
        idempotency_key=f"refund-{payment.idempotency_key}-{payment.refunds.count() + 1}",
        nonce=nonce or None,
    )
    _write_shares(refund, shares, balance)
    history.begin(refund, actor=by, note=reason)
    enqueue("shop.services.refunds.push", refund.pk)
    return refund


@transaction.atomic
def refund_owed(
    order: Order, *, reason: str, by=None, lines: Iterable[OrderLine] | None = None, provider: str = ""
) -> Refund | None:
    """Write a refund of all that is owed to the buyer, or of what is owed for these lines.

    ``None`` when nothing is. Repeating the call is harmless, for nothing is owed any more; should the refund fail, its
    amount is owed again. Raises ``PaymentDisputed``.
    """
    Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    balance = balance_of(order)
    is_owing = any(money.owed for money in balance.lines)
    if is_owing and balance.payment and balance.payment.disputes.open().exists():
        raise PaymentDisputed
    wanted = None if lines is None else {line.pk for line in lines}
    owed = {pk: part for pk, part in balance.owed_by_line.items() if wanted is None or pk in wanted}
    if not owed:
        return None
    total = sum(owed.values(), ZERO)
    return request(balance.payment, total, reason=reason, by=by, lines=owed, provider=provider)


def tell_made(refund: Refund) -> None:
    """Write to the buyer that money goes back, how much and why. To be called in the transaction of ``request``."""
    order = refund.payment.order
    enqueue_mail(
        "refund_made",
        to=order.email,
        dedupe_key=f"refund-made:{refund.pk}",
        context={"refund_id": refund.pk},
    )


def push(refund_id: int) -> Refund:
    """Ask the provider for a refund. Safe to repeat: the refund's key makes it one at the provider, too.

    Keys do not last for ever, and one that the provider failed with is spent; then the refund is looked for among
    those that exist before it is asked for again. Raises ``ProviderUnavailable``; whoever calls from a queue is called
    again.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != RefundStatus.CREATED:
        return refund
    provider = get_provider(refund.way)
    if refund.failed_tries or refund.created_at < timezone.now() - KEY_LASTS:
        for fact in provider.refunds(refund.payment):
            if fact.idempotency_key == refund.idempotency_key:
                return settle(refund, fact)
    try:
        fact = provider.refund(refund)
    except ProviderFailed:
        # Of two that failed with the same key only one counts, lest the next two ask with different ones.
        spent = Refund.objects.filter(pk=refund.pk, failed_tries=refund.failed_tries)
        spent.update(failed_tries=refund.failed_tries + 1)
        raise
    except ProviderRefused as error:
        fact = RefundFact(RefundStatus.FAILED, refund.reference or "", refund.amount, error=str(error))
    return settle(refund, fact)


def pay_out(refund: Refund, *, actor) -> Refund:
    """Note that somebody has paid the refund out at the desk. Repeating it is harmless.

    Whoever took the money is asked first whether some of it has gone back another way, lest it go back twice.
    Raises ``NotPaidOutHere`` for a refund that goes another way, or has failed by then, and ``ProviderUnavailable``.
    """
    if refund.is_at_desk and refund.status in UNSETTLED_REFUNDS:
        look_at_payment(refund.payment_id)
        refund.refresh_from_db()
    if not refund.is_at_desk or refund.status == RefundStatus.FAILED:
        raise NotPaidOutHere
    fact = RefundFact(RefundStatus.DONE, f"desk-refund-{refund.pk}", refund.amount)
    return settle(refund, fact, actor=actor)


@transaction.atomic
def settle(refund: Refund, fact: RefundFact, *, actor=None) -> Refund:
    """Draw the conclusions from what the provider says of a refund. Safe to repeat, in any order of facts.

    A refund that failed frees its amount again and alarms the staff.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=refund.payment.order_id)
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
        refund.settled_by = actor
        also += ("settled_by",)
    history.move(refund, fact.status, actor=actor, also=also)
    if was_done:
        ledger.book_refund_failed(refund)
    if fact.status == RefundStatus.FAILED:
        alarm(refund.payment, f"refund-{refund.pk}-failed")
        _share_the_rest(refund.payment)
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
    withdraw_from_desk(payment)


@transaction.atomic
def withdraw_from_desk(payment: Payment) -> None:
    """Hand out nothing that has gone back another way since: at the provider, or through the buyer's bank.

    What was still to be paid out has failed then, the latest first, and the staff is alarmed. Safe to repeat.
    """
    Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
    for refund in payment.refunds.at_desk().order_by("-pk"):
        if left_of(payment) >= 0:
            return
        error = _("The money has gone back another way.")
        settle(refund, RefundFact(RefundStatus.FAILED, refund.reference or "", refund.amount, error=error))


def return_late_money(payment: Payment) -> None:
    """Send back money that came twice or too late for a place, and tell buyer and staff. Safe to repeat.

    While a bank claims it nothing is sent, and nothing of what a bank has taken.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
        payment = Payment.objects.get(pk=payment.pk)
        left = refundable(payment)
        if payment.is_fulfilling or payment.refunds.exists() or payment.disputes.open().exists() or not left:
            return
        if OrderStatus.UNFULFILLABLE in ORDER_MOVES[order.status]:
            history.move(order, OrderStatus.UNFULFILLABLE, note="Paid too late, no place left")
        request(payment, left, reason=_("Paid twice, or too late for a place"))
        enqueue_mail(
            "payment_returned",
            to=order.email,
            dedupe_key=f"payment-returned:{payment.pk}",
            context={"payment_id": payment.pk},
        )
        alarm(payment, "returned")


def reconcile_open() -> None:
    """Push refunds that were never asked for, and look at those on their way."""
    quiet = Refund.objects.unsettled(timezone.now() - QUIET).exclude(provider="desk", status="pending")
    for refund in in_time(list(quiet.order_by("checked_at")[:BATCH])):
        Refund.objects.filter(pk=refund.pk).update(checked_at=timezone.now())
        try:
            # It may have been made and its answer lost, so long ago that the provider has forgotten the key.
            look_at_payment(refund.payment_id)
            push(refund.pk)
        except ProviderUnavailable:
            logger.warning("Refund %s: the provider does not answer", refund.pk)


@transaction.atomic
def _known_or_imported(payment: Payment, fact: RefundFact) -> Refund:
    Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
    refunds = payment.refunds.select_related("payment")
    known = refunds.filter(reference=fact.reference).first()
    if known is None and fact.idempotency_key:
        known = refunds.filter(idempotency_key=fact.idempotency_key).first()
    if known is not None:
        return known
    balance = balance_of(payment.order)
    refund = Refund.objects.create(
        payment=payment,
        provider=payment.provider,
        amount=fact.amount,
        reason=_("Made at the provider"),
        reference=fact.reference,
        idempotency_key=f"external-{fact.reference}",
    )
    if payment.is_fulfilling and fact.status != RefundStatus.FAILED:
        _write_shares(refund, balance.spread(fact.amount), balance)
    history.begin(refund, note="Made at the provider")
    return refund


def _shares(
    balance: Balance, payment: Payment, amount: Decimal, lines: Mapping[int, Decimal] | None
) -> Mapping[int, Decimal]:
    """For which places a refund is. Raises ``RefundTooHigh``."""
    if not payment.is_fulfilling:
        return {}
    if lines is None:
        return balance.spread(amount)
    if sum(lines.values(), ZERO) != amount:
        raise ValueError("The shares of a refund add up to its amount.")
    most = {money.line.pk: money.refundable for money in balance.lines}
    for pk, share in lines.items():
        if not ZERO < share <= most.get(pk, ZERO):
            raise RefundTooHigh(most.get(pk, ZERO))
    return lines


def _write_shares(
    refund: Refund,
    shares: Mapping[int, Decimal],
    balance: Balance,
    *,
    known: Mapping[int, Decimal] | None = None,
) -> None:
    """Note for which places a refund is. What nobody was owed is taken off the price, or off the fee, from now on.

    ``known`` are shares that it has already; these are added to them.
    """
    for money in balance.lines:
        more = shares.get(money.line.pk, ZERO) - money.owed
        if more > 0:
            _take_off(money.line, more)
    RefundShare.objects.bulk_create(
        [
            RefundShare(refund=refund, line_id=pk, amount=share + (known or {}).get(pk, ZERO))
            for pk, share in shares.items()
        ],
        update_conflicts=True,
        unique_fields=["refund", "line"],
        update_fields=["amount"],
    )


def _share_the_rest(payment: Payment) -> None:
    """Say for which places money is that went back elsewhere while ours, which has failed, was on its way for them."""
    if not payment.is_fulfilling:
        return
    for refund in payment.refunds.counting().order_by("pk"):
        known = {share.line_id: share.amount for share in refund.shares.all()}
        rest = refund.amount - sum(known.values(), ZERO)
        if rest:
            balance = balance_of(payment.order)
            _write_shares(refund, balance.spread(rest), balance, known=known)


def _take_off(line: OrderLine, amount: Decimal) -> None:
    if line.cancelled_at is None:
        line.allowance += amount
        line.save(update_fields=["allowance"])
        ledger.book_allowance(line, amount)
    else:
        line.fee -= amount
        line.save(update_fields=["fee"])
        ledger.book_fee_waived(line, amount)


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
