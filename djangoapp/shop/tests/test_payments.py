"""All news of money lead to one step, and that step ends right in whatever order they come."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
import time_machine
from django.utils import timezone

from core.models import Mail
from shop.enums import DisputeStatus, OrderStatus, PaymentStatus, RefundStatus
from shop.exceptions import (
    OrderNotCancellable,
    OrderNotPayable,
    ProviderFailed,
    ProviderRefused,
    ProviderUnavailable,
    RefundTooHigh,
)
from shop.models import Order, Payment, Refund
from shop.providers import RefundFact
from shop.services import disputes, orders, payments, refunds
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    order_for,
    purchase_for,
)
from shop.tests.test_cart import taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return SessionFactory(capacity=3)


@pytest.fixture
def started(provider, session) -> Payment:
    """A payment that waits for the buyer on the provider's page."""
    return start(order_for((session, 1), provider="scripted"))


def start(order: Order) -> Payment:
    payment = order.payments.get()
    assert payments.start(payment) == "https://pay.example.org/"
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.OPEN
    return payment


def state(payment: Payment) -> tuple:
    payment.refresh_from_db()
    order = Order.objects.get(pk=payment.order_id)
    return order.status, payment.status, payment.is_fulfilling


def forget(payment: Payment) -> None:
    """Let the time to pay pass and the order expire."""
    Order.objects.filter(pk=payment.order_id).update(expires_at=timezone.now())
    payments.expire_overdue()


PAID = (OrderStatus.PAID, PaymentStatus.PAID, True)


@pytest.mark.parametrize(
    "news", list(permutations(["webhook", "webhook again", "return page", "reconcile"])), ids=", ".join
)
def test_every_order_of_notifications_ends_in_one_paid_order(news, provider, started, session):
    provider.say(started, PaymentStatus.PAID)

    for _notification in news:
        payments.look_at(started.pk)

    assert state(started) == PAID
    assert taken(session) == 1
    assert Mail.objects.filter(kind="order_paid").count() == 1


def test_the_reconcile_job_finds_what_no_notification_told(provider, started):
    provider.say(started, PaymentStatus.PAID)

    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert payments.reconcile_open() == 1
        assert payments.reconcile_open() == 0

    assert state(started) == PAID


def test_a_crash_before_the_letter_of_a_reservation_is_healed(provider, session):
    order = order_for((session, 1), provider="desk")  # and the process died here

    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        payments.reconcile_open()
        payments.reconcile_open()

    assert state(order.payments.get()) == (OrderStatus.PENDING, PaymentStatus.OPEN, False)
    assert Mail.objects.filter(kind="order_reserved").count() == 1


def test_the_reconcile_job_leaves_alone_what_was_just_looked_at(provider, started):
    provider.calls.clear()

    payments.reconcile_open()

    assert provider.calls == []


def test_a_provider_that_does_not_answer_keeps_nobody_else_waiting(provider, started, session):
    provider.trouble = ProviderUnavailable()
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert payments.reconcile_open() == 0
        assert payments.expire_overdue() == 0

    assert state(started) == (OrderStatus.PENDING, PaymentStatus.OPEN, False)
    assert taken(session) == 1


def test_a_provider_that_was_switched_off_keeps_nobody_else_waiting(provider, started, session, settings):
    later = order_for((session, 1), provider="desk", email="b@example.org")
    Order.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    Order.objects.filter(pk=started.order_id).update(expires_at=timezone.now() - timedelta(hours=1))
    settings.SHOP_PAYMENT_PROVIDERS = {"desk": settings.SHOP_PAYMENT_PROVIDERS["desk"]}

    assert payments.expire_overdue() == 1

    later.refresh_from_db()
    assert (later.status, state(started)[0]) == (OrderStatus.EXPIRED, OrderStatus.PENDING)


def test_starting_twice_opens_one_attempt(provider, started):
    provider.calls.clear()

    assert payments.start(started) == "https://pay.example.org/"

    assert provider.calls == []


