"""Whoever is erased leaves the copies of what Stripe knows, too."""

import pytest
from djstripe.models import Charge, Dispute, Event, PaymentIntent, PaymentMethod, Session, WebhookEventTrigger

from accounts import personal_data
from accounts.services import erase_person
from shop.models import Payment
from shop.services import orders
from shop.tests.factories import SessionFactory, UserFactory, paid_order_for

pytestmark = pytest.mark.django_db
SECRET = "guest@example.org"


def copies_of(intent: str, checkout: str) -> None:
    told = {
        "id": intent,
        "object": "payment_intent",
        "amount": 8500,
        "receipt_email": SECRET,
        "payment_method": f"pm_{intent}",
    }
    common = {"livemode": False, "metadata": {}}
    PaymentIntent.objects.create(id=intent, stripe_data=told, **common)
    Charge.objects.create(
        id=f"ch_{intent}",
        amount=85,
        currency="chf",
        stripe_data={"id": f"ch_{intent}", "payment_intent": intent, "billing_details": {"email": SECRET}},
        **common,
    )
    means = {"id": f"pm_{intent}", "billing_details": {"email": SECRET}}
    PaymentMethod.objects.create(id=means["id"], stripe_data=means, **common)
    dispute = {"id": f"du_{intent}", "payment_intent": intent, "reason": "fraudulent"}
    evidence = {"customer_email_address": SECRET}
    Dispute.objects.create(id=dispute["id"], stripe_data=dispute | {"evidence": evidence}, **common)
    Session.objects.create(id=checkout, stripe_data={"id": checkout, "customer_email": SECRET}, **common)
    Event.objects.create(
        id=f"evt_{intent}",
        type="checkout.session.completed",
        data={"object": {"id": checkout, "customer_email": SECRET}},
        stripe_data={"id": f"evt_{intent}"},
        **common,
    )
    WebhookEventTrigger.objects.create(
        remote_ip="127.0.0.1", headers={}, body=f'{{"id": "{checkout}", "email": "{SECRET}"}}'
    )


def test_erasing_reduces_copies_and_drops_raw_notifications():
    order = paid_order_for((SessionFactory(), 1), email=SECRET)
    orders.cancel(order)
    Payment.objects.update(provider="stripe", reference="cs_1", charge_reference="pi_1")
    copies_of("pi_1", "cs_1")
    copies_of("pi_other", "cs_other")

    done = erase_person(personal_data.find(SECRET), by=UserFactory(is_staff=True))

    assert done.changed["stripe_copies"] == 7
    assert PaymentIntent.objects.get(id="pi_1").stripe_data == {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 8500,
    }
    assert Charge.objects.get(id="ch_pi_1").stripe_data == {"id": "ch_pi_1"}
    assert not Session.objects.filter(id="cs_1").exists()
    assert Dispute.objects.get(id="du_pi_1").stripe_data == {"id": "du_pi_1", "reason": "fraudulent"}
    # Those of somebody else stay.
    for model in (PaymentMethod, Session, Event, WebhookEventTrigger):
        assert model.objects.count() == 1
    assert PaymentIntent.objects.get(id="pi_other").stripe_data["receipt_email"] == SECRET
