"""Money that went back elsewhere, or came back, and no notification told of it.

It may have gone in the provider's dashboard or through a bank; what came back are refunds that could not be delivered.
"""

import logging
from datetime import timedelta

from django.utils import timezone

from core.jobs import SECONDS_FOR_A_TASK, in_time
from shop.exceptions import ProviderUnavailable
from shop.models import Payment
from shop.providers import offered
from shop.services import disputes, refunds

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=4)  # longer than Stripe repeats a notification, which is three days


def look_back() -> int:
    """Look at every payment from which money was taken back lately. Safe to repeat.

    Returns how many payments were looked at. A provider that does not answer is asked again by the next run, which also
    goes on where the time was too short for all.
    """
    since = timezone.now() - LOOK_BACK
    looked_at = 0
    for offer in offered():
        try:
            charges = set(offer.provider.charges_taken_back(since))
            payments = Payment.objects.filter(provider=offer.name, charge_reference__in=charges)
            waiting = payments.order_by("checked_at").values_list("pk", flat=True)
            for payment_id in in_time(list(waiting), seconds=SECONDS_FOR_A_TASK):
                Payment.objects.filter(pk=payment_id).update(checked_at=timezone.now())
                refunds.look_at_payment(payment_id)
                disputes.look_at_payment(payment_id)
                looked_at += 1
        except ProviderUnavailable:
            logger.warning("Money taken back by %s was not looked for: it does not answer", offer.name)
    return looked_at
