"""What Stripe's notifications set in motion.

Receivers run inside dj-stripe's transaction, so they call nobody and lock nothing: they find the payment and queue a
look at it. The notification is only the trigger; the truth is asked for afresh.
"""

from djstripe.event_handlers import djstripe_receiver
from djstripe.models import Event

from core.jobs import enqueue
from shop.models import Payment


class UnknownPayment(Exception):
    """A notification about a payment of ours that we do not know. Stripe then delivers it again later."""


@djstripe_receiver(
    [
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
    ]
)
def checkout_session_changed(sender: type[Event], event: Event, **kwargs) -> None:
    checkout_session = event.data["object"]
    key = (checkout_session.get("metadata") or {}).get("payment")
    if not key:
        return  # something else that is sold through the same Stripe account
    payment_id = Payment.objects.filter(idempotency_key=key).values_list("pk", flat=True).first()
    if payment_id is None:
        raise UnknownPayment(f"No payment belongs to {checkout_session['id']}.")
    Payment.objects.filter(pk=payment_id, reference=None).update(reference=checkout_session["id"])
    enqueue("shop.services.payments.look_at", payment_id)


@djstripe_receiver(["refund.created", "refund.updated", "refund.failed", "charge.refunded"])
def refund_changed(sender: type[Event], event: Event, **kwargs) -> None:
    intent = event.data["object"].get("payment_intent")
    if not intent:
        return
    found = Payment.objects.filter(charge_reference=intent).values_list("pk", flat=True)
    for payment_id in found:
        enqueue("shop.services.refunds.look_at_payment", payment_id)


@djstripe_receiver(["charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"])
def dispute_changed(sender: type[Event], event: Event, **kwargs) -> None:
    intent = event.data["object"].get("payment_intent")
    if not intent:
        return
    for payment_id in Payment.objects.filter(charge_reference=intent).values_list("pk", flat=True):
        enqueue("shop.services.disputes.look_at_payment", payment_id)
