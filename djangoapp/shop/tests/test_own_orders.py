"""What buyers change in their own order: cancelling by what was promised, and asking where nothing was."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from core.models import Mail
from shop.enums import DisputeStatus, OrderStatus, RefundStatus, RequestStatus
from shop.exceptions import (
    AlreadyDecided,
    AmountChanged,
    NotChangeable,
    RefundTooHigh,
    RequestNotPossible,
    TooLateToCancel,
)
from shop.models import Dispute, Order, OrderLine, Refund, RefundRequest, Session
from shop.providers import DisputeFact, RefundFact
from shop.services import disputes, moving, own_orders, privacy, refunds, requests
from shop.services.balance import balance_of
from shop.services.integrity import problems
from shop.tests.factories import SessionFactory, UserFactory, order_for, paid_order_for
from shop.tests.test_cart import taken

pytestmark = pytest.mark.django_db

PRICE = Decimal("85.00")
HALF = Decimal("42.50")


def session_in(days: float, **fields) -> Session:
    return SessionFactory(starts_at=timezone.now() + timedelta(days=days), base_price=PRICE, **fields)


def bought_long_ago(session: Session, places: int = 1, **more) -> Order:
    return paid_order_for((session, places), **more)


def choice_of(order: Order) -> own_orders.Choice:
    [choice] = own_orders.choices_of(order, at=timezone.now())
    return choice


@pytest.mark.parametrize(
    ("days", "fee", "back", "can_ask"),
    [(10, 0, PRICE, False), (5, HALF, HALF, False), (1, None, 0, True), (-1, None, 0, True)],
)
def test_what_a_place_gives_back_depends_on_the_day(days, fee, back, can_ask):
    session = session_in(10)
    order = bought_long_ago(session)

    with time_machine.travel(session.starts_at - timedelta(days=days)):
        choice = choice_of(order)

    assert (choice.fee, choice.back, choice.can_ask) == (fee, back, can_ask)


def test_what_is_long_past_is_not_asked_for_any_more():
    session = session_in(10)
    order = bought_long_ago(session)

    with time_machine.travel(session.ends_at + timedelta(days=31)):
        assert not choice_of(order).can_ask


def test_places_that_cost_nothing_are_given_back_and_nothing_is_asked_for():
    order = order_for((SessionFactory(base_price=Decimal(0)), 1))

    choice = choice_of(order)

    assert (choice.fee, choice.back, choice.can_ask) == (0, 0, False)


def test_one_of_two_places_is_given_up_for_the_fee_and_the_rest_goes_back():
    session = session_in(5)
    order = bought_long_ago(session, 2)
    first, second = order.lines.all()

    done = own_orders.give_up(order, [first], expected=HALF)

    first.refresh_from_db()
    assert (done.lines, done.refund.amount, first.fee) == ([first], HALF, HALF)
    assert (taken(session), list(order.lines.kept())) == (1, [second])
    assert Mail.objects.get(kind="places_given_up").to == order.email
    assert problems() == []


def test_sending_it_twice_gives_up_once():
    session = session_in(10)
    order = bought_long_ago(session, 2)
    line = order.lines.first()

    own_orders.give_up(order, [line], expected=PRICE)
    again = own_orders.give_up(order, [line], expected=PRICE)

    assert (again.lines, again.refund, taken(session)) == ([], None, 1)
    assert Refund.objects.count() == 1
    assert Mail.objects.filter(kind="places_given_up").count() == 1


def test_the_last_place_ends_the_order():
    order = bought_long_ago(session_in(10))

    own_orders.give_up(order, order.lines.all(), expected=PRICE)

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert problems() == []


def test_a_deadline_that_passed_since_the_page_was_shown_changes_nothing():
    session = session_in(10)
    order = bought_long_ago(session)

    with (
        time_machine.travel(session.starts_at - timedelta(days=5)),
        pytest.raises(AmountChanged, match=r"42\.50"),
    ):
        own_orders.give_up(order, order.lines.all(), expected=PRICE)

    assert (taken(session), Refund.objects.count(), order.lines.kept().count()) == (1, 0, 1)


def test_it_can_be_too_late():
    order = bought_long_ago(session_in(1))

    with pytest.raises(TooLateToCancel):
        own_orders.give_up(order, order.lines.all(), expected=Decimal(0))


def test_an_order_that_is_not_paid_is_not_changed():
    order = order_for((session_in(10), 1))

    with pytest.raises(NotChangeable):
        own_orders.give_up(order, order.lines.all(), expected=PRICE)


def test_an_order_whose_payment_a_bank_claims_is_not_changed():
    order = bought_long_ago(session_in(10))
    Dispute.objects.create(payment=order.payments.get(), reference="dp_1", amount=PRICE)

    with pytest.raises(NotChangeable, match="bank"):
        own_orders.give_up(order, order.lines.all(), expected=PRICE)
    with pytest.raises(NotChangeable, match="bank"):
        requests.ask(order, order.lines.all(), reason="Ill")


# Asking


@pytest.fixture
def late() -> Order:
    """Two places, tomorrow: nothing goes back by itself."""
    return bought_long_ago(session_in(1), 2)


def ask(order: Order, lines=None, **more) -> RefundRequest:
    return requests.ask(order, lines or order.lines.all(), **{"reason": "Broke a leg", **more})


def test_asking_tells_the_studio_and_keeps_the_places(late, settings):
    asked = ask(late)

    assert (asked.status, asked.wanted, list(asked.lines.all())) == (
        RequestStatus.OPEN,
        2 * PRICE,
        list(late.lines.all()),
    )
    assert Mail.objects.get(kind="refund_asked").to == settings.SHOP_CONTACT_EMAIL
    assert late.lines.kept().count() == 2
    assert problems() == []


def test_only_one_request_of_an_order_waits(late):
    ask(late, late.lines.all()[:1])

    with pytest.raises(RequestNotPossible, match="already"):
        ask(late)
    assert RefundRequest.objects.count() == 1


def test_what_can_be_cancelled_for_money_is_not_asked_for():
    order = bought_long_ago(session_in(5))

    with pytest.raises(RequestNotPossible):
        ask(order)


def test_while_a_request_waits_nothing_else_is_changed():
    session = session_in(10)
    order = bought_long_ago(session, 2)
    first, second = order.lines.all()
    OrderLine.objects.filter(pk=first.pk).update(policy=None)
    with time_machine.travel(session.starts_at - timedelta(hours=20)):
        ask(order, [first])
    with pytest.raises(NotChangeable, match="asked for a refund"):
        own_orders.give_up(order, [second], expected=PRICE)


def test_places_may_be_given_to_others_at_once(late):
    session = late.lines.first().session

    asked = ask(late, gives_up=True)

    late.refresh_from_db()
    assert (taken(session), late.status, asked.is_open) == (0, OrderStatus.CANCELLED, True)
    assert balance_of(late).owed == 0
    assert problems() == []


@pytest.mark.parametrize("gives_up", [False, True])
def test_accepting_a_part_gives_the_places_up_and_the_money_back(gives_up, late):
    staff = UserFactory(is_staff=True)
    asked = ask(late, gives_up=gives_up)

    requests.accept(asked, Decimal("100.00"), answer="Get well soon", actor=staff)

    asked.refresh_from_db()
    late.refresh_from_db()
    assert (asked.status, asked.granted, asked.decided_by) == (RequestStatus.ACCEPTED, Decimal(100), staff)
    assert late.status == OrderStatus.CANCELLED
    assert Refund.objects.get().amount == Decimal(100)
    assert sum(late.lines.values_list("fee", flat=True)) == Decimal(70)
    assert balance_of(late).owed == 0
    assert Mail.objects.get(kind="refund_decided").to == late.email
    assert problems() == []


def test_money_for_a_session_that_has_begun_is_taken_off_its_price(late):
    session = late.lines.first().session
    with time_machine.travel(session.starts_at + timedelta(hours=1)):
        asked = ask(late, late.lines.all()[:1], reason="Nobody was there")
        requests.accept(asked, HALF, actor=UserFactory(is_staff=True))

    line = OrderLine.objects.get(position=1)
    assert (line.cancelled_at, line.final_price, taken(session)) == (None, HALF, 2)
    assert problems() == []


@pytest.mark.parametrize("amount", [Decimal(0), Decimal("170.01")])
def test_no_more_is_granted_than_was_paid(amount, late):
    asked = ask(late)

    with pytest.raises(RefundTooHigh):
        requests.accept(asked, amount, actor=UserFactory(is_staff=True))

    asked.refresh_from_db()
    assert (asked.is_open, late.lines.kept().count()) == (True, 2)


@pytest.mark.parametrize(("granted", "still_owed"), [(170, 0), (100, 0), (20, 20)])
def test_what_is_owed_already_goes_back_first(granted, still_owed, late):
    refund = refunds.request(late.payments.get(), Decimal(30), reason="Sorry")
    refunds.settle(refund, RefundFact(RefundStatus.FAILED, "", refund.amount))
    asked = requests.ask(late, late.lines.all(), reason="Ill")

    requests.accept(asked, Decimal(granted), actor=UserFactory())

    assert balance_of(late).owed == still_owed


def test_a_request_follows_places_that_the_studio_moves(late):
    asked = requests.ask(late, late.lines.all(), reason="Ill")
    session = late.lines.first().session
    other = SessionFactory(
        project=session.project, base_price=PRICE, starts_at=session.starts_at + timedelta(days=9)
    )
    moved = moving.move_lines(late, late.lines.all(), other, is_staff=True)

    requests.accept(asked, requests.most(asked), actor=UserFactory())

    assert list(asked.lines.order_by("position")) == moved
    assert Refund.objects.get().amount == late.total


def test_declining_leaves_everything_as_it_is(late):
    asked = ask(late)

    requests.decline(asked, answer="The material was cut already", actor=UserFactory(is_staff=True))

    asked.refresh_from_db()
    assert (asked.status, asked.answer) == (RequestStatus.DECLINED, "The material was cut already")
    assert (late.lines.kept().count(), Refund.objects.count()) == (2, 0)
    assert ask(late).is_open


def test_a_request_is_answered_once(late):
    staff = UserFactory(is_staff=True)
    asked = ask(late)
    requests.accept(asked, PRICE, actor=staff)

    for again in (
        lambda: requests.accept(asked, PRICE, actor=staff),
        lambda: requests.decline(asked, answer="No", actor=staff),
        lambda: requests.withdraw(asked),
    ):
        with pytest.raises(AlreadyDecided):
            again()

    assert Refund.objects.count() == 1


def test_a_request_can_be_taken_back(late):
    asked = ask(late)

    requests.withdraw(asked)
    requests.withdraw(asked)

    with pytest.raises(AlreadyDecided):
        requests.accept(asked, PRICE, actor=UserFactory(is_staff=True))
    assert late.history.filter(subject="request").count() == 2


def test_a_granted_refund_that_fails_is_owed_again(late, provider):
    asked = ask(late)
    requests.accept(asked, PRICE, actor=UserFactory(is_staff=True))
    Refund.objects.update(status=RefundStatus.FAILED)

    assert balance_of(late).owed == PRICE
    assert refunds.refund_owed(late, reason="Again").amount == PRICE


def test_what_somebody_wrote_is_forgotten_with_them_but_not_while_it_waits(late):
    asked = ask(late)
    assert privacy.with_money_under_way(Order.objects.all()).exists()
    requests.decline(asked, answer="Sorry, Ana", actor=UserFactory(is_staff=True))
    assert not privacy.with_money_under_way(Order.objects.all()).exists()

    privacy.anonymise([late.pk])

    asked.refresh_from_db()
    assert (asked.reason, asked.answer) == ("–", "")


@pytest.fixture
def bank_took_it() -> Order:
    """Two places that a buyer has paid for, whose bank took all but 30 of the money back."""
    order = paid_order_for((SessionFactory(base_price=PRICE), 2))
    payment = order.payments.get()
    for status in (DisputeStatus.OPEN, DisputeStatus.LOST):
        disputes.settle(payment, DisputeFact(status, "du_1", order.total - 30))
    return order


def test_no_more_is_promised_than_the_bank_has_left(bank_took_it):
    choices = own_orders.choices_of(bank_took_it, at=timezone.now())
    told = own_orders.back_of(choices)

    done = own_orders.give_up(bank_took_it, [choice.line for choice in choices], expected=told)

    assert (told, done.refund.amount) == (30, 30)


def test_places_whose_money_a_bank_has_taken_move_to_a_cheaper_date(bank_took_it):
    session = bank_took_it.lines.first().session
    cheaper = SessionFactory(project=session.project, base_price=PRICE - 20)
    choices = own_orders.choices_of(bank_took_it, at=timezone.now())
    [date] = own_orders.dates_for(bank_took_it, choices, at=timezone.now())

    done = own_orders.move(bank_took_it, [choice.line for choice in choices], cheaper, expected=date.back)

    assert (date.back, done.refund.amount) == (30, 30)
