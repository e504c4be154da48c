"""The first places at the early-bird price, rushed at once on a real PostgreSQL: never one too many."""

import time

import pytest

from shop.models import Cart, OrderLine, Session
from shop.querysets import SessionQuerySet
from shop.services import orders
from shop.tests.factories import SessionFactory, cart_with, purchase_for
from shop.tests.test_concurrency import meeting
from tests.support.races import THREADS, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
EARLY = 5


@pytest.fixture
def session() -> Session:
    return SessionFactory(capacity=100, base_price=100, early_price=70, early_places=EARLY)


def rush(session: Session, expected: int | None):
    """As many buyers as there are threads, who were all shown this price and order at the same moment."""
    waiting: list[Cart] = [cart_with((session, 1)) for _buyer in range(THREADS)]
    purchases = [
        (cart, purchase_for(cart, email=f"{cart.pk}@example.org", expected_total=expected))
        for cart in waiting
    ]
    return at_once(
        [
            lambda cart=cart, purchase=purchase: orders.place_order(cart, purchase)
            for cart, purchase in purchases
        ]
    )


def sold_early() -> int:
    return OrderLine.objects.filter(unit_price=70).count()


def test_exactly_the_first_places_are_sold_early_and_the_others_are_told(session, monkeypatch):
    write = orders._write_order

    def slowly(*args):
        time.sleep(0.01)
        return write(*args)

    monkeypatch.setattr(orders, "_write_order", slowly)

    ended = rush(session, expected=70)

    assert ended == {"ok": EARLY, "PriceChanged": THREADS - EARLY}
    assert sold_early() == OrderLine.objects.count() == EARLY


def test_without_the_lock_more_than_the_first_places_are_sold_early(session, monkeypatch):
    write, meet = orders._write_order, meeting(THREADS)

    def after_all_have_looked(*args):
        meet()
        return write(*args)

    monkeypatch.setattr(orders, "_write_order", after_all_have_looked)
    monkeypatch.setattr(SessionQuerySet, "select_for_update", lambda self, **options: self.all())

    rush(session, expected=70)

    assert sold_early() > EARLY
