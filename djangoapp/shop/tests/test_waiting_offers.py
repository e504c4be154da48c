"""An offer to who waited becomes an order: by the cart, on any device, once."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from shop.enums import WaitingStatus
from shop.exceptions import (
    OfferOver,
    SessionFull,
)
from shop.models import Cart, Session
from shop.services import cart as carts
from shop.services import orders, places, waiting
from shop.services.integrity import problems
from shop.tests.factories import (
    SessionFactory,
    UserFactory,
    cart_with,
    paid_order_for,
    purchase_for,
)
from shop.tests.queues import full_session, give_back, now, wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_adds_up():
    yield
    assert problems() == []


def test_the_offer_becomes_an_order():
    session = full_session(2)
    entry = wait_for(session, 2)
    give_back(session)

    cart = waiting.take_offer(entry, None)
    order = orders.place_order(cart, purchase_for(cart, email=entry.email))

    session.refresh_from_db()
    assert (now(entry).status, entry.order, session.seats_taken) == (WaitingStatus.TAKEN, order, 2)
    with pytest.raises(OfferOver):
        waiting.take_offer(entry, None)


def test_opening_the_link_again_takes_nothing_more():
    session = full_session(2)
    entry = wait_for(session, 2)
    give_back(session)

    first = waiting.take_offer(entry, None)
    again = waiting.take_offer(entry, None)
    elsewhere = waiting.take_offer(entry, Cart.objects.create())

    assert first == again != elsewhere
    session.refresh_from_db()
    assert session.seats_taken == 2


def test_the_second_device_cannot_order_what_the_first_has():
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)
    phone, laptop = waiting.take_offer(entry, None), waiting.take_offer(entry, Cart.objects.create())
    orders.place_order(phone, purchase_for(phone, email="p@example.org"))

    with pytest.raises(SessionFull):
        orders.place_order(laptop, purchase_for(laptop, email="l@example.org"))


def test_the_offer_holds_on_while_the_cart_grows_old():
    """A cart's own hold ends after a quarter of an hour; the offer in it does not."""
    session, other = full_session(1), SessionFactory()
    entry = wait_for(session)
    give_back(session)
    cart = waiting.take_offer(entry, None)
    carts.add_places(cart, other, 1)

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        lapsed = {line.session: line.is_lapsed for line in carts.lines_of(cart)}
        assert lapsed == {session: False, other: True}
        orders.place_order(cart, purchase_for(cart, email="p@example.org"))

    assert now(entry).status == WaitingStatus.TAKEN


def test_ordering_fewer_than_offered_lets_the_rest_go_on():
    session = full_session(2)
    couple, next_one = wait_for(session, 2), wait_for(session, 1)
    give_back(session)
    cart = waiting.take_offer(couple, None)
    choice = carts.set_places(cart, session, 1)

    orders.place_order(cart, purchase_for(cart, email="p@example.org"))

    assert (choice.granted, choice.had) == (1, 2)
    assert (now(couple).status, now(next_one).status) == (WaitingStatus.TAKEN, WaitingStatus.OFFERED)


def test_the_cart_gives_no_more_than_the_offer_has():
    session = full_session(2)
    entry = wait_for(session, 1)
    wait_for(session, 1)
    give_back(session)
    cart = waiting.take_offer(entry, None)

    assert carts.set_places(cart, session, 3).granted == 1
    session.refresh_from_db()
    assert session.seats_taken == 2


def test_removing_the_places_from_the_cart_does_not_decline_the_offer():
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)
    cart = waiting.take_offer(entry, None)

    carts.set_places(cart, session, 0)

    assert not cart.lines.exists()
    assert waiting.take_offer(entry, cart).lines.get().quantity == 1


