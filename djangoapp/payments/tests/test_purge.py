"""Stripe's raw notifications do not stay for ever, and nobody's address reaches the log."""

import logging
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from djstripe.models import Event, WebhookEventTrigger

from core import retention
from core.mail import deliver, send_due_mails
from core.models import Mail
from payments import purge
from shop.models import Payment
from shop.services import payments
from shop.tests.factories import SessionFactory
from shop.tests.visiting import filled_in

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def request_of(days: float) -> WebhookEventTrigger:
    made = WebhookEventTrigger.objects.create(remote_ip="127.0.0.1", headers={}, body="{}")
    WebhookEventTrigger.objects.filter(pk=made.pk).update(created=timezone.now() - timedelta(days=days))
    return made


def event_of(days: float) -> Event:
    number = Event.objects.count()
    event = Event.objects.create(
        id=f"evt_{number}", type="charge.refunded", data={}, stripe_data={}, livemode=False, metadata={}
    )
    Event.objects.filter(pk=event.pk).update(djstripe_created=timezone.now() - timedelta(days=days))
    return event


@pytest.mark.django_db
def test_requests_go_after_a_week_and_events_after_five():
    old, fresh = request_of(7.1), request_of(6.9)
    stale, needed = event_of(35.1), event_of(34.9)
    WebhookEventTrigger.objects.filter(pk=fresh.pk).update(event=stale)

    retention.forget_what_is_old()

    fresh.refresh_from_db()
    assert (WebhookEventTrigger.objects.get(), Event.objects.get(), fresh.event) == (fresh, needed, None)
    assert old.pk != fresh.pk


@pytest.mark.django_db
def test_many_go_in_batches_and_the_command_says_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setattr(purge, "BATCH", 2)
    for _one in range(5):
        request_of(8)

    call_command("purge_stripe_payloads")

    assert capsys.readouterr().out.splitlines() == [
        "… 2 requests",
        "… 4 requests",
        "… 5 requests",
        "Deleted 5 requests and 0 events.",
    ]


@pytest.mark.django_db(transaction=True)
def test_nobodys_address_is_logged_from_the_checkout_to_a_mail_that_fails(
    client, standin, caplog, monkeypatch, settings
):
    """Before any formatter: what is not said need not be struck out."""
    caplog.set_level(logging.INFO)
    session = SessionFactory()
    client.post("/cart/add/", {"session": session.slug, "quantity": 1})
    client.post("/checkout/", filled_in(client, provider="stripe", email="ana.secret@example.org"))
    payment = Payment.objects.get()
    standin.pay(payment.reference)
    payments.look_at(payment.pk)
    forged = '{"id": "evt_x", "object": "event", "email": "eva.secret@example.org"}'
    client.post("/stripe/webhook/", forged, "application/json", headers={"Stripe-Signature": "t=1,v1=0"})
    client.post("/stripe/webhook/", forged, "application/json")
    client.post("/account/login/", {"login": "ana.secret@example.org", "password": "wrong"})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens
    Mail.objects.update(status="queued", attempts=0, next_attempt_at=timezone.now())
    send_due_mails()
    for mail in Mail.objects.all():
        deliver(mail.pk)
    retention.forget_what_is_old()

    said = [record.getMessage() + str(record.exc_text or "") for record in caplog.records]
    assert len(said) > 3
    assert [line for line in said if ADDRESS.search(line)] == []
