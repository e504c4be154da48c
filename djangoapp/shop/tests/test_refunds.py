"""Money that goes back, place by place: what is owed, what may go, and by which way."""

from decimal import Decimal

import pytest
from django.utils import timezone

from core.models import Mail
from shop.enums import DisputeStatus, LedgerKind, OrderStatus, PaymentStatus, RefundStatus, Subject
from shop.exceptions import FeeTooHigh, NotPaidOutHere, PaymentDisputed, RefundTooHigh
from shop.models import Dispute, Order, OrderLine, Payment, Refund, RefundShare, Transition
from shop.providers import RefundFact
from shop.services import changes, disputes, payments, refunds
from shop.services.balance import balance_of
from shop.services.integrity import problems
from shop.tests.factories import SessionFactory, UserFactory, order_for

pytestmark = pytest.mark.django_db

PRICE = Decimal("85.00")


@pytest.fixture
def order(provider) -> Order:
    """Two places, paid by card."""
    order = order_for((SessionFactory(base_price=PRICE), 2), provider="scripted")
    payment = order.payments.get()
    payments.start(payment)
    provider.say(payment, PaymentStatus.PAID, charge_reference="pi_1")
    return payments.look_at(payment.pk).order


@pytest.fixture
def payment(order) -> Payment:
    return order.payments.get()


def lines_of(order: Order) -> list[OrderLine]:
    return list(order.lines.all())


def shares_of(refund: Refund) -> dict[int, Decimal]:
    return dict(refund.shares.values_list("line", "amount"))


def owed(order: Order) -> Decimal:
    return balance_of(order).owed


def test_nothing_is_owed_while_the_places_are_kept(order):
    assert owed(order) == 0
    assert refunds.refund_owed(order, reason="?") is None


def test_a_place_given_up_is_owed_less_its_fee_and_refunded_once(order):
    first, _second = lines_of(order)
    changes.cancel_lines(order, [first], fees={first.pk: Decimal("25.50")})

    refund = refunds.refund_owed(order, reason="Ill")
    again = refunds.refund_owed(order, reason="Ill")

    assert (refund.amount, shares_of(refund)) == (Decimal("59.50"), {first.pk: Decimal("59.50")})
    assert again is None
    assert problems() == []


def test_what_failed_to_go_back_is_owed_again(order):
    first, _second = lines_of(order)
    changes.cancel_lines(order, [first])
    refund = refunds.refund_owed(order, reason="Ill")

    refunds.settle(refund, RefundFact(RefundStatus.FAILED, "re_1", refund.amount, error="lost_or_stolen"))

    assert owed(order) == PRICE
    assert refunds.refund_owed(order, reason="Ill").amount == PRICE
    assert problems() == []


def test_only_the_places_that_are_asked_for_are_refunded(order):
    first, second = lines_of(order)
    changes.cancel_lines(order, [first, second])

    refund = refunds.refund_owed(order, reason="Ill", lines=[second])

    assert shares_of(refund) == {second.pk: PRICE}
    assert owed(order) == PRICE


def test_kindness_before_a_place_was_given_up_counts_towards_what_is_owed(order, payment):
    first, _second = lines_of(order)
    refunds.request(payment, Decimal(20), reason="The heating was off", lines={first.pk: Decimal(20)})

    changes.cancel_lines(order, [first], fees={first.pk: Decimal(10)})

    assert owed(order) == Decimal("55.00")


def test_what_nobody_was_owed_is_taken_off_the_price(order, payment):
    first, _second = lines_of(order)

    refunds.request(payment, Decimal(20), reason="The heating was off", lines={first.pk: Decimal(20)})
    refunds.request(payment, Decimal(20), reason="And it rained in", lines={first.pk: Decimal(20)})

    first.refresh_from_db()
    assert (first.price, first.allowance, first.final_price) == (PRICE, Decimal(40), Decimal(45))
    taken_off = order.ledger.filter(kind=LedgerKind.ALLOWANCE)
    assert list(taken_off.values_list("amount", "tax")) == [(Decimal(-20), Decimal("-1.50"))] * 2
    assert problems() == []


