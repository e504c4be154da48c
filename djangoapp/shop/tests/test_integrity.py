"""The list of what does not add up is empty after honest work, and names each kind of damage."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from shop.models import Coupon, Order, OrderLine, Payment, Session
from shop.services import invoices, orders, payments
from shop.services.integrity import problems
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    cart_with,
    order_for,
    paid_order_for,
    purchase_for,
)
from tests.support.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def honest_work(db):
    """A cart, a pending order, a paid one with a coupon, a free one, a cancelled one."""
    session, free = SessionFactory(), SessionFactory(base_price=Decimal(0))
    cart_with((session, 2))
    order_for((session, 1))
    paid = paid_order_for((session, 1))
    cart = cart_with((session, 1), coupon=CouponFactory())
    payments.mark_paid_at_desk(
        orders.place_order(cart, purchase_for(cart, email="b@example.org")), actor=None
    )
    order_for((free, 2))
    orders.cancel(paid_order_for((session, 1), email="c@example.org"))
    return paid


def test_after_honest_work_everything_agrees(capsys):
    call_command("check_integrity")

    assert problems() == []
    assert "agree" in capsys.readouterr().out


def damage_places():
    Session.objects.filter(seats_taken__gt=0).update(seats_taken=1)


def damage_line():
    OrderLine.objects.filter(price__gt=0).update(unit_price=Decimal(1), price=Decimal(1), discount=0)


def lose_payment():
    Payment.objects.filter(is_fulfilling=True).update(
        is_fulfilling=False, paid_at=timezone.now() - timedelta(hours=1)
    )


def forget_order():
    Order.objects.filter(status="pending").update(expires_at=timezone.now() - timedelta(hours=1))


def receive_another_amount():
    Payment.objects.filter(is_fulfilling=True).update(received_amount=Decimal(1))


def miscount_coupon():
    Coupon.objects.update(uses=5)


@pytest.mark.parametrize(
    ("damage", "kinds"),
    [
        (damage_places, {"places"}),
        (damage_line, {"amounts", "books"}),
        (lose_payment, {"money without a place", "place without money"}),
        (forget_order, {"place without money"}),
        (receive_another_amount, {"amounts", "refunds", "books"}),
        (miscount_coupon, {"coupon"}),
    ],
)
def test_each_kind_of_damage_is_named(damage, kinds):
    damage()

    assert {problem.kind for problem in problems()} == kinds
    with pytest.raises(CommandError, match="do not add up"):
        call_command("check_integrity")


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    with django_assert_max_num_queries(19):
        problems()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_happens_while_it_looks_is_no_problem():
    """Others work on between any two of its statements, and what they did an hour ago is due by all its rules."""
    coupon = CouponFactory(max_uses=None)

    def work():
        with time_machine.travel(timezone.now() - timedelta(hours=1)):
            cart = cart_with((SessionFactory(), 2), coupon=coupon)
            order = payments.mark_paid_at_desk(orders.place_order(cart, purchase_for(cart)), actor=None)
            invoices.bring_up_to_date(order)
            if statements % 2:
                orders.cancel(order)
                invoices.bring_up_to_date(order)

    statements = 0

    def disturb(execute, *statement):
        nonlocal statements
        statements += 1
        found = execute(*statement)
        assert at_once([work]) == {"ok": 1}
        return found

    with connection.execute_wrapper(disturb):
        assert problems() == []
    assert statements > 10
