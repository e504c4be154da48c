"""Pages of orders: for whoever has the link, true to how the order stands, and for nobody else."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from shop.enums import OrderStatus, PaymentStatus
from shop.models import Order, Session
from shop.services import orders, payments, refunds
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    TaxRuleFactory,
    UserFactory,
    cart_with,
    order_for,
    paid_order_for,
    purchase_for,
)
from shop.tests.visiting import headline, is_polling, link

pytestmark = pytest.mark.django_db

WRONG = "A" * 43


@pytest.fixture
def session() -> Session:
    return SessionFactory(project__title="Bread", capacity=4)


@pytest.fixture
def online(provider, session) -> Order:
    """An order whose buyer has been sent to the provider's page."""
    order = order_for((session, 2), provider="scripted")
    payments.start(order.payments.get())
    return order


def be_paid(provider, order: Order) -> None:
    provider.say(order.payments.first(), PaymentStatus.PAID)


# Whose it is


@pytest.mark.parametrize("rest", ["", "return/", "status/", "cancel/", "calendar.ics"])
def test_a_wrong_secret_opens_nothing_to_anybody(client, session, rest):
    user = UserFactory(is_staff=True, is_superuser=True)
    order = paid_order_for((session, 1), user=user)
    other = paid_order_for((session, 1))
    addresses = [
        f"/orders/{order.code}/{WRONG}/{rest}",
        f"/orders/{order.code}/{other.token}/{rest}",
        f"/orders/{order.code}/{order.token[:-1]}/{rest}",
        f"/orders/{order.code}/{order.token.swapcase()}/{rest}",
        f"/orders/AAAA-BBBB-CCCC/{order.token}/{rest}",
        f"/orders/{order.code}/%00/{rest}",
    ]

    assert {client.get(address).status_code for address in addresses} == {404}
    client.force_login(user)
    assert {client.get(address).status_code for address in addresses} == {404}


@pytest.mark.parametrize("rest", ["pay/", "cancel/", "again/"])
def test_a_wrong_secret_changes_nothing(client, session, rest):
    order = order_for((session, 1))

    response = client.post(f"/orders/{order.code}/{WRONG}/{rest}", {"provider": "desk"})

    assert response.status_code == 404
    order.refresh_from_db()
    assert order.is_pending


def test_an_unknown_code_is_refused_with_the_same_effort(client, session, monkeypatch):
    checked = []
    check = Order.is_token
    monkeypatch.setattr(Order, "is_token", lambda order, token: checked.append(1) or check(order, token))

    client.get(f"/orders/AAAA-BBBB-CCCC/{WRONG}/")

    assert checked == [1]


def test_links_that_were_called_back_open_nothing(client, session):
    order = order_for((session, 1))
    address = link(order)
    Order.objects.update(link_version=2)

    assert client.get(address).status_code == 404


def test_the_page_is_kept_out_of_caches_searches_and_referrers(client, session):
    response = client.get(link(order_for((session, 1))))

    assert "no-store" in response.headers["Cache-Control"]
    assert "private" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "same-origin"
    page = response.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert 'rel="canonical"' not in page
    assert 'property="og:' not in page


@pytest.mark.parametrize("rest", ["pay/", "cancel/", "again/"])
def test_changes_come_by_post_with_a_token_only(client, session, rest):
    order = order_for((session, 1))

    assert Client(enforce_csrf_checks=True).post(link(order, rest), {"provider": "desk"}).status_code == 403
    if rest != "cancel/":
        assert client.get(link(order, rest)).status_code == 405
    order.refresh_from_db()
    assert order.is_pending


# What it says