def test_kindness_after_a_place_was_given_up_is_taken_off_the_fee(order, payment):
    first, _second = lines_of(order)
    changes.cancel_lines(order, [first], fees={first.pk: PRICE})

    refunds.request(payment, Decimal(30), reason="It was a funeral", lines={first.pk: Decimal(30)})

    first.refresh_from_db()
    assert (first.fee, first.allowance, owed(order)) == (Decimal(55), 0, 0)
    fees = order.ledger.filter(kind=LedgerKind.FEE)
    assert list(fees.values_list("amount", flat=True)) == [PRICE, Decimal(-30)]
    assert problems() == []


def test_no_more_is_kept_of_a_place_than_it_costs_after_all(order, payment):
    first, _second = lines_of(order)
    refunds.request(payment, Decimal(20), reason="The heating was off", lines={first.pk: Decimal(20)})

    with pytest.raises(FeeTooHigh, match="CHF\xa065"):
        changes.cancel_lines(order, [first], fees={first.pk: PRICE})


def test_money_that_is_kept_and_not_there_is_a_problem(order, payment):
    refunds.request(payment, Decimal(30), reason="Ill")
    order.lines.update(allowance=0)

    assert {problem.kind for problem in problems()} == {"refunds", "books"}


def test_money_that_names_no_place_goes_first_where_it_is_owed(order, payment):
    first, second = lines_of(order)
    changes.cancel_lines(order, [second])

    refund = refunds.request(payment, Decimal(100), reason="In part from kindness")

    assert shares_of(refund) == {second.pk: PRICE, first.pk: Decimal("15.00")}
    assert owed(order) == 0


def test_no_place_gets_more_back_than_was_paid_for_it(order, payment):
    first, second = lines_of(order)
    refunds.request(payment, Decimal(60), reason="Half", lines={first.pk: Decimal(60)})

    with pytest.raises(RefundTooHigh, match="At most CHF\xa025"):
        refunds.request(payment, Decimal(26), reason="More", lines={first.pk: Decimal(26)})
    with pytest.raises(RefundTooHigh):
        refunds.request(payment, Decimal(1), reason="Of another order", lines={second.pk + 99: Decimal(1)})

    assert Refund.objects.count() == 1


def test_shares_that_do_not_add_up_are_a_mistake_of_the_caller(order, payment):
    first, _second = lines_of(order)

    with pytest.raises(ValueError, match="add up"):
        refunds.request(payment, Decimal(60), reason="?", lines={first.pk: Decimal(50)})


def test_sending_a_form_twice_makes_one_refund(payment):
    first = refunds.request(payment, Decimal(10), reason="One click", nonce="form-1")
    again = refunds.request(payment, Decimal(10), reason="Another click", nonce="form-1")
    other = refunds.request(payment, Decimal(10), reason="Another form", nonce="form-2")

    assert first == again
    assert first != other
    assert Refund.objects.count() == 2


def test_an_order_whose_fee_stays_here_is_never_refunded_in_full(provider, order):
    first, second = lines_of(order)
    changes.cancel_lines(order, [first, second], fees={first.pk: Decimal(5)})

    refunds.push(refunds.refund_owed(order, reason="Ill").pk)

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert problems() == []


def test_an_order_of_which_all_money_is_back_is_refunded(provider, order):
    changes.cancel_lines(order, lines_of(order))

    refunds.push(refunds.refund_owed(order, reason="Ill").pk)

    order.refresh_from_db()
    assert order.status == OrderStatus.REFUNDED


def test_a_refund_made_at_the_provider_is_for_what_was_owed(provider, order, payment):
    first, second = lines_of(order)
    changes.cancel_lines(order, [second])
    provider.refunded["dashboard"] = RefundFact(RefundStatus.DONE, "re_dashboard", Decimal(90))

    refunds.look_at_payment(payment.pk)

    assert shares_of(Refund.objects.get()) == {second.pk: PRICE, first.pk: Decimal("5.00")}
    assert owed(order) == 0
    assert problems() == []