def test_an_answer_that_was_lost_is_found_again(provider, session):
    order = order_for((session, 1), provider="scripted")
    payment = order.payments.get()
    provider.start(payment, None)  # accepted over there; we died before we noted it
    provider.say(payment, PaymentStatus.PAID)

    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        payments.reconcile_open()

    assert state(payment) == PAID


def test_a_refused_attempt_fails_and_another_may_begin(provider, session):
    order = order_for((session, 1), provider="scripted")
    first = order.payments.get()
    provider.trouble = ProviderRefused("no")
    with pytest.raises(ProviderRefused):
        payments.start(first)
    provider.trouble = None

    second = payments.pay_again(order, "scripted")

    assert state(first)[1] == PaymentStatus.FAILED
    assert (second.attempt, second.status) == (2, PaymentStatus.CREATED)


def test_trying_again_closes_the_attempt_before(provider, started):
    second = payments.pay_again(started.order, "desk")

    assert state(started)[1] == PaymentStatus.EXPIRED
    assert (second.attempt, second.provider) == (2, "desk")


def test_trying_again_finds_out_that_the_first_attempt_was_paid(provider, started):
    provider.say(started, PaymentStatus.PAID)

    with pytest.raises(OrderNotPayable):
        payments.pay_again(started.order, "desk")

    assert state(started) == PAID
    assert Payment.objects.count() == 1


def test_places_are_freed_only_once_the_provider_has_closed(provider, started, session):
    forget(started)

    assert provider.calls[-2:] == ["close", "start"]
    assert state(started)[:2] == (OrderStatus.EXPIRED, PaymentStatus.EXPIRED)
    assert taken(session) == 0


def test_an_overdue_order_that_turns_out_to_be_paid_is_confirmed(provider, started, session):
    provider.say(started, PaymentStatus.PAID)

    forget(started)

    assert state(started) == PAID
    assert taken(session) == 1


def test_late_money_revives_the_order_while_places_are_left(provider, started, session):
    forget(started)
    provider.say(started, PaymentStatus.PAID)

    payments.look_at(started.pk)
    payments.look_at(started.pk)

    assert state(started) == PAID
    assert taken(session) == 1
    assert Refund.objects.count() == 0
    assert Mail.objects.filter(kind="order_paid").count() == 1


def test_late_money_for_a_coupon_order_counts_the_use_again(provider, session):
    coupon = CouponFactory()
    cart = cart_with((session, 1), coupon=coupon)
    payment = start(orders.place_order(cart, purchase_for(cart, provider="scripted")))
    forget(payment)
    provider.say(payment, PaymentStatus.PAID)

    payments.look_at(payment.pk)

    coupon.refresh_from_db()
    assert coupon.uses == 1
    assert payment.order.redemption.released_at is None


@pytest.mark.parametrize("why", ["full", "begun"])
def test_late_money_without_a_place_goes_back(
    why, provider, started, session, django_capture_on_commit_callbacks
):
    forget(started)
    if why == "full":
        cart_with((session, 3))
    else:
        session.starts_at = timezone.now() - timedelta(minutes=1)
        session.save()
    provider.say(started, PaymentStatus.PAID)

    with django_capture_on_commit_callbacks(execute=True):
        payments.look_at(started.pk)
        payments.look_at(started.pk)

    refund = Refund.objects.get()
    assert state(started) == (OrderStatus.REFUNDED, PaymentStatus.PAID, False)
    assert (refund.amount, refund.status) == (Decimal("85.00"), RefundStatus.DONE)
    assert taken(session) == (3 if why == "full" else 0)
    assert sorted(Mail.objects.values_list("kind", flat=True)) == ["payment_alarm", "payment_returned"]


def test_money_for_a_cancelled_order_goes_back(provider, started, django_capture_on_commit_callbacks):
    payments.cancel_unpaid(started.order)
    provider.say(started, PaymentStatus.PAID)

    with django_capture_on_commit_callbacks(execute=True):
        payments.look_at(started.pk)

    assert state(started) == (OrderStatus.REFUNDED, PaymentStatus.PAID, False)


