"""Paying through Stripe: our code, the real client and the real webhook view, with the stand-in at the other end."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from djstripe.models import Event, WebhookEndpoint

from core import request_id
from core.models import Mail
from payments.providers.stripe import StripeCheckout
from shop.enums import OrderStatus, PaymentStatus, RefundStatus
from shop.exceptions import ProviderRefused, ProviderUnavailable
from shop.models import Order, Payment, Refund, Session
from shop.services import lost_news, orders, payments, refunds
from shop.tests.factories import CouponFactory, SessionFactory, cart_with, order_for, purchase_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(standin) -> Payment:
    """A payment of CHF 170 that waits on Stripe's page."""
    order = order_for((SessionFactory(capacity=5), 2), provider="stripe")
    payments.start(order.payments.get())
    return order.payments.get()


def state(payment: Payment) -> tuple[str, str]:
    payment.refresh_from_db()
    return Order.objects.get(pk=payment.order_id).status, payment.status


def confirmations() -> int:
    return Mail.objects.filter(kind="order_paid").count()


CONFIRMED = (OrderStatus.PAID, PaymentStatus.PAID)
WAITING = (OrderStatus.PENDING, PaymentStatus.OPEN)


def test_stripe_is_told_the_request_that_wrote_the_payment_however_often_it_is_asked(standin):
    with request_id.belonging_to("the-buyers-request"):
        order = order_for((SessionFactory(), 1), provider="stripe")
    payment = order.payments.get()

    payments.start(payment)
    with request_id.belonging_to("the-reconcile-job"):
        again = StripeCheckout().start(payment, payments._return_addresses(order))

    payment.refresh_from_db()
    assert again.reference == payment.reference
    assert standin.get(payment.reference)["metadata"]["request"] == "the-buyers-request"


def test_the_checkout_session_is_made_from_the_order_alone(standin, payment):
    made = standin.get(payment.reference)

    assert made["amount_total"] == 17000
    assert made["currency"] == "chf"
    assert made["customer_email"] == payment.order.email
    assert made["client_reference_id"] == payment.order.code
    assert made["metadata"] == {"order": payment.order.code, "payment": payment.idempotency_key}
    assert made["expires_at"] == int(payment.expires_at.timestamp())
    assert payment.redirect_url == made["url"]
    assert standin.requests(method="POST")[0]["idempotency_key"] == payment.idempotency_key


def test_a_discount_and_a_currency_without_coins_arrive_exactly(standin, settings):
    settings.SHOP_CURRENCY = "JPY"
    session = SessionFactory(base_price=Decimal(1005))
    cart = cart_with((session, 3), coupon=CouponFactory(kind="fixed", value=Decimal(100)))
    order = orders.place_order(cart, purchase_for(cart, provider="stripe"))

    payments.start(order.payments.get())
    standin.pay(order.payments.get().reference)

    assert order.total == Decimal(2915)
    assert standin.checkout_sessions()[0]["amount_total"] == 2915
    assert state(order.payments.get()) == CONFIRMED


def test_the_notification_alone_confirms_the_order(standin, payment):
    standin.pay(payment.reference)

    assert state(payment) == CONFIRMED
    assert payment.received_amount == Decimal("170.00")
    assert payment.charge_reference.startswith("pi_")
    assert confirmations() == 1
    assert {delivery["status"] for delivery in standin.deliveries()} == {200}


@pytest.mark.parametrize("order", ["reverse", "shuffle", None])
def test_notifications_that_come_twice_and_in_any_order_confirm_once(order, standin, payment):
    standin.webhooks(duplicate=2, reorder=order)

    standin.pay(payment.reference)
    standin.flush()

    assert state(payment) == CONFIRMED
    assert confirmations() == 1
    assert Session.objects.get().seats_taken == 2


def test_without_any_notification_the_reconcile_job_confirms(standin, payment):
    standin.webhooks(drop=True)
    standin.pay(payment.reference)
    assert state(payment) == WAITING

    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        payments.reconcile_open()

    assert state(payment) == CONFIRMED


