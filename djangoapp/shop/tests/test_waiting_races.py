"""Races about places that are owed to a waiting list, on a real PostgreSQL. Each goes wrong without the lock."""

import pytest
from django.db import models
from django.utils import timezone

from core.models import Mail
from shop.enums import WaitingStatus
from shop.models import Cart, CartLine, Session, WaitingEntry
from shop.querysets import SessionQuerySet
from shop.services import cart as carts
from shop.services import orders, places, waiting
from shop.services.integrity import problems
from shop.services.waiting import Wish
from shop.tests.factories import SessionFactory, paid_order_for, purchase_for
from shop.tests.queues import full_session, wait_for
from shop.tests.test_concurrency import meeting
from tests.support.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def without_lock(monkeypatch):
    """Session rows are read without locking them."""
    monkeypatch.setattr(SessionQuerySet, "select_for_update", lambda self, **options: self.all())


@pytest.fixture
def all_look_first(monkeypatch):
    """Four have seen the free place before the first of them offers it."""
    offer, meet = places.offer, meeting(4)

    def after_all_looked(session, entry, **more):
        meet()
        offer(session, entry, **more)

    monkeypatch.setattr(places, "offer", after_all_looked)


def with_a_place_to_offer() -> Session:
    """One place has become free, and nobody has offered it yet to the four who wait."""
    session = full_session(1)
    for _person in range(4):
        wait_for(session)
    Session.objects.filter(pk=session.pk).update(capacity=2)
    return session


def offers() -> int:
    return WaitingEntry.objects.filter(status=WaitingStatus.OFFERED).count()


def test_many_workers_make_one_offer_of_one_place():
    session = with_a_place_to_offer()

    ended = at_once([waiting.sweep] * 8)

    session.refresh_from_db()
    assert ended == {"ok": 8}
    assert (offers(), Mail.objects.filter(kind="waiting_offer").count()) == (1, 1)
    assert (session.seats_taken, session.seats_wanted, problems()) == (2, 3, [])


def test_without_the_lock_all_workers_offer_the_same_place(all_look_first, without_lock):
    """The last belt stops all but one of them, though not politely."""
    with_a_place_to_offer()

    ended = at_once([waiting.sweep] * 4)

    assert ended == {"ok": 1, "IntegrityError": 3}


def buyers(session: Session, number: int) -> list:
    visitors = [Cart.objects.create() for _buyer in range(number)]
    return [lambda cart=cart: carts.add_places(cart, session, 1) for cart in visitors]


def test_direct_buyers_never_get_what_a_cancellation_frees_for_the_list():
    session = SessionFactory(capacity=3)
    paid = [paid_order_for((session, 1), email=f"{number}@example.org") for number in range(3)]
    entries = [wait_for(session) for _person in range(3)]

    ended = at_once([lambda order=order: orders.cancel(order) for order in paid] + buyers(session, 12))

    assert ended == {"ok": 3, "SessionFull": 12}
    assert set(WaitingEntry.objects.values_list("status", flat=True)) == {WaitingStatus.OFFERED}
    assert len(entries) == offers()
    assert problems() == []


def test_when_nothing_is_owed_direct_buyers_do_get_what_is_freed(monkeypatch):
    """The race above can be lost: with the offering taken out, buyers are quicker than the list."""
    monkeypatch.setattr(places, "_offer_what_is_free", lambda session, at: None)
    session = SessionFactory(capacity=3)
    paid = [paid_order_for((session, 1), email=f"{number}@example.org") for number in range(3)]
    for _person in range(3):
        wait_for(session)

    at_once([lambda order=order: orders.cancel(order) for order in paid])
    ended = at_once(buyers(session, 12))

    assert ended == {"ok": 3, "SessionFull": 9}
    assert offers() == 0


def test_two_devices_order_the_offer_once():
    session = full_session(1)
    entry = wait_for(session)
    Session.objects.filter(pk=session.pk).update(capacity=2)
    waiting.sweep()
    in_carts = [waiting.take_offer(entry, Cart.objects.create()) for _device in range(4)]
    purchases = [(cart, purchase_for(cart, email=f"{cart.pk}@example.org")) for cart in in_carts]

    ended = at_once([lambda pair=pair: orders.place_order(*pair) for pair in purchases])

    session.refresh_from_db()
    assert ended == {"ok": 1, "SessionFull": 3}
    assert (session.seats_taken, problems()) == (2, [])


def test_an_offer_that_is_taken_as_it_lapses_is_one_or_the_other():
    session = full_session(1)
    first, second = wait_for(session), wait_for(session)
    Session.objects.filter(pk=session.pk).update(capacity=2)
    waiting.sweep()
    cart = waiting.take_offer(first, None)
    purchase = purchase_for(cart, email=first.email)
    WaitingEntry.objects.filter(pk=first.pk).update(offer_until=timezone.now())

    ended = at_once([lambda: orders.place_order(cart, purchase), waiting.sweep, waiting.sweep])

    first.refresh_from_db()
    second.refresh_from_db()
    assert ended["ok"] == 2
    assert ended["SessionFull"] == 1
    assert (first.status, second.status) == (WaitingStatus.LAPSED, WaitingStatus.OFFERED)
    assert problems() == []


def test_one_person_in_many_tabs_is_on_the_list_once():
    session = full_session(1)
    wish = Wish(email="w@example.org", first_name="Wanda", last_name="Frei", quantity=1)

    ended = at_once([lambda: waiting.join(session, wish)] * 8)

    session.refresh_from_db()
    assert ended == {"ok": 1, "AlreadyWaiting": 7}
    assert (session.seats_wanted, Mail.objects.filter(kind="waiting_joined").count()) == (1, 1)


def test_carts_and_offers_add_up_after_a_rush():
    """Everybody at once: cancelling, joining, leaving, buying, sweeping."""
    session = SessionFactory(capacity=6)
    paid = [paid_order_for((session, 1), email=f"{number}@example.org") for number in range(6)]
    entries = [wait_for(session) for _person in range(4)]
    jobs = [lambda order=order: orders.cancel(order) for order in paid[:4]]
    jobs += [lambda entry=entry: waiting.leave(entry) for entry in entries[:2]]
    jobs += [*buyers(session, 6), waiting.sweep, waiting.sweep]

    at_once(jobs)

    held = CartLine.objects.filter(is_held=True).aggregate(places=models.Sum("quantity"))["places"] or 0
    session.refresh_from_db()
    assert session.seats_taken == held + offers() + 2
    assert problems() == []