def test_a_crash_between_money_and_decision_is_healed(provider, started, session, monkeypatch):
    forget(started)
    cart_with((session, 3))
    provider.say(started, PaymentStatus.PAID)
    with monkeypatch.context() as crash:
        crash.setattr(payments, "place_late_money", lambda payment: None)
        payments.look_at(started.pk)
    assert Payment.objects.stranded().count() == 1

    payments.reconcile_open()

    assert Payment.objects.stranded().count() == 0
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("outcome", [DisputeStatus.WON, DisputeStatus.LOST])
def test_late_money_that_a_bank_claims_goes_back_once_it_is_ours_again(
    outcome, provider, started, session, monkeypatch
):
    forget(started)
    cart_with((session, 3))
    provider.say(started, PaymentStatus.PAID)
    with monkeypatch.context() as crash:
        crash.setattr(payments, "place_late_money", lambda payment: None)
        payments.look_at(started.pk)
    provider.claim(DisputeStatus.OPEN, started.amount)
    disputes.look_at_payment(started.pk)

    payments.reconcile_open()
    payments.look_at(started.pk)
    while_claimed = Refund.objects.count()
    provider.claim(outcome, started.amount)
    disputes.look_at_payment(started.pk)
    payments.reconcile_open()

    assert while_claimed == 0
    assert Refund.objects.count() == (1 if outcome == DisputeStatus.WON else 0)
    assert Payment.objects.stranded().count() == 0


def test_the_second_of_two_payments_goes_back(provider, session, django_capture_on_commit_callbacks):
    order = order_for((session, 1), provider="scripted")
    first = start(order)
    second = payments.pay_again(order, "scripted")
    payments.start(second)
    # The provider had said that the first was closed, and yet both were paid.
    provider.say(first, PaymentStatus.PAID)
    provider.say(second, PaymentStatus.PAID)

    with django_capture_on_commit_callbacks(execute=True):
        for payment in (second, first, second):
            payments.look_at(payment.pk)

    assert state(second) == PAID
    assert state(first) == (OrderStatus.PAID, PaymentStatus.PAID, False)
    assert [refund.payment for refund in Refund.objects.all()] == [first]
    assert taken(session) == 1


@pytest.mark.parametrize(
    "received", [{"amount": Decimal("84.99")}, {"currency": "EUR"}, {"amount": Decimal("850.00")}]
)
def test_money_that_is_not_what_was_asked_confirms_nothing_and_alarms(received, provider, started, session):
    provider.say(started, PaymentStatus.PAID, **received)

    payments.look_at(started.pk)
    payments.look_at(started.pk)

    assert state(started) == (OrderStatus.PENDING, PaymentStatus.MISMATCHED, False)
    assert Payment.objects.get().received_amount == received.get("amount", Decimal("85.00"))
    assert Mail.objects.get().kind == "payment_alarm"


def test_money_on_its_way_keeps_the_place(provider, started, session):
    provider.say(started, PaymentStatus.PROCESSING)
    payments.look_at(started.pk)

    forget(started)

    assert state(started)[:2] == (OrderStatus.PENDING, PaymentStatus.PROCESSING)
    assert taken(session) == 1


def test_a_stale_fact_moves_nothing_back(provider, started):
    stale = provider.lookup(started)
    provider.say(started, PaymentStatus.PAID)
    payments.look_at(started.pk)

    payments.settle(started, stale)

    assert state(started) == PAID


def test_cancelling_finds_out_that_the_order_was_paid(provider, started):
    provider.say(started, PaymentStatus.PAID)

    with pytest.raises(OrderNotCancellable, match="has just arrived"):
        payments.cancel_unpaid(started.order)

    assert state(started) == PAID


def test_staff_takes_the_money_at_the_desk(provider, session):
    order = order_for((session, 1), provider="desk")
    payments.start(order.payments.get())

    payments.mark_paid_at_desk(order, actor=UserFactory(is_staff=True))
    payments.mark_paid_at_desk(order, actor=UserFactory(is_staff=True))

    assert state(order.payments.get()) == PAID