def test_an_hour_late_notification_changes_nothing_any_more(standin, payment):
    standin.webhooks(hold=True)
    standin.pay(payment.reference)
    payments.look_at(payment.pk)
    assert state(payment) == CONFIRMED

    standin.webhooks_normal()
    standin.flush()

    assert state(payment) == CONFIRMED
    assert confirmations() == 1


@pytest.mark.parametrize("trick", [{"forge": True}, {"age_seconds": 400}])
def test_notifications_that_are_forged_or_old_are_refused(trick, standin, payment):
    standin.webhooks(**trick)

    standin.pay(payment.reference, wait=False)
    standin.deliver(standin.events("checkout.session.completed")[0]["id"], **trick)

    assert state(payment) == WAITING
    assert {delivery["status"] for delivery in standin.deliveries()} == {400}
    assert not Event.objects.exists()


def test_a_notification_about_an_unknown_payment_of_ours_is_asked_for_again(standin, payment):
    Payment.objects.all().delete()

    standin.pay(payment.reference, wait=False)
    sent = standin.deliver(standin.events("checkout.session.completed")[0]["id"])

    assert sent[0]["status"] == 500
    assert not Event.objects.filter(type="checkout.session.completed").exists()


def test_what_else_is_sold_through_the_account_is_none_of_our_business(standin, payment):
    standin.tamper(payment.reference, {"metadata": {}})

    standin.pay(payment.reference)

    assert state(payment) == WAITING
    assert {delivery["status"] for delivery in standin.deliveries("checkout.session.completed")} == {200}


@pytest.mark.parametrize(
    ("succeeds", "expected"),
    [
        (True, CONFIRMED),
        (False, (OrderStatus.PENDING, PaymentStatus.FAILED)),
    ],
)
def test_money_that_takes_days_keeps_the_places_until_it_is_known(succeeds, expected, standin, payment):
    standin.pay_later(payment.reference)
    assert state(payment) == (OrderStatus.PENDING, PaymentStatus.PROCESSING)
    Order.objects.update(expires_at=timezone.now())
    payments.expire_overdue()
    assert Session.objects.get().seats_taken == 2
    Order.objects.update(expires_at=timezone.now() + timedelta(hours=1))

    standin.settle(payment.reference, succeed=succeeds)

    assert state(payment) == expected


def test_an_overdue_order_is_closed_at_stripe_before_its_places_are_free(standin, payment):
    Order.objects.update(expires_at=timezone.now())

    assert payments.expire_overdue() == 1

    assert state(payment) == (OrderStatus.EXPIRED, PaymentStatus.EXPIRED)
    assert standin.get(payment.reference)["status"] == "expired"
    assert Session.objects.get().seats_taken == 0


def test_an_overdue_order_that_was_paid_a_moment_ago_is_confirmed(standin, payment):
    standin.webhooks(drop=True)
    standin.pay(payment.reference)
    Order.objects.update(expires_at=timezone.now())

    assert payments.expire_overdue() == 0

    assert state(payment) == CONFIRMED


def test_a_declined_card_leaves_the_attempt_open(standin, payment):
    standin.decline(payment.reference)

    payments.look_at(payment.pk)

    assert state(payment) == WAITING


@pytest.mark.parametrize(("kind", "times"), [("rate_limit", 1), ("drop", 2)])
def test_an_answer_that_gets_lost_never_makes_a_second_session(kind, times, standin):
    order = order_for((SessionFactory(), 1), provider="stripe")
    standin.misbehave(kind, count=times)  # the library tries a dropped connection twice by itself
    with pytest.raises(ProviderUnavailable):
        payments.start(order.payments.get())
    assert order.payments.get().status == PaymentStatus.CREATED

    payments.start(order.payments.get())

    assert len(standin.checkout_sessions()) == 1
    assert order.payments.get().status == PaymentStatus.OPEN


