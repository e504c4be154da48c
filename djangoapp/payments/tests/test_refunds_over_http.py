"""Money that goes back through Stripe while the network misbehaves, and banks that take it back themselves."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from core.models import Mail
from shop.enums import DisputeStatus, OrderStatus, RefundStatus
from shop.exceptions import PaymentDisputed, ProviderUnavailable
from shop.models import Dispute, Order, Payment, Refund
from shop.services import changes, payments, refunds
from shop.services.balance import balance_of
from shop.services.integrity import problems
from shop.tests.factories import SessionFactory, order_for

pytestmark = pytest.mark.django_db(transaction=True)

PRICE = Decimal("85.00")


@pytest.fixture
def paid(standin) -> Payment:
    """CHF 170 for two places, paid by card."""
    order = order_for((SessionFactory(base_price=PRICE, capacity=5), 2), provider="stripe")
    payments.start(order.payments.get())
    standin.pay(order.payments.get().reference)
    return order.payments.get()


@pytest.fixture
def owed(paid) -> Order:
    """One of the two places was given up, and its price is still to go back."""
    changes.cancel_lines(paid.order, paid.order.lines.all()[:1])
    return Order.objects.get()


def refunded_minor(standin, payment: Payment) -> int:
    """What Stripe has given back, in cents."""
    return standin.get(standin.get(payment.charge_reference)["latest_charge"])["amount_refunded"]


def ask_for_refund(order: Order, *, is_answered: bool = True) -> Refund:
    """Refund what is owed. The work that follows the commit is done at once, and fails where a worker's would."""
    if is_answered:
        return refunds.refund_owed(order, reason="Ill")
    with pytest.raises(ProviderUnavailable):
        refunds.refund_owed(order, reason="Ill")
    return Refund.objects.get()


def heal() -> None:
    """Let the job run that looks after what stayed behind."""
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        refunds.reconcile_open()


def test_the_price_of_a_place_goes_back(standin, paid, owed):
    refund = refunds.push(refunds.refund_owed(owed, reason="Ill").pk)

    assert (refund.status, refunded_minor(standin, paid)) == (RefundStatus.DONE, 8500)
    assert balance_of(owed).owed == 0
    assert problems() == []


@pytest.mark.parametrize(
    ("trouble", "is_lost"),
    [
        ({"kind": "rate_limit", "count": 2}, True),
        ({"kind": "drop", "count": 2}, True),
        ({"kind": "drop", "count": 2, "performed": False}, True),
        ({"kind": "drop", "count": 1}, False),  # the library asks again by itself, with the same key
    ],
    ids=["429", "made but not answered", "neither", "once"],
)
def test_an_answer_that_gets_lost_never_makes_a_second_refund(trouble, is_lost, standin, paid, owed):
    standin.misbehave(prefix="/v1/refunds", method="POST", **trouble)
    refund = ask_for_refund(owed, is_answered=not is_lost)
    standin.behave()

    heal()
    refunds.push(refund.pk)

    refund.refresh_from_db()
    assert (refund.status, refunded_minor(standin, paid)) == (RefundStatus.DONE, 8500)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("performed", [True, False])
def test_a_server_error_leaves_the_refund_to_be_found_or_asked_for_again(performed, standin, paid, owed):
    standin.misbehave("error", count=2, prefix="/v1/refunds", method="POST", performed=performed)
    refund = ask_for_refund(owed, is_answered=False)
    standin.behave()
    # Stripe repeats its first answer to a key for a day, then forgets it.
    standin.advance(25 * 3600)

    heal()

    refund.refresh_from_db()
    assert (refund.status, refunded_minor(standin, paid)) == (RefundStatus.DONE, 8500)
    assert Refund.objects.count() == 1


def test_a_process_that_dies_before_it_saves_the_answer_leaves_one_refund(standin, paid, owed):
    refund = refunds.push(refunds.refund_owed(owed, reason="Ill").pk)
    Refund.objects.update(status=RefundStatus.CREATED, reference=None, done_at=None)
    standin.advance(25 * 3600)  # the key is forgotten: asking again would make a second refund

    heal()

    refund.refresh_from_db()
    assert (refund.status, refunded_minor(standin, paid)) == (RefundStatus.DONE, 8500)


