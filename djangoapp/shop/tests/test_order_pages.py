"""Pages of orders: for whoever has the link, true to how the order stands, and for nobody else."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Mail
from shop.enums import OrderStatus, PaymentStatus
from shop.exceptions import ProviderRefused, ProviderUnavailable
from shop.models import Cart, Order, Payment, Session
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
from shop.tests.test_cart import taken
from shop.tests.visiting import HTMX, words_of

pytestmark = pytest.mark.django_db

BOOKINGS = "/account/bookings/"
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


def link(order: Order, rest: str = "") -> str:
    return f"{order.get_absolute_url()}{rest}"


def headline(client: Client, order: Order, rest: str = "") -> str:
    return client.get(link(order, rest)).context["page"].headline.title


def is_polling(response) -> bool:
    return 'hx-trigger="every 2s"' in response.content.decode()


def be_paid(provider, order: Order) -> None:
    provider.say(order.payments.first(), PaymentStatus.PAID)


def let_time_pass(order: Order) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Order.objects.filter(pk=order.pk).update(expires_at=past)
    Payment.objects.filter(order=order).update(expires_at=past)


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

    with django_assert_num_queries(5):
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


# Coming back from the provider


def test_coming_back_paid_confirms(client, online, provider, session):
    be_paid(provider, online)

    response = client.get(link(online, "return/"))

    assert response.url == link(online)
    assert headline(client, online) == "Your booking is confirmed"
    assert [mail.kind for mail in Mail.objects.all()] == ["order_paid"]
    assert taken(session) == 2


def test_coming_back_after_the_notification_asks_nobody(client, online, provider):
    be_paid(provider, online)
    payments.look_at(online.payments.get().pk)
    provider.calls.clear()

    assert client.get(link(online, "return/")).url == link(online)
    assert provider.calls == []
    assert Mail.objects.count() == 1


def test_coming_back_while_the_provider_is_silent_waits_and_confirms_by_itself(client, online, provider):
    provider.trouble = ProviderUnavailable()

    response = client.get(link(online, "return/"))
    assert response.url == link(online, "?returned=1")
    page = client.get(response.url)
    assert page.context["page"].headline.title == "Your payment is being confirmed"
    assert is_polling(page)
    assert "<noscript>" in page.content.decode()

    status = client.get(link(online, "status/?returned=1"), headers=HTMX)
    assert (status.status_code, status.content) == (204, b"")

    provider.trouble = None
    be_paid(provider, online)
    payments.reconcile_open()  # nothing yet: it was looked at this minute
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        payments.reconcile_open()
        status = client.get(link(online, "status/?returned=1"), headers=HTMX)
    assert status.status_code == 200
    words = status.content.decode()
    assert "<title>Your booking is confirmed" in words
    assert "Your booking is confirmed." in words.split('id="order-news"')[1]
    assert not is_polling(status)


def test_a_transfer_on_its_way_is_being_confirmed(client, online, provider):
    provider.say(online.payments.get(), PaymentStatus.PROCESSING)
    client.get(link(online, "return/"))

    response = client.get(link(online))

    assert response.context["page"].headline.title == "Your payment is being confirmed"
    assert is_polling(response)


def test_coming_back_too_often_asks_the_provider_no_more(client, online, provider):
    provider.calls.clear()
    for _time in range(35):
        assert client.get(link(online, "return/")).status_code == 302

    assert provider.calls == ["lookup"] * 30


def test_looking_whether_it_is_paid_costs_two_queries(client, online, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(link(online, "status/?returned=1"), headers=HTMX)


def test_the_status_is_part_of_a_page_and_no_page(client, online):
    assert client.get(link(online, "status/")).url == link(online)


def test_an_overdue_order_waits_for_the_providers_last_word(client, online):
    let_time_pass(online)

    response = client.get(link(online))

    assert response.context["page"].headline.title == "The time to pay is over"
    assert is_polling(response)
    assert link(online, "pay/") not in response.content.decode()


# Paying


def test_going_on_leads_to_the_page_that_is_open_already(client, online, provider):
    provider.calls.clear()

    response = client.post(link(online, "pay/"), {"provider": "scripted"})

    assert (response.status_code, response.url) == (303, "https://pay.example.org/")
    assert provider.calls == []
    assert online.payments.count() == 1


def test_choosing_another_way_closes_the_first(client, online, provider):
    response = client.post(link(online, "pay/"), {"provider": "desk"})

    assert response.url == link(online)
    assert [payment.status for payment in online.payments.all()] == [
        PaymentStatus.OPEN,
        PaymentStatus.EXPIRED,
    ]
    assert headline(client, online) == "Your places are reserved"


def test_paying_online_after_all_what_was_for_the_desk(client, session, provider):
    order = order_for((session, 1))
    payments.start(order.payments.get())

    response = client.post(link(order, "pay/"), {"provider": "scripted"})

    assert response.url == "https://pay.example.org/"


def test_a_payment_that_failed_can_be_tried_again(client, online, provider):
    provider.say(online.payments.get(), PaymentStatus.FAILED)
    client.get(link(online, "return/"))
    assert headline(client, online) == "The payment did not go through"

    response = client.post(link(online, "pay/"), {"provider": "scripted"})

    assert response.url == "https://pay.example.org/"
    assert online.payments.count() == 2


def test_an_attempt_whose_time_is_over_is_replaced(client, online):
    Payment.objects.update(expires_at=timezone.now())

    client.post(link(online, "pay/"), {"provider": "scripted"})

    assert online.payments.count() == 2


def test_what_was_paid_meanwhile_is_not_paid_twice(client, online, provider):
    be_paid(provider, online)

    response = client.post(link(online, "pay/"), {"provider": "desk"}, follow=True)

    assert response.context["page"].headline.title == "Your booking is confirmed"
    assert words_of(response) == []
    assert online.payments.count() == 1


def test_an_expired_order_cannot_be_paid(client, online):
    Order.objects.update(status=OrderStatus.EXPIRED)
    Payment.objects.update(status=PaymentStatus.EXPIRED)

    response = client.post(link(online, "pay/"), {"provider": "scripted"}, follow=True)

    assert words_of(response) == ["This order can no longer be paid."]


@pytest.mark.parametrize("chosen", ["", "bitcoin", "\x00", "djangoapp.os.system"])
def test_an_unknown_way_to_pay_is_refused(client, online, chosen):
    response = client.post(link(online, "pay/"), {"provider": chosen}, follow=True)

    assert words_of(response) == ["Choose how you want to pay."]


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (ProviderUnavailable(), "The payment service does not answer at the moment."),
        (ProviderRefused("The payment service said no."), "The payment service said no."),
    ],
)
def test_trouble_at_the_provider_is_told_and_can_be_tried_again(client, online, provider, trouble, words):
    Payment.objects.update(status=PaymentStatus.FAILED)
    provider.trouble = trouble

    response = client.post(link(online, "pay/"), {"provider": "scripted"}, follow=True)

    assert words_of(response)[0].startswith(words)
    assert link(online, "pay/") in response.content.decode()


def test_attempts_to_pay_are_limited(client, online):
    statuses = [client.post(link(online, "pay/"), {"provider": "scripted"}).status_code for _time in range(9)]

    assert statuses == [303] * 8 + [429]


# Cancelling


def test_cancelling_is_asked_back_once(client, online, session):
    page = client.get(link(online, "cancel/")).content.decode()
    assert "Yes, cancel it" in page
    assert taken(session) == 2

    response = client.post(link(online, "cancel/"), follow=True)

    assert "The order is cancelled." in words_of(response)
    assert response.context["page"].headline.title == "This order is cancelled"
    assert taken(session) == 0


def test_a_booking_that_is_paid_is_not_cancelled_here(client, session):
    order = paid_order_for((session, 1))

    assert client.get(link(order, "cancel/")).url == link(order)
    response = client.post(link(order, "cancel/"), follow=True)
    assert words_of(response) == ["Your payment has just arrived: the order is confirmed."]
    assert taken(session) == 1


def test_money_that_arrives_while_cancelling_wins(client, online, provider):
    be_paid(provider, online)

    response = client.post(link(online, "cancel/"), follow=True)

    assert words_of(response) == ["Your payment has just arrived: the order is confirmed."]
    assert response.context["page"].headline.title == "Your booking is confirmed"


def test_nothing_is_cancelled_while_the_provider_is_silent(client, online, provider, session):
    provider.trouble = ProviderUnavailable()

    response = client.post(link(online, "cancel/"), follow=True)

    assert words_of(response)[0].startswith("The payment service does not answer")
    assert taken(session) == 2


# Booking again


def test_booking_again_puts_the_places_into_the_cart(client, session):
    order = order_for((session, 2), (SessionFactory(), 1))
    payments.cancel_unpaid(order)

    response = client.post(link(order, "again/"))

    assert response.url == "/cart/"
    assert sorted(Cart.objects.open().get().lines.values_list("quantity", flat=True)) == [1, 2]
    assert client.get("/cart/").context["cart_summary"].places == 3


def test_booking_again_takes_what_there_is_and_says_what_is_not(client, session):
    gone = SessionFactory(project__title="Bowls", capacity=1)
    order = order_for((session, 3), (gone, 1))
    payments.cancel_unpaid(order)
    cart_with((session, 3))
    cart_with((gone, 1))

    response = client.post(link(order, "again/"), follow=True)

    words = " ".join(words_of(response))
    assert "“Bowls” is full." in words
    assert "Only 1 left in “Bread”." in words


def test_booking_again_what_is_gone_makes_no_cart(client):
    session = SessionFactory(capacity=1)
    order = order_for((session, 1))
    payments.cancel_unpaid(order)
    cart_with((session, 1))

    response = client.post(link(order, "again/"))

    assert response.url == link(order)
    assert Cart.objects.open().count() == 1
    assert "cart" not in response.cookies


def test_a_good_order_is_not_booked_again(client, session):
    assert client.post(link(paid_order_for((session, 1)), "again/")).status_code == 404


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


# My bookings


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
    with django_assert_num_queries(6):
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