def test_a_refund_whose_answer_was_lost_is_found_before_it_is_asked_for_again(provider, order, payment):
    refund = refunds.request(payment, Decimal(10), reason="The answer was lost, and the key forgotten since")
    provider.refund(refund)
    provider.calls.clear()
    Refund.objects.update(checked_at=timezone.now() - 2 * refunds.QUIET)

    refunds.reconcile_open()

    refund.refresh_from_db()
    assert refund.status == RefundStatus.DONE
    assert provider.calls == ["refunds"]


def test_money_given_back_elsewhere_while_ours_was_on_its_way_is_for_places_in_the_end(
    provider, order, payment
):
    """Ours took all there was; Stripe refuses the part of it that somebody had given back in its pages."""
    first, second = lines_of(order)
    changes.cancel_lines(order, [first, second])
    ours = refunds.refund_owed(order, reason="Ill")
    provider.refunded["dashboard"] = RefundFact(RefundStatus.DONE, "re_dashboard", PRICE)
    refunds.look_at_payment(payment.pk)

    refunds.settle(ours, RefundFact(RefundStatus.FAILED, "", ours.amount, error="So much is not left"))

    assert shares_of(Refund.objects.get(reference="re_dashboard")) == {first.pk: PRICE}
    assert owed(order) == PRICE
    assert problems() == []


def test_money_that_went_back_elsewhere_is_not_handed_out_at_the_desk_as_well(provider, payment):
    promised = refunds.request(payment, 2 * PRICE, reason="Wants cash", provider="desk")
    refunds.push(promised.pk)
    provider.refunded["dashboard"] = RefundFact(RefundStatus.DONE, "re_dashboard", PRICE)

    refunds.look_at_payment(payment.pk)

    promised.refresh_from_db()
    assert promised.status == RefundStatus.FAILED
    with pytest.raises(NotPaidOutHere):
        refunds.pay_out(promised, actor=None)
    assert Mail.objects.filter(kind="payment_alarm", context__kind=f"refund-{promised.pk}-failed").exists()
    assert problems() == []


@pytest.mark.parametrize("status", [RefundStatus.CREATED, RefundStatus.PENDING])
def test_before_money_is_handed_out_the_provider_is_asked_whether_it_went_back_already(
    provider, payment, status
):
    promised = refunds.request(payment, 2 * PRICE, reason="Wants cash", provider="desk")
    Refund.objects.filter(pk=promised.pk).update(status=status)
    promised.refresh_from_db()
    provider.refunded["dashboard"] = RefundFact(RefundStatus.DONE, "re_dashboard", PRICE)

    with pytest.raises(NotPaidOutHere):
        refunds.pay_out(promised, actor=UserFactory(is_staff=True))

    assert Refund.objects.get(pk=promised.pk).status == RefundStatus.FAILED
    assert problems() == []


def test_money_that_a_bank_claims_is_not_handed_out_at_the_desk(provider, payment):
    promised = refunds.request(payment, PRICE, reason="Wants cash", provider="desk")
    provider.claim(DisputeStatus.OPEN, 2 * PRICE)

    disputes.look_at_payment(payment.pk)

    promised.refresh_from_db()
    assert promised.status == RefundStatus.FAILED


@pytest.fixture
def desk_order(provider) -> Order:
    order = order_for((SessionFactory(base_price=PRICE), 1), provider="desk")
    return payments.mark_paid_at_desk(order, actor=UserFactory(is_staff=True))


def test_money_from_the_desk_waits_there_until_somebody_pays_it_out(desk_order):
    cashier = UserFactory(is_staff=True)
    changes.cancel_lines(desk_order, lines_of(desk_order))
    refund = refunds.push(refunds.refund_owed(desk_order, reason="Ill").pk)
    assert refund.status == RefundStatus.PENDING
    assert list(Refund.objects.at_desk()) == [refund]

    refunds.pay_out(refund, actor=cashier)
    refunds.pay_out(refund, actor=UserFactory(is_staff=True))

    refund.refresh_from_db()
    desk_order.refresh_from_db()
    assert (refund.status, refund.settled_by, desk_order.status) == (
        RefundStatus.DONE,
        cashier,
        OrderStatus.REFUNDED,
    )
    assert Transition.objects.get(subject=Subject.REFUND, to_status=RefundStatus.DONE).actor == cashier
    assert not Refund.objects.at_desk().exists()


