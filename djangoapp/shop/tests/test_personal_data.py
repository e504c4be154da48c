"""What the shop tells about somebody, and what it lets go."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import personal_data
from accounts.personal_data import Person
from accounts.services import delete_account
from shop.models import Cart, Order
from shop.personal_data import tell_purchases
from shop.tests.factories import SessionFactory, UserFactory, cart_with, order_for, paid_order_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return SessionFactory(capacity=10)


@pytest.fixture
def ana():
    return UserFactory(email="ana@example.org")


def told_about(user) -> dict:
    return json.loads("".join(personal_data.as_json(Person(user.email, user))))["shop"]


def seats_taken(session) -> int:
    session.refresh_from_db()
    return session.seats_taken


def test_whoever_leaves_gives_the_held_places_back(session, ana):
    other = SessionFactory()
    cart_with((session, 2), (other, 1), user=ana)
    cart_with((session, 1))

    delete_account(ana)

    assert (seats_taken(session), seats_taken(other)) == (1, 0)
    assert Cart.objects.count() == 1


def test_a_hold_that_ran_out_is_not_given_back_twice(session, ana):
    cart_with((session, 2), user=ana)
    cart_with((session, 1))

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        delete_account(ana)

    assert seats_taken(session) == 0


def test_orders_stay_with_their_places_and_belong_to_nobody(session, ana):
    order = paid_order_for((session, 2), user=ana)

    delete_account(ana)

    order.refresh_from_db()
    assert order.customer is None
    assert order.billing_name == "Ana Keller"
    assert order.lines.count() == 2
    assert order.payments.get().status == "paid"
    assert order.history.exists()
    assert seats_taken(session) == 2


def test_a_user_who_is_deleted_otherwise_leaves_no_place_taken_for_ever(session, ana):
    """Say by the admin: the cart stays, belongs to nobody, and its hold runs out like any other."""
    cart_with((session, 2), user=ana)

    ana.delete()

    [line] = Cart.objects.get().lines.all()
    assert (line.is_held, seats_taken(session)) == (True, 2)


def test_the_data_tell_orders_of_the_account_and_of_the_same_address(session, ana):
    order = paid_order_for((session, 1), user=ana)
    as_guest = order_for((session, 1), email="Ana@Example.org")
    order_for((session, 1), email="eva@example.org")
    cart_with((SessionFactory(project__title="Winter buds"), 1), user=ana)

    told = told_about(ana)

    assert [row["code"] for row in told["orders"]] == [order.code, as_guest.code]
    first = told["orders"][0]
    assert first["total"] == "85.00"
    assert first["billing"]["city"] == "Zürich"
    assert first["places"][0]["attendee"] == "Ana Keller 0"
    assert first["payments"][0]["status"] == "paid"
    assert told["cart"][0]["session__project__title"] == "Winter buds"


@pytest.mark.parametrize("orders", [1, 3])
def test_telling_asks_the_same_number_of_questions_for_many_orders(
    session, ana, orders, django_assert_num_queries
):
    for _number in range(orders):
        paid_order_for((SessionFactory(), 2), user=ana)

    with django_assert_num_queries(9):
        told = dict(tell_purchases(ana))
        assert len(list(told["orders"])) == orders
    assert Order.objects.count() == orders
