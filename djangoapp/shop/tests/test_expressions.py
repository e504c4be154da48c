"""What is written out in SQL counts the rows of the querysets that it names."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from shop.enums import OrderStatus, WaitingStatus
from shop.expressions import has_lapsed
from shop.models import CartLine, Order, OrderLine, Session, WaitingEntry
from shop.tests.factories import SessionFactory, cart_with, order_for
from shop.tests.test_places import lapse

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def session() -> Session:
    """Places in a cart that lapsed and in one that did not, and one entry of the list in each state."""
    session = SessionFactory(capacity=100)
    cart_with((session, 3))
    lapse(cart_with((session, 2)))
    for status in WaitingStatus:
        for until in (timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)):
            is_offer = status == WaitingStatus.OFFERED
            WaitingEntry.objects.create(
                session=session,
                email=f"{status}{until:%H}@example.org",
                status=status,
                quantity=4,
                offered=4 if is_offer else 0,
                offer_until=until if is_offer else None,
            )
    Session.objects.update(seats_taken=F("seats_taken") + 4 + 4)
    return session


def test_lapsed_places_are_those_of_both_querysets(session):
    SessionFactory()
    lines, offers = CartLine.objects.lapsed(), WaitingEntry.objects.lapsed()
    lapsed = sum(line.quantity for line in lines) + sum(offer.offered for offer in offers)
    assert lapsed == 2 + 4

    [seen, other] = Session.objects.with_seats_left().order_by("pk")

    assert seen.seats_left == seen.capacity - seen.seats_taken + lapsed
    assert other.seats_left == other.capacity

    Session.objects.filter(pk=session.pk).update(seats_wanted=1)
    seen = Session.objects.with_seats_left().get(pk=session.pk)
    assert seen.seats_left == seen.capacity - seen.seats_taken


def test_whether_something_lapsed_is_asked_of_both_querysets():
    at = timezone.now()
    held, offered, kept = (SessionFactory(capacity=9) for _ in range(3))
    lapse(cart_with((held, 1)))
    for session, until in ((offered, at - timedelta(seconds=1)), (kept, at + timedelta(seconds=1))):
        cart_with((session, 1))
        WaitingEntry.objects.create(
            session=session, email="a@example.org", status="offered", quantity=1, offered=1, offer_until=until
        )
    lapsed = {row.session_id for rows in (CartLine, WaitingEntry) for row in rows.objects.lapsed(at)}
    assert lapsed == {held.pk, offered.pk}

    seen = Session.objects.annotate(has_lapsed=has_lapsed(at))

    assert {session.pk for session in seen if session.has_lapsed} == lapsed


def test_places_sold_are_those_of_the_queryset(session):
    Session.objects.update(early_price=50, early_places=10)
    for status in OrderStatus:
        order = order_for((session, 2), email=f"{status}@example.org")
        order.lines.filter(position=2).update(cancelled_at=timezone.now())
        Order.objects.filter(pk=order.pk).update(status=status)
    sold = OrderLine.objects.places().filter(session=session).count()
    assert sold == 2  # one place of the order that waits, and one of the paid

    assert Session.objects.with_places_sold().get(pk=session.pk).places_sold == sold
    line = CartLine.objects.with_places_sold().filter(session=session).first()
    assert line.places_sold == sold

    Session.objects.update(early_places=None, early_until_at=timezone.now())
    assert Session.objects.with_places_sold().get(pk=session.pk).places_sold is None
