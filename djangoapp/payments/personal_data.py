"""What dj-stripe keeps of a person who is erased. Stripe itself has the truth; here it is only a copy."""

from functools import reduce
from operator import or_

from django.db.models import Q
from djstripe.models import Charge, Dispute, Event, PaymentIntent, PaymentMethod, Session, WebhookEventTrigger

from accounts.personal_data import Person
from shop.models import Payment

# What remains of a copy: enough to see that money moved, and nothing of whose it was.
HARMLESS = (
    "id",
    "object",
    "amount",
    "amount_refunded",
    "currency",
    "created",
    "livemode",
    "reason",
    "status",
)


def erase_copies(person: Person) -> dict[str, int]:
    """Take the person out of the copies of what Stripe knows of their payments, and drop the raw notifications."""
    mine = Q(order__email__in=person.addresses)
    if person.user is not None:
        mine |= Q(order__customer=person.user)
    payments = Payment.objects.filter(mine, provider="stripe")
    sessions, intents = set(), set()
    for reference, charge in payments.values_list("reference", "charge_reference"):
        sessions.add(reference)
        intents.add(charge)
    sessions -= {None, ""}
    intents -= {None, ""}
    if not sessions | intents:
        return {}
    erased = _drop_notifications(sessions, intents)
    erased += Session.objects.filter(id__in=sessions).delete()[0]
    of_intents = {"stripe_data__payment_intent__in": list(intents)}
    copies = [
        *PaymentIntent.objects.filter(id__in=intents),
        *Charge.objects.filter(**of_intents),
        *Dispute.objects.filter(**of_intents),
    ]
    # How somebody paid: brand and last digits of a card, with the address of whom it belongs to.
    means = {copy.stripe_data.get("payment_method") for copy in copies} - {None}
    erased += PaymentMethod.objects.filter(id__in=means).delete()[0]
    erased += sum(_reduce_copy(copy) for copy in copies)
    return {"stripe_copies": erased}


def _drop_notifications(sessions: set[str], intents: set[str]) -> int:
    names = sessions | intents
    mentioned = reduce(or_, [Q(body__contains=name) for name in names])
    triggers = WebhookEventTrigger.objects.filter(mentioned).delete()[0]
    about = Q(data__object__id__in=list(names)) | Q(data__object__payment_intent__in=list(intents))
    return triggers + Event.objects.filter(about).delete()[0]


def _reduce_copy(copy: PaymentIntent | Charge | Dispute) -> int:
    kept = {name: copy.stripe_data[name] for name in HARMLESS if name in copy.stripe_data}
    type(copy).objects.filter(pk=copy.pk).update(stripe_data=kept, metadata={})
    return 1