def test_a_place_of_ones_own_in_the_cart_gives_way_to_the_offer():
    session = SessionFactory(capacity=3)
    paid = paid_order_for((session, 2))
    cart = cart_with((session, 1))
    couple, next_one = wait_for(session, 2), wait_for(session, 1)
    orders.cancel(paid)

    waiting.take_offer(couple, cart)

    cart.refresh_from_db()
    assert (cart.lines.get().quantity, cart.held_until) == (2, None)
    assert now(next_one).is_offered


def test_a_line_whose_offer_has_ended_is_a_line_like_any_other():
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)
    cart = waiting.take_offer(entry, None)

    with time_machine.travel(now(entry).offer_until):
        assert carts.extend_hold(cart) == []
        line = cart.lines.get()
        assert line.is_held
        assert line.held_until > timezone.now()


def lapse(entry) -> time_machine.travel:
    """The clock stands where the entry's offer has just ended."""
    return time_machine.travel(now(entry).offer_until + timedelta(minutes=1))


def two_offered_of_three():
    """Somebody has the two places of an offer in a cart; the third place is sold."""
    session = SessionFactory(capacity=3)
    leaving = paid_order_for((session, 2), email="leaving@example.org")
    paid_order_for((session, 1), email="staying@example.org")
    couple = wait_for(session, 2)
    orders.cancel(leaving)
    return session, couple, waiting.take_offer(couple, None)


def test_an_offer_made_anew_with_fewer_places_sells_no_more_than_there_are():
    session, couple, cart = two_offered_of_three()
    with lapse(couple):
        waiting.sweep()
        paid_order_for((session, 1), email="quick@example.org")
        assert waiting.offer_now(couple, actor=UserFactory()).offered == 1

        with pytest.raises(SessionFull):
            orders.place_order(cart, purchase_for(cart, email=couple.email))

        assert carts.set_places(cart, session, 2).granted == 1
        order = orders.place_order(cart, purchase_for(cart, email=couple.email))
    session.refresh_from_db()
    assert (order.lines.count(), session.seats_taken, now(couple).status) == (1, 3, WaitingStatus.TAKEN)


def test_what_an_offer_made_anew_has_not_is_taken_from_what_is_free():
    session, couple, cart = two_offered_of_three()
    with lapse(couple):
        waiting.sweep()
        quick = paid_order_for((session, 1), email="quick@example.org")
        waiting.offer_now(couple, actor=UserFactory())
        orders.cancel(quick)

        order = orders.place_order(cart, purchase_for(cart, email=couple.email))

    session.refresh_from_db()
    assert (order.lines.count(), session.seats_taken, now(couple).status) == (2, 3, WaitingStatus.TAKEN)


def hold_again(cart, session):
    assert carts.extend_hold(cart) == []


def choose_again(cart, session):
    assert carts.set_places(cart, session, 1).granted == 1


@pytest.mark.parametrize("hold", [hold_again, choose_again])
def test_places_held_after_the_offer_ended_are_not_taken_for_those_of_the_next_offer(hold):
    session = full_session(2)
    entry = wait_for(session)
    give_back(session)
    cart = waiting.take_offer(entry, None)
    with lapse(entry):
        waiting.sweep()
        hold(cart, session)
        waiting.offer_now(entry, actor=UserFactory())
        assert cart.lines.get().offer is None

        orders.place_order(cart, purchase_for(cart, email=entry.email))

    session.refresh_from_db()
    assert (session.seats_taken, now(entry).status) == (2, WaitingStatus.OFFERED)


def test_the_order_never_gives_more_places_to_an_offer_than_it_has():
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)

    with pytest.raises(ValueError, match="2 places of an offer of 1"):
        places.hand_over(session, now(entry), None, 2)


def test_a_line_of_a_free_session_can_be_offered_too():
    session = full_session(1)
    Session.objects.update(base_price=Decimal(0))
    entry = wait_for(session)
    give_back(session)
    cart = waiting.take_offer(entry, None)

    order = orders.place_order(cart, purchase_for(cart, email=entry.email))

    assert order.is_paid