def test_a_card_payment_can_be_paid_out_at_the_desk_too(provider, order, payment):
    refund = refunds.request(payment, Decimal(30), reason="The card is closed", provider="desk")
    refunds.push(refund.pk)

    refunds.pay_out(refund, actor=UserFactory(is_staff=True))

    assert "refund" not in provider.calls
    assert refunds.refundable(payment) == Decimal("140.00")


def test_what_goes_back_by_card_is_not_paid_out_at_the_desk(payment):
    refund = refunds.request(payment, Decimal(30), reason="Ill")

    with pytest.raises(NotPaidOutHere):
        refunds.pay_out(refund, actor=UserFactory(is_staff=True))


def test_the_job_leaves_money_at_the_desk_alone(provider, desk_order):
    changes.cancel_lines(desk_order, lines_of(desk_order))
    refund = refunds.push(refunds.refund_owed(desk_order, reason="Ill").pk)
    long_ago = timezone.now() - 2 * refunds.QUIET
    Refund.objects.update(checked_at=long_ago)

    refunds.reconcile_open()

    refund.refresh_from_db()
    assert (refund.status, refund.checked_at) == (RefundStatus.PENDING, long_ago)


def test_a_dispute_is_written_down_and_blocks_refunds_until_it_is_decided(provider, order, payment):
    provider.claim(DisputeStatus.OPEN, Decimal("170.00"))

    disputes.look_at_payment(payment.pk)
    disputes.look_at_payment(payment.pk)

    assert disputes.is_disputed(order)
    with pytest.raises(PaymentDisputed):
        refunds.request(payment, Decimal(1), reason="Ill")
    alarm = Mail.objects.get(kind="payment_alarm")
    assert alarm.context["kind"] == f"dispute-{Dispute.objects.get().pk}-open"
    assert problems() == []


@pytest.mark.parametrize(
    ("outcome", "left"), [(DisputeStatus.WON, Decimal("170.00")), (DisputeStatus.LOST, Decimal(0))]
)
def test_a_decided_dispute_says_whose_money_it_is(outcome, left, provider, order, payment):
    provider.claim(DisputeStatus.OPEN, Decimal("170.00"))
    disputes.look_at_payment(payment.pk)

    provider.claim(outcome, Decimal("170.00"))
    disputes.look_at_payment(payment.pk)
    provider.claim(DisputeStatus.OPEN, Decimal("170.00"))
    disputes.look_at_payment(payment.pk)

    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.closed_at is not None) == (outcome, True)
    assert not disputes.is_disputed(order)
    assert refunds.refundable(payment) == left
    assert Mail.objects.filter(kind="payment_alarm").count() == 2


def test_money_that_a_bank_has_taken_is_not_owed_a_second_time(provider, order, payment):
    provider.claim(DisputeStatus.LOST, Decimal("100.00"))
    disputes.look_at_payment(payment.pk)
    changes.cancel_lines(order, lines_of(order))

    assert owed(order) == Decimal("70.00")


def test_open_disputes_are_looked_at_now_and_then(provider, order, payment):
    provider.claim(DisputeStatus.OPEN, Decimal("170.00"))
    disputes.look_at_payment(payment.pk)
    provider.claim(DisputeStatus.WON, Decimal("170.00"))
    Dispute.objects.update(checked_at=timezone.now() - 2 * disputes.QUIET)

    payments.reconcile_open()

    assert Dispute.objects.get().status == DisputeStatus.WON


def test_a_refund_without_its_places_is_a_problem(order, payment):
    refunds.request(payment, Decimal(10), reason="Ill")
    RefundShare.objects.all().delete()

    assert [problem.text for problem in problems()] == ["10.00 goes back, 0.00 of it for places"]