@pytest.mark.parametrize("performed", [True, False])
def test_a_server_error_that_stripe_would_repeat_for_a_day_ends_the_attempt(performed, standin):
    order = order_for((SessionFactory(), 1), provider="stripe")
    standin.misbehave("error", count=2, performed=performed)
    with pytest.raises(ProviderRefused, match="Please try again"):
        payments.start(order.payments.get())
    standin.behave()

    second = payments.pay_again(order, "stripe")
    payments.start(second)
    second.refresh_from_db()
    standin.pay(second.reference)

    assert state(second) == CONFIRMED
    assert state(order.payments.get(attempt=1))[1] == PaymentStatus.FAILED


def test_a_lost_answer_is_healed_by_the_notification(standin):
    order = order_for((SessionFactory(), 1), provider="stripe")
    standin.misbehave("drop", count=2)
    with pytest.raises(ProviderUnavailable):
        payments.start(order.payments.get())

    standin.pay(standin.checkout_sessions()[0]["id"])

    assert state(order.payments.get()) == CONFIRMED


def test_a_provider_that_is_gone_is_told_politely_and_nothing_is_lost(standin):
    order = order_for((SessionFactory(), 1), provider="stripe")
    standin.unplug()

    with pytest.raises(ProviderUnavailable, match="Your places are kept"):
        payments.start(order.payments.get())

    standin.plug_in()
    payments.start(order.payments.get())
    standin.pay(order.payments.get().reference)
    assert state(order.payments.get()) == CONFIRMED


def test_a_provider_that_is_too_slow_counts_as_gone(standin, settings):
    settings.STRIPE_TIMEOUT_SECONDS = 0.2
    order = order_for((SessionFactory(), 1), provider="stripe")
    standin.misbehave("slow", count=2, seconds=1)

    with pytest.raises(ProviderUnavailable):
        payments.start(order.payments.get())


@pytest.mark.parametrize("change", [{"amount_total": 16999}, {"currency": "eur"}])
def test_another_amount_or_currency_confirms_nothing(change, standin, payment):
    standin.webhooks(drop=True)
    standin.pay(payment.reference)
    standin.tamper(payment.reference, change)

    payments.look_at(payment.pk)

    assert state(payment) == (OrderStatus.PENDING, PaymentStatus.MISMATCHED)
    assert Mail.objects.get(kind="payment_alarm").context["kind"] == "mismatch"


@pytest.fixture
def paid(standin, payment) -> Payment:
    standin.pay(payment.reference)
    payment.refresh_from_db()
    return payment


def test_a_refund_is_made_once_however_often_it_is_asked_for(standin, paid):
    standin.webhooks(drop=True)  # which would tell the outcome before it is asked for again
    refund = refunds.request(paid, Decimal("20.00"), reason="Rain")

    refunds.push(refund.pk)
    Refund.objects.update(status=RefundStatus.CREATED)  # as if the answer had been lost
    refunds.push(refund.pk)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.DONE
    assert len(standin.requests("/v1/refunds", "POST")) == 2
    charge = standin.get(standin.get(paid.charge_reference)["latest_charge"])
    assert charge["amount_refunded"] == 2000


@pytest.mark.parametrize("performed", [True, False])
def test_a_refund_that_stripe_failed_to_answer_is_made_once(performed, standin, paid):
    standin.webhooks(drop=True)
    standin.misbehave("error", count=1, prefix="/v1/refunds", method="POST", performed=performed)
    with pytest.raises(ProviderUnavailable):
        refunds.request(paid, Decimal("20.00"), reason="Rain")
    refund = Refund.objects.get()
    assert (refund.status, refund.failed_tries) == (RefundStatus.CREATED, 1)

    refund = refunds.push(refund.pk)

    assert refund.status == RefundStatus.DONE
    charge = standin.get(standin.get(paid.charge_reference)["latest_charge"])
    assert charge["amount_refunded"] == 2000


def test_a_refund_made_in_the_dashboard_is_noted(standin, paid):
    standin.refund(paid.reference, amount=500)

    refund = Refund.objects.get()
    assert (refund.amount, refund.status, refund.payment) == (Decimal("5.00"), RefundStatus.DONE, paid)


