"""Places of a paid order that are given up one by one."""

from decimal import Decimal

import pytest
from django.utils import timezone

from shop.enums import OrderStatus, Subject
from shop.exceptions import FeeTooHigh, OrderChanged, OrderNotCancellable
from shop.models import Order, OrderLine, Session
from shop.services import changes, orders
from shop.services.integrity import problems
from shop.signals import order_cancelled, order_changed
from shop.tests.factories import SessionFactory, UserFactory, order_for, paid_order_for
from shop.tests.test_cart import taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What is announced, in its order: the signal's name and the places that went."""
    told = []

    def changed(sender, order, added, cancelled, **kwargs):
        told.append(("changed", order.status, [line.pk for line in added], [line.pk for line in cancelled]))

    def ended(sender, order, lines, **kwargs):
        told.append(("cancelled", order.status, [line.pk for line in lines]))

    order_changed.connect(changed)
    order_cancelled.connect(ended)
    yield told
    order_changed.disconnect(changed)
    order_cancelled.disconnect(ended)


def test_one_of_two_places_is_given_up_and_the_order_goes_on(heard):
    session, staff = SessionFactory(), UserFactory()
    order = paid_order_for((session, 2))
    first, second = order.lines.all()

    gone = changes.cancel_lines(order, [first], actor=staff, note="Ill", fees={first.pk: Decimal("10.00")})

    order.refresh_from_db()
    first.refresh_from_db()
    assert gone == [first]
    assert (order.status, taken(session), list(order.lines.kept())) == (OrderStatus.PAID, 1, [second])
    assert (first.fee, first.cancelled_at is not None) == (Decimal("10.00"), True)
    assert heard == [("changed", OrderStatus.PAID, [], [first.pk])]
    assert list(order.history.filter(subject=Subject.LINE).values_list("subject_id", "actor", "note")) == [
        (first.pk, staff.pk, "Ill")
    ]
    assert problems() == []


def test_the_last_place_takes_the_order_with_it(heard):
    session = SessionFactory()
    order = paid_order_for((session, 2))
    first, second = order.lines.all()

    changes.cancel_lines(order, [first])
    changes.cancel_lines(order, [second], fees={second.pk: Decimal("85.00")})

    order.refresh_from_db()
    assert (order.status, taken(session), order.closed_at is not None) == (OrderStatus.CANCELLED, 0, True)
    assert order.lines.get(pk=second.pk).fee == Decimal("85.00")
    assert [event[0] for event in heard] == ["changed", "cancelled"]
    assert heard[1] == ("cancelled", OrderStatus.CANCELLED, [second.pk])
    assert problems() == []


def test_giving_up_a_place_twice_frees_it_once(heard):
    session = SessionFactory()
    order = paid_order_for((session, 2))
    line = order.lines.first()

    changes.cancel_lines(order, [line], fees={line.pk: Decimal(5)})
    again = changes.cancel_lines(order, [line], fees={line.pk: Decimal(50)})

    assert (again, taken(session), len(heard)) == ([], 1, 1)
    assert order.lines.get(pk=line.pk).fee == Decimal("5.00")


def test_places_of_another_order_are_out_of_reach():
    session = SessionFactory()
    mine, theirs = paid_order_for((session, 1)), paid_order_for((session, 1), email="b@example.org")

    assert changes.cancel_lines(mine, theirs.lines.all()) == []
    assert taken(session) == 2


def test_an_order_that_is_not_paid_is_cancelled_as_a_whole():
    order = order_for((SessionFactory(), 2))

    with pytest.raises(OrderNotCancellable):
        changes.cancel_lines(order, order.lines.all()[:1])

    assert order.lines.kept().count() == 2


@pytest.mark.parametrize("fee", [Decimal("85.01"), Decimal("-0.01")])
def test_no_more_is_kept_than_was_paid_for_the_place(fee):
    session = SessionFactory(base_price=Decimal(85))
    order = paid_order_for((session, 2))
    line = order.lines.first()

    with pytest.raises(FeeTooHigh):
        changes.cancel_lines(order, [line], fees={line.pk: fee})

    assert (taken(session), order.lines.kept().count()) == (2, 2)


def test_cancelling_the_whole_order_gives_up_every_place(heard):
    order = paid_order_for((SessionFactory(), 1), (SessionFactory(), 1))
    kept = list(order.lines.values_list("pk", flat=True))

    orders.cancel(order)

    order.refresh_from_db()
    assert not order.lines.kept().exists()
    assert set(order.lines.values_list("cancelled_at", flat=True)) == {order.closed_at}
    assert heard == [("cancelled", OrderStatus.CANCELLED, kept)]


def test_a_listener_that_fails_undoes_the_change():
    def no_tickets(sender, order, **kwargs):
        raise RuntimeError("the tickets cannot be voided")

    session = SessionFactory()
    order = paid_order_for((session, 2))
    order_changed.connect(no_tickets)
    try:
        with pytest.raises(RuntimeError):
            changes.cancel_lines(order, order.lines.all()[:1])
    finally:
        order_changed.disconnect(no_tickets)

    assert (taken(session), order.lines.kept().count()) == (2, 2)


def test_a_place_that_moved_while_the_order_was_about_to_be_cancelled_is_not_forgotten(monkeypatch):
    session, other = SessionFactory(), SessionFactory()
    order = paid_order_for((session, 1))
    lock = orders.places.lock

    def lock_too_late(session_ids, **options):
        sessions = lock(session_ids, **options)
        OrderLine.objects.update(session=other)
        return sessions

    monkeypatch.setattr(orders.places, "lock", lock_too_late)

    with pytest.raises(OrderChanged):
        orders.cancel(order)


def test_the_database_refuses_a_fee_for_a_place_that_is_kept():
    order = paid_order_for((SessionFactory(), 1))

    with pytest.raises(Exception, match="shop_orderline_fee_is_kept_of_price"):
        order.lines.update(fee=Decimal(1))


def test_the_page_tells_which_place_was_given_up(client):
    order = paid_order_for((SessionFactory(project__title="Grafting"), 2))
    changes.cancel_lines(order, order.lines.all()[:1])

    page = client.get(order.get_absolute_url()).context["page"]

    assert page.happenings[-1].text == "Place of Ana Keller 0 given up: Grafting"


def test_the_places_of_an_order_are_its_lines_while_it_holds_them():
    session = SessionFactory()
    order = paid_order_for((session, 2))
    order.lines.filter(position=1).update(cancelled_at=timezone.now())

    assert OrderLine.objects.places().count() == 1
    Order.objects.update(status=OrderStatus.EXPIRED)
    assert not OrderLine.objects.places().exists()
    assert Session.objects.count() == 1