def test_money_at_the_desk_closes_the_card_payment(provider, started):
    payments.mark_paid_at_desk(started.order, actor=UserFactory(is_staff=True))

    assert state(started)[:2] == (OrderStatus.PAID, PaymentStatus.EXPIRED)
    assert Payment.objects.filter(provider="desk", is_fulfilling=True).count() == 1


@pytest.fixture
def paid(provider, started) -> Payment:
    provider.say(started, PaymentStatus.PAID, charge_reference="pi_1")
    return payments.look_at(started.pk)


def test_refunds_never_exceed_what_was_received(paid):
    refunds.request(paid, Decimal("40.00"), reason="Half the day was rained off")
    refunds.request(paid, Decimal("45.00"), reason="And so was the rest")

    with pytest.raises(RefundTooHigh, match="At most CHF\xa00"):
        refunds.request(paid, Decimal("0.01"), reason="One more")


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-1), Decimal("85.01")])
def test_an_impossible_refund_is_refused(paid, amount):
    with pytest.raises(RefundTooHigh):
        refunds.request(paid, amount, reason="?")


def test_two_equal_refunds_are_two_and_each_is_asked_once(provider, paid):
    first = refunds.request(paid, Decimal("10.00"), reason="One")
    second = refunds.request(paid, Decimal("10.00"), reason="Two")

    for refund in (first, second, first, second):
        refunds.push(refund.pk)

    assert provider.calls.count("refund") == 2
    assert Refund.objects.filter(status=RefundStatus.DONE).count() == 2


def test_two_that_fail_with_the_same_key_spend_one(provider, paid, monkeypatch):
    refund = refunds.request(paid, Decimal("10.00"), reason="One")

    def fail_twice(asked):
        monkeypatch.setattr(provider, "refund", fail)
        with pytest.raises(ProviderFailed):
            refunds.push(refund.pk)
        fail(asked)

    def fail(_asked):
        raise ProviderFailed

    monkeypatch.setattr(provider, "refund", fail_twice)
    with pytest.raises(ProviderFailed):
        refunds.push(refund.pk)

    refund.refresh_from_db()
    assert refund.failed_tries == 1


def test_a_refund_that_was_never_asked_for_is_healed(provider, paid):
    refund = refunds.request(paid, Decimal("10.00"), reason="The process died here")

    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        refunds.reconcile_open()

    refund.refresh_from_db()
    assert refund.status == RefundStatus.DONE


def test_a_refund_that_fails_later_frees_its_amount(provider, paid):
    refund = refunds.request(paid, Decimal("85.00"), reason="Ill")
    key = refund.idempotency_key
    reference = refunds.push(refund.pk).reference
    provider.refunded[key] = RefundFact(
        RefundStatus.FAILED, reference, refund.amount, key, "expired_or_canceled_card"
    )

    refunds.look_at_payment(paid.pk)

    refund.refresh_from_db()
    assert (refund.status, refund.error) == (RefundStatus.FAILED, "expired_or_canceled_card")
    assert refunds.refundable(paid) == Decimal("85.00")
    assert Mail.objects.filter(kind="payment_alarm").count() == 1


def test_a_refund_made_at_the_provider_is_imported_once(provider, paid):
    provider.refunded["dashboard"] = RefundFact(RefundStatus.DONE, "re_dashboard", Decimal("5.00"))

    refunds.look_at_payment(paid.pk)
    refunds.look_at_payment(paid.pk)

    refund = Refund.objects.get()
    assert (refund.amount, refund.status, refund.reference) == (
        Decimal("5.00"),
        RefundStatus.DONE,
        "re_dashboard",
    )
    assert refunds.refundable(paid) == Decimal("80.00")


def test_a_refund_does_not_cancel_the_place(provider, paid, session):
    refunds.push(refunds.request(paid, Decimal("85.00"), reason="Kindness").pk)

    assert state(paid) == PAID
    assert taken(session) == 1
