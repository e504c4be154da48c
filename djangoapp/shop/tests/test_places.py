"""Places are taken and freed in one way only, and never more than there are."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from shop.exceptions import NotBookable, SessionFull, TooManyPlaces
from shop.models import CartLine, Session
from shop.services import places
from shop.services.places import Wanted
from shop.tests.factories import SessionFactory, cart_with, order_for, paid_order_for

pytestmark = pytest.mark.django_db


def lapse(cart) -> None:
    """Let the cart's hold run out."""
    past = timezone.now() - timedelta(seconds=1)
    cart.lines.update(held_until=past)
    cart.held_until = past
    cart.save()


def test_taking_refuses_more_than_is_left_and_says_how_many():
    session = SessionFactory(capacity=3, seats_taken=2)

    with pytest.raises(SessionFull) as refusal:
        places.take(session, 2)

    assert refusal.value.left == 1
    assert "Only 1 place is left" in str(refusal.value)


@pytest.mark.parametrize("taken", [-1, 4])
def test_the_database_itself_refuses_an_impossible_count(taken):
    session = SessionFactory(capacity=3)

    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(seats_taken=taken)


def test_a_lapsed_hold_counts_as_free_before_anything_sweeps_it():
    session = SessionFactory(capacity=2)
    lapse(cart_with((session, 2)))

    seen = Session.objects.with_seats_left().get(pk=session.pk)

    assert (seen.seats_taken, seen.seats_left) == (2, 2)
    assert Session.objects.bookable().filter(pk=session.pk).exists()


def test_locking_frees_what_lapsed_and_leaves_what_is_held():
    session = SessionFactory(capacity=5)
    lapse(cart_with((session, 2)))
    cart_with((session, 3))

    with transaction.atomic():
        locked = places.lock([session.pk], at=timezone.now())

    assert locked[session.pk].seats_taken == 3
    assert sorted(CartLine.objects.values_list("quantity", "is_held")) == [(2, False), (3, True)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_published": False}, "not on sale"),
        ({"starts_at": timezone.now() - timedelta(minutes=1)}, "already started"),
        ({"sales_start_at": timezone.now() + timedelta(days=1)}, "not started yet"),
        ({"sales_end_at": timezone.now() - timedelta(days=1)}, "have ended"),
    ],
)
def test_lines_that_nobody_may_book_are_refused(fields, words):
    session = SessionFactory(**fields)

    with pytest.raises(NotBookable, match=words):
        places.validate_lines([Wanted(session, 1)], at=timezone.now(), booked={})


def test_a_buyer_gets_three_places_in_a_session_whatever_the_order():
    session = SessionFactory()
    order_for((session, 2))

    booked = places.booked_places([session.pk], user=None, email="ANA@example.org")

    assert booked == {session.pk: 2}
    with pytest.raises(TooManyPlaces, match="You already have 2"):
        places.validate_lines([Wanted(session, 2)], at=timezone.now(), booked=booked)


def test_orders_keep_their_places_and_cancelled_lines_do_not_count_for_the_buyer():
    session = SessionFactory()
    order = paid_order_for((session, 2))
    order.lines.filter(position=1).update(cancelled_at=timezone.now())

    assert places.booked_places([session.pk], user=None, email=order.email) == {session.pk: 1}