def test_stripe_that_is_gone_or_slow_loses_nothing(standin, paid, owed, settings):
    standin.unplug()
    refund = ask_for_refund(owed, is_answered=False)
    standin.plug_in()
    settings.STRIPE_TIMEOUT_SECONDS = 0.2
    standin.misbehave("slow", count=2, seconds=1, prefix="/v1/refunds", method="POST")
    with pytest.raises(ProviderUnavailable):
        refunds.push(refund.pk)
    standin.behave()
    settings.STRIPE_TIMEOUT_SECONDS = 10

    heal()

    refund.refresh_from_db()
    assert (refund.status, refunded_minor(standin, paid)) == (RefundStatus.DONE, 8500)


@pytest.mark.parametrize("order", ["reverse", "shuffle", None])
def test_notifications_that_come_twice_and_in_any_order_change_nothing(order, standin, paid, owed):
    standin.webhooks(duplicate=2, reorder=order)

    refunds.push(refunds.refund_owed(owed, reason="Ill").pk)
    standin.flush()

    assert list(Refund.objects.values_list("status", "amount")) == [(RefundStatus.DONE, PRICE)]


def test_a_refund_that_takes_days_is_on_its_way_until_it_has_arrived(standin, paid, owed):
    standin.hold_refunds()
    refund = refunds.push(refunds.refund_owed(owed, reason="Ill").pk)
    assert refund.status == RefundStatus.PENDING
    assert refunds.refund_owed(owed, reason="Ill") is None

    standin.settle_refund(refund.reference)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.DONE


def test_a_refund_that_fails_weeks_later_is_owed_again(standin, paid, owed):
    refund = refunds.push(refunds.refund_owed(owed, reason="Ill").pk)

    standin.settle_refund(refund.reference, succeed=False)

    assert balance_of(owed).owed == PRICE
    assert refunds.push(refunds.refund_owed(owed, reason="Ill").pk).status == RefundStatus.DONE
    assert refunded_minor(standin, paid) == 8500


def test_more_than_stripe_still_has_is_refused_and_owed_again(standin, paid, owed):
    """The dashboard was quicker than the notification that tells of it."""
    standin.webhooks(drop=True)
    standin.refund(paid.reference, amount=12000)
    refund = refunds.refund_owed(owed, reason="Ill")

    refunds.push(refund.pk)
    refunds.look_at_payment(paid.pk)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.FAILED
    assert list(Refund.objects.counting().values_list("amount", flat=True)) == [Decimal("120.00")]
    assert balance_of(owed).owed == 0
    assert problems() == []


def test_a_dispute_is_told_blocks_refunds_and_may_be_won(standin, paid, owed):
    dispute = standin.dispute(paid.reference)

    noted = Dispute.objects.get()
    assert (noted.status, noted.amount, noted.payment) == (DisputeStatus.OPEN, Decimal("170.00"), paid)
    assert noted.reason == "fraudulent"
    assert noted.answer_by is not None
    assert Mail.objects.filter(kind="payment_alarm").count() == 1
    with pytest.raises(PaymentDisputed):
        refunds.refund_owed(owed, reason="Ill")

    standin.close_dispute(dispute["id"], won=True)

    noted.refresh_from_db()
    assert noted.status == DisputeStatus.WON
    assert refunds.push(refunds.refund_owed(owed, reason="Ill").pk).status == RefundStatus.DONE


def test_a_dispute_that_is_lost_leaves_nothing_to_refund(standin, paid, owed):
    standin.close_dispute(standin.dispute(paid.reference)["id"], won=False)

    assert Dispute.objects.get().status == DisputeStatus.LOST
    assert refunds.refundable(paid) == 0
    assert refunds.refund_owed(owed, reason="Ill") is None
    assert Order.objects.get().status == OrderStatus.PAID


def test_a_refund_on_its_way_when_the_bank_was_quicker_fails_and_is_told(standin, paid, owed):
    standin.webhooks(drop=True)
    standin.dispute(paid.reference)

    refund = ask_for_refund(owed)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.FAILED
    assert refunds.refundable(paid) == Decimal("170.00")
