"""My bookings: an account's own orders, and nobody else's."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from shop.models import Session
from shop.services import payments
from shop.tests.factories import (
    SessionFactory,
    UserFactory,
    order_for,
)

pytestmark = pytest.mark.django_db

BOOKINGS = "/account/bookings/"


@pytest.fixture
def session() -> Session:
    return SessionFactory(project__title="Bread", capacity=4)


def test_bookings_are_for_those_who_are_signed_in(client):
    response = client.get(BOOKINGS)

    assert response.url == f"{reverse('account_login')}?next={BOOKINGS}"


def test_nobody_sees_the_bookings_of_others(client, session):
    user = UserFactory(email="ana@example.org")
    own = order_for((session, 1), user=user)
    others = [order_for((session, 1), user=UserFactory()), order_for((session, 1))]  # a guest's, same address
    client.force_login(user)

    page = client.get(BOOKINGS).content.decode()

    assert own.code in page
    assert all(order.code not in page for order in others)
    assert own.get_absolute_url() in page


def test_what_is_to_come_stands_first_then_the_newest(client):
    user = UserFactory()
    soon, past = SessionFactory(), SessionFactory()
    over = order_for((past, 1), user=user)
    coming = order_for((soon, 1), user=user)
    cancelled = order_for((soon, 1), user=user)
    payments.cancel_unpaid(cancelled)
    newest = order_for((soon, 1), user=user)
    day = timedelta(days=1)
    Session.objects.filter(pk=past.pk).update(
        starts_at=timezone.now() - 2 * day, ends_at=timezone.now() - day
    )
    client.force_login(user)

    context = client.get(BOOKINGS).context

    assert [row.order for row in context["upcoming"]] == [newest, coming]
    assert [row.order for row in context["earlier"]] == [cancelled, over]


def test_no_bookings_yet_says_what_to_do(client):
    client.force_login(UserFactory())

    page = client.get(BOOKINGS).content.decode()

    assert "You have not booked anything yet" in page
    assert reverse("shop:session_list") in page


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_the_same_however_much_was_booked(client, many, settings, django_assert_num_queries):
    settings.SHOP_MAX_PLACES_PER_BUYER = 50
    user = UserFactory()
    for _order in range(many):
        order_for((SessionFactory(), 1), user=user)
    client.force_login(user)

    # Who it is (3, with the picture in the header), their cart, their orders, and the lines of these.
    with django_assert_num_queries(7):
        response = client.get(BOOKINGS)

    assert len(response.context["page"].rows) == min(many, 10)


def test_long_lists_are_leafed_through(client, settings):
    settings.SHOP_MAX_PLACES_PER_BUYER = 50
    user = UserFactory()
    session = SessionFactory(capacity=50)
    placed = [order_for((session, 1), user=user) for _order in range(23)]
    client.force_login(user)

    pages = [client.get(f"{BOOKINGS}?page={number}") for number in (1, 2, 3)]

    shown = [row.order for page in pages for row in page.context["upcoming"]]
    assert shown == placed[::-1]
    assert 'rel="next"' in pages[1].content.decode()
    assert 'rel="prev"' in pages[1].content.decode()
    assert 'rel="next"' not in pages[2].content.decode()
    beyond = client.get(f"{BOOKINGS}?page=9").content.decode()
    assert "There is nothing on this page" in beyond


@pytest.mark.parametrize("number", ["-1", "0", "abc", "9" * 400, "\x00"])
def test_silly_pages_show_the_first(client, session, number):
    user = UserFactory()
    order_for((session, 1), user=user)
    client.force_login(user)

    assert len(client.get(BOOKINGS, {"page": number}).context["page"].rows) == 1
