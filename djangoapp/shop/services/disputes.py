"""Disputes: a buyer's bank takes a payment back, and in the end somebody is right.

Written down from what the provider says when it is asked, as with payments and refunds. Nothing here touches places.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core.jobs import in_time
from shop.enums import DISPUTE_MOVES, DisputeStatus
from shop.exceptions import ProviderUnavailable
from shop.models import Dispute, Order, Payment
from shop.providers import DisputeFact, get_provider
from shop.services import history, ledger, refunds
from shop.services.alarms import alarm

logger = logging.getLogger(__name__)

QUIET = timedelta(hours=6)  # a bank takes weeks
BATCH = 200


def is_disputed(order: Order) -> bool:
    """Whether a bank claims money of this order at this moment."""
    return Dispute.objects.open().filter(payment__order=order).exists()


def look_at_payment(payment_id: int) -> None:
    """Ask the provider which disputes of a payment there are, and write them down. Safe to repeat.

    Raises ``ProviderUnavailable``; whoever calls from a queue is called again.
    """
    payment = Payment.objects.get(pk=payment_id)
    for fact in get_provider(payment.provider).disputes(payment):
        settle(payment, fact)
    refunds.withdraw_from_desk(payment)


@transaction.atomic
def settle(payment: Payment, fact: DisputeFact) -> Dispute:
    """Draw the conclusions from what the provider says of a dispute. Safe to repeat, in any order of facts.

    The staff is alarmed when it begins and when it ends.
    """
    Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
    dispute = Dispute.objects.filter(reference=fact.reference).select_related("payment").first()
    if dispute is None:
        dispute = Dispute.objects.create(
            payment=payment,
            reference=fact.reference,
            amount=fact.amount,
            reason=fact.reason[:60],
            answer_by=fact.answer_by,
        )
        history.begin(dispute, note=fact.reason)
        alarm(payment, f"dispute-{dispute.pk}-open")
    if fact.amount:  # a bank that only asks has taken nothing yet
        ledger.book_dispute(payment, fact.amount, reference=fact.reference)
    dispute.amount = fact.amount
    dispute.answer_by = fact.answer_by
    dispute.checked_at = timezone.now()
    also = ("amount", "answer_by", "checked_at")
    if fact.status not in DISPUTE_MOVES[dispute.status]:
        dispute.save(update_fields=[*also, "updated_at"])
        return dispute
    dispute.closed_at = timezone.now()
    history.move(dispute, fact.status, also=(*also, "closed_at"))
    if fact.amount and fact.status == DisputeStatus.WON:
        ledger.book_dispute_won(payment, fact.amount, reference=fact.reference)
    alarm(payment, f"dispute-{dispute.pk}-{DisputeStatus(fact.status).value}")
    return dispute


def reconcile_open() -> None:
    """Look at open disputes of which nobody has told anything for a while."""
    quiet = Dispute.objects.open().filter(checked_at__lte=timezone.now() - QUIET).order_by("checked_at")
    for dispute in in_time(list(quiet[:BATCH])):
        Dispute.objects.filter(pk=dispute.pk).update(checked_at=timezone.now())
        try:
            look_at_payment(dispute.payment_id)
        except ProviderUnavailable:
            logger.warning("Dispute %s: the provider does not answer", dispute.pk)