def test_a_confirmed_booking_tells_what_when_where_for_whom_and_what_was_paid(client):
    reduced = TaxRuleFactory(name="Reduced VAT", rate=Decimal("2.6"))
    online = SessionFactory(
        project__tax_rule=reduced,
        place_name="",
        place_address="",
        online_url="https://meet.example.org/buds",
        time_zone="America/New_York",
        starts_at=timezone.now().replace(hour=16, minute=0) + timedelta(days=30),
        base_price=Decimal(25),
    )
    coupon = CouponFactory(code="SPRING26")
    cart = cart_with((SessionFactory(), 2), (online, 1), coupon=coupon)
    order = orders.place_order(cart, purchase_for(cart))
    payments.mark_paid_at_desk(order, actor=None)

    page = client.get(link(order)).content.decode()

    for words in (
        "Your booking is confirmed",
        "Workshop 2, Baumweg 3, Zürich",
        f"{online.local_start:%H:%M} – {online.local_end:%H:%M}",
        "(New York time)",
        'href="https://meet.example.org/buds"',
        "Ana Keller 0",
        "Ana Keller 1",
        "Coupon SPRING26",
        "CHF\N{NO-BREAK SPACE}175.50",
        "8.1\N{NO-BREAK SPACE}% VAT",
        "2.6\N{NO-BREAK SPACE}% Reduced VAT",
        "Paid: Pay at the desk",
        "Baumweg 3<br>8004 Zürich<br>Switzerland",
        "CHF\N{NO-BREAK SPACE}175.50 received: Pay at the desk",
        "Booking confirmed",
        "calendar.ics",
    ):
        assert words in page
    assert "pay/" not in page


def test_the_link_of_an_online_session_is_for_confirmed_bookings_only(client):
    session = SessionFactory(place_name="", place_address="", online_url="https://meet.example.org/buds")

    page = client.get(link(order_for((session, 1)))).content.decode()

    assert "meet.example.org" not in page
    assert "The link comes with the confirmation." in page


@pytest.mark.parametrize(("lines", "sessions"), [(1, 1), (3, 3)])
def test_the_page_costs_the_same_however_much_was_booked(client, lines, sessions, django_assert_num_queries):
    order = paid_order_for(*((SessionFactory(), 1) for _session in range(sessions)))

    with django_assert_num_queries(6):  # one of them asks who is inside
        client.get(link(order))


def test_an_order_for_the_desk_says_until_when(client, session):
    order = order_for((session, 1))
    payments.start(order.payments.get())

    response = client.get(link(order))

    page = response.content.decode()
    assert response.context["page"].headline.title == "Your places are reserved"
    assert "Pay CHF\N{NO-BREAK SPACE}85 at the desk." in page
    until = timezone.localtime(order.payments.get().expires_at)
    assert f"{until:%H:%M} (Zurich time)" in page
    assert not is_polling(response)


def test_an_open_order_can_be_paid_or_cancelled(client, online):
    response = client.get(link(online))

    page = response.content.decode()
    assert response.context["page"].headline.title == "Your order waits for payment"
    assert link(online, "pay/") in page
    assert link(online, "cancel/") in page
    assert not is_polling(response)


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (OrderStatus.EXPIRED, "This order has expired"),
        (OrderStatus.CANCELLED, "This order is cancelled"),
        (OrderStatus.UNFULFILLABLE, "Paid too late: your money goes back"),
        (OrderStatus.REFUNDED, "This order is refunded"),
    ],
)
def test_an_order_that_came_to_nothing_says_so_and_can_be_booked_again(client, session, status, title):
    order = order_for((session, 1))
    Order.objects.update(status=status)

    page = client.get(link(order)).content.decode()

    assert f"<h1>{title}</h1>" in page
    assert link(order, "again/") in page
    assert link(order, "pay/") not in page


def test_money_that_went_back_is_in_the_sums_and_in_the_history(client, online, provider):
    be_paid(provider, online)
    payment = payments.look_at(online.payments.get().pk)
    refunds.push(refunds.request(payment, Decimal(85), reason="One of us is ill").pk)

    page = client.get(link(online)).content.decode()

    assert "−CHF\N{NO-BREAK SPACE}85" in page
    assert "CHF\N{NO-BREAK SPACE}85 refunded" in page
    assert "One of us is ill" not in page  # what staff notes is staff's


def test_money_that_is_not_what_was_asked_is_being_looked_at(client, online, provider):
    provider.say(online.payments.get(), PaymentStatus.PAID, amount=Decimal(1))
    payments.look_at(online.payments.get().pk)

    assert headline(client, online) == "Your payment is being looked at"


# The calendar file


def test_the_calendar_file_is_for_confirmed_bookings(client, session):
    order = order_for((session, 1))
    assert client.get(link(order, "calendar.ics")).status_code == 404
    payments.mark_paid_at_desk(order, actor=None)

    response = client.get(link(order, "calendar.ics"))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{order.code}.ics"'
    assert b"SUMMARY:Bread" in response.content
    assert "no-store" in response.headers["Cache-Control"]
