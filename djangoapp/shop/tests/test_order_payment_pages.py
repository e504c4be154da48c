"""Coming back from the provider, paying, cancelling and booking again, by the link of an order."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.models import Mail
from shop.enums import OrderStatus, PaymentStatus
from shop.exceptions import CartClosed, ProviderRefused, ProviderUnavailable
from shop.models import Cart, Order, Payment, Session
from shop.services import cart as carts
from shop.services import payments, places
from shop.tests.factories import (
    SessionFactory,
    cart_with,
    order_for,
    paid_order_for,
)
from shop.tests.test_cart import taken
from shop.tests.visiting import HTMX, headline, is_polling, link, words_of

pytestmark = pytest.mark.django_db


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


def let_time_pass(order: Order) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Order.objects.filter(pk=order.pk).update(expires_at=past)
    Payment.objects.filter(order=order).update(expires_at=past)


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


@pytest.mark.usefixtures("standing_clock")
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


@pytest.mark.usefixtures("standing_clock")
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


def test_booking_again_locks_all_sessions_at_once(client, session, monkeypatch):
    other = SessionFactory()
    order = order_for((session, 1), (other, 1))
    payments.cancel_unpaid(order)
    lock, locked = places.lock, []

    def lock_noted(session_ids, **more):
        locked.append(set(session_ids))
        return lock(session_ids, **more)

    monkeypatch.setattr(places, "lock", lock_noted)

    client.post(link(order, "again/"))

    assert locked == [{session.pk, other.pk}]


def test_booking_again_while_the_cart_is_ordered_in_another_tab_says_so(client, session, monkeypatch):
    def refuse(*arguments):
        raise CartClosed

    order = order_for((session, 1))
    payments.cancel_unpaid(order)
    monkeypatch.setattr(carts, "set_many", refuse)

    response = client.post(link(order, "again/"), follow=True)

    assert words_of(response) == ["This cart has already been ordered."]


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