def test_a_refund_of_the_dashboard_that_no_notification_told_of_is_found(standin, paid):
    standin.webhooks(drop=True)
    standin.refund(paid.reference, amount=500)
    assert not Refund.objects.exists()

    assert lost_news.look_back() == 1
    assert lost_news.look_back() == 1

    assert Refund.objects.get().amount == Decimal("5.00")


def test_a_refund_of_long_ago_that_came_back_unannounced_is_found(standin, paid):
    refund = refunds.request(paid, Decimal("20.00"), reason="Rain")
    standin.advance(timedelta(days=20).total_seconds())
    standin.webhooks(drop=True)
    refund.refresh_from_db()
    standin.settle_refund(refund.reference, succeed=False)

    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert lost_news.look_back() == 1

    refund.refresh_from_db()
    assert refund.status == RefundStatus.FAILED


def test_refunds_that_the_provider_does_not_tell_of_now_are_looked_for_again(standin, paid, caplog):
    standin.unplug()

    assert lost_news.look_back() == 0

    assert "does not answer" in caplog.text


def test_a_refund_that_fails_weeks_later_frees_its_amount(standin, paid):
    refund = refunds.push(refunds.request(paid, Decimal("170.00"), reason="Ill").pk)
    assert refunds.refundable(paid) == 0

    standin.settle_refund(refund.reference, succeed=False)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.FAILED
    assert refunds.refundable(paid) == Decimal("170.00")
    assert Mail.objects.filter(kind="payment_alarm").count() == 1


def test_trying_again_expires_the_session_before(standin, payment):
    second = payments.pay_again(payment.order, "stripe")
    payments.start(second)
    second.refresh_from_db()

    assert standin.get(payment.reference)["status"] == "expired"
    standin.pay(second.reference)
    assert state(second) == CONFIRMED
    assert state(payment)[1] == PaymentStatus.EXPIRED


@pytest.mark.parametrize("header", ["not-an-ip", "1.2.3.4, ' OR 1=1", "\x00"])
def test_an_address_that_is_none_breaks_nothing(header, client, shop_at):
    answer = client.post(
        "/stripe/webhook/",
        b"{}",
        "application/json",
        headers={"X-Forwarded-For": header, "Stripe-Signature": "t=1,v1=0"},
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\xff\xfe", b'{"id": 1}', json.dumps({"id": "evt_1", "livemode": 0}).encode()]
)
def test_notifications_that_are_none_are_refused(body, client, shop_at):
    answer = client.post(
        "/stripe/webhook/", body, "application/json", headers={"Stripe-Signature": "t=1,v1=0"}
    )

    assert answer.status_code == 400
    assert client.post("/stripe/webhook/", body, "application/json").status_code == 400
    assert client.get("/stripe/webhook/").status_code == 405


def test_the_endpoint_is_provisioned_by_a_command_and_answers_at_its_own_address(
    client, db, settings, capsys
):
    settings.SITE_URL = "https://shop.example.org"
    call_command("provision_stripe_webhook")
    call_command("provision_stripe_webhook")

    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secret == settings.STRIPE_WEBHOOK_SECRET
    assert settings.STRIPE_WEBHOOK_SECRET not in capsys.readouterr().out
    own = client.post(f"/stripe/webhook/{endpoint.djstripe_uuid}/", b"{}", "application/json")
    assert own.status_code == 400  # it is there, and wants a signature


def test_provisioning_without_the_secret_says_what_to_set(settings):
    settings.STRIPE_WEBHOOK_SECRET = ""

    with pytest.raises(CommandError, match="DJANGOAPP_STRIPE_WEBHOOK_SECRET"):
        call_command("provision_stripe_webhook")


def test_cards_only_because_places_are_scarce(standin, payment):
    assert standin.get(payment.reference)["payment_method_types"] == ["card"]
    assert StripeCheckout.minutes_to_pay >= 30
