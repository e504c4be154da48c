"""Carts hold places for a while, and let them go."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from shop.enums import CartStatus
from shop.exceptions import (
    CartClosed,
    CouponInvalid,
    CouponNotApplicable,
    HoldCeilingReached,
    NotBookable,
    SessionFull,
    TooManyPlaces,
)
from shop.models import Cart, Session
from shop.services import cart as carts
from shop.tests.factories import CouponFactory, SessionFactory, UserFactory, cart_with
from shop.tests.test_places import lapse

pytestmark = pytest.mark.django_db


def taken(session: Session) -> int:
    return Session.objects.get(pk=session.pk).seats_taken


def test_adding_places_holds_them_for_a_quarter_of_an_hour():
    session = SessionFactory()
    with time_machine.travel("2026-12-01T10:00:00Z", tick=False):
        session.starts_at = timezone.now() + timedelta(days=1)
        session.ends_at = session.starts_at + timedelta(hours=1)
        session.save()
        cart = cart_with((session, 2))

    assert taken(session) == 2
    assert cart.held_until.isoformat() == "2026-12-01T10:15:00+00:00"


def test_adding_again_adds_up_to_the_limit_for_a_person():
    session = SessionFactory()
    cart = cart_with((session, 2))

    carts.add_places(cart, session, 1)

    assert cart.lines.get().quantity == 3
    with pytest.raises(TooManyPlaces):
        carts.add_places(cart, session, 1)
    assert taken(session) == 3


def test_asking_for_more_than_is_left_takes_what_there_is_and_says_so():
    session = SessionFactory(capacity=1)
    cart = cart_with()

    choice = carts.add_places(cart, session, 2)

    assert (choice.wanted, choice.granted, taken(session)) == (2, 1, 1)


def test_nothing_is_left():
    session = SessionFactory(capacity=1)
    cart_with((session, 1))

    with pytest.raises(SessionFull, match="Somebody was quicker"):
        carts.add_places(cart_with(), session, 1)


@pytest.mark.parametrize(("quantity", "left_in_cart"), [(1, [1]), (3, [3]), (0, [])])
def test_changing_the_number_takes_or_frees_the_difference(quantity, left_in_cart):
    session = SessionFactory()
    cart = cart_with((session, 2))

    carts.set_places(cart, session, quantity)

    assert list(cart.lines.values_list("quantity", flat=True)) == left_in_cart
    assert taken(session) == quantity


def test_an_order_has_a_ceiling_of_places(settings):
    settings.SHOP_MAX_PLACES_PER_CART = 4
    cart = cart_with((SessionFactory(), 3))

    with pytest.raises(TooManyPlaces, match="At most 4 places fit into one order"):
        carts.add_places(cart, SessionFactory(), 2)


def test_a_hold_can_be_extended_up_to_its_ceiling_and_no_further(settings):
    settings.SHOP_HOLD_MINUTES, settings.SHOP_HOLD_CEILING_MINUTES = 15, 20
    session = SessionFactory()
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        cart = cart_with((session, 1))
        clock.shift(timedelta(minutes=10))
        assert carts.extend_hold(cart) == []
        cart.refresh_from_db()
        assert cart.held_until == start + timedelta(minutes=20)
        with pytest.raises(HoldCeilingReached):
            carts.extend_hold(cart)


def test_a_lapsed_hold_is_taken_again_where_places_are_left():
    free, full = SessionFactory(), SessionFactory(capacity=1)
    cart = cart_with((free, 2), (full, 1))
    lapse(cart)
    cart_with((full, 1))

    lost = carts.extend_hold(cart)

    assert lost == [full]
    assert sorted(cart.lines.values_list("session", "is_held")) == sorted([(free.pk, True), (full.pk, False)])
    assert (taken(free), taken(full)) == (2, 1)


def test_sweeping_frees_lapsed_places_and_forgets_old_carts():
    session = SessionFactory()
    lapse(cart_with((session, 2)))
    old = cart_with()
    Cart.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=31))

    assert carts.sweep_lapsed() == 1
    assert carts.sweep_lapsed() == 0
    assert taken(session) == 0
    assert not Cart.objects.filter(pk=old.pk).exists()


def test_an_ordered_cart_takes_nothing_more():
    cart = cart_with((SessionFactory(), 1))
    Cart.objects.filter(pk=cart.pk).update(status=CartStatus.ORDERED)

    with pytest.raises(CartClosed):
        carts.add_places(cart, SessionFactory(), 1)


def test_a_session_that_is_not_on_sale_cannot_be_held():
    with pytest.raises(NotBookable):
        carts.add_places(cart_with(), SessionFactory(is_published=False), 1)


def test_a_coupon_is_accepted_however_it_is_typed():
    coupon = CouponFactory(code="SPRING26")
    cart = cart_with((SessionFactory(), 1))

    carts.redeem(cart, " spring26 ")

    cart.refresh_from_db()
    assert cart.coupon == coupon
    carts.drop_coupon(cart)
    cart.refresh_from_db()
    assert cart.coupon is None


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "ANOTHER1"},
        {"code": "SPRING26", "is_active": False},
        {"code": "SPRING26", "valid_until": timezone.now() - timedelta(days=1)},
        {"code": "SPRING26", "valid_from": timezone.now() + timedelta(days=1)},
        {"code": "SPRING26", "max_uses": 1, "uses": 1},
    ],
)
def test_useless_codes_all_get_the_same_answer(fields):
    CouponFactory(**fields)
    cart = cart_with((SessionFactory(), 1))

    with pytest.raises(CouponInvalid) as refusal:
        carts.redeem(cart, "SPRING26")

    assert str(refusal.value) == "This code is not valid. Please check how it is written."


def test_a_good_code_for_something_else_says_so():
    CouponFactory(code="SPRING26", session=SessionFactory())
    cart = cart_with((SessionFactory(), 1))

    with pytest.raises(CouponNotApplicable, match="other sessions"):
        carts.redeem(cart, "SPRING26")


def test_a_cart_is_found_by_its_token_by_its_owner_only():
    owner, other = UserFactory(), UserFactory()
    cart = cart_with((SessionFactory(), 1))

    assert carts.find_cart(cart.token, AnonymousUser()) == cart
    assert carts.find_cart(cart.token, owner) == cart  # signing in takes the cart along
    assert carts.find_cart(cart.token, AnonymousUser()) is None
    assert carts.find_cart(cart.token, other) is None
    assert carts.find_cart("", owner) == cart  # from another device
