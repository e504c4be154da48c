"""The checkout: what is asked, what is refused in which words, and that nothing typed is lost."""

from decimal import Decimal
from threading import Thread

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client

from core.models import Mail
from shop.enums import OrderStatus, PaymentStatus
from shop.exceptions import ProviderRefused, ProviderUnavailable
from shop.models import Cart, Order, Session
from shop.services.payments import mark_paid_at_desk
from shop.tests.factories import (
    PASSWORD,
    CouponFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    member,
    order_for,
)
from shop.tests.test_cart import taken
from shop.tests.visiting import errors_of, filled_in, holding, submit, words_of

pytestmark = pytest.mark.django_db

CHECKOUT = "/checkout/"


@pytest.fixture
def session() -> Session:
    return SessionFactory(project__title="Bread", capacity=6)


# Looking


def test_without_anything_in_the_cart_there_is_nothing_to_check_out(client):
    response = client.get(CHECKOUT)

    assert (response.status_code, response.url) == (302, "/cart/")
    assert not response.cookies
    assert client.post(CHECKOUT, {}).url == "/cart/"
    assert not Cart.objects.exists()


def test_a_guest_is_asked_for_everything_and_may_sign_in(client, session):
    holding(client, (session, 2))

    response = client.get(CHECKOUT)

    page = response.content.decode()
    assert "/account/login/?next=/checkout/" in page
    assert 'name="email"' in page
    assert "CHF\N{NO-BREAK SPACE}170" in page
    assert "8.1\N{NO-BREAK SPACE}% VAT" in page
    assert 'href="/terms/"' in page
    assert "no-cache" in response.headers["Cache-Control"]


def test_whoever_is_signed_in_finds_name_and_last_address_filled_in(client, session):
    user = UserFactory(first_name="Mira", last_name="Aebi")
    order_for((SessionFactory(), 1), user=user)
    client.force_login(user)
    cart_with((session, 1), user=user)

    form = client.get(CHECKOUT).context["form"]

    assert {name: form[name].value() for name in ("email", "first_name", "last_name", "street", "city")} == {
        "email": user.email,
        "first_name": "Mira",
        "last_name": "Aebi",
        "street": "Baumweg 3",
        "city": "Zürich",
    }


def test_signing_in_on_the_way_comes_back_with_the_cart(client, session):
    cart = holding(client, (session, 2))
    user = UserFactory(email="mira@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    response = client.post(
        f"/account/login/?next={CHECKOUT}", {"login": user.email, "password": PASSWORD}, follow=True
    )

    assert response.redirect_chain[-1][0] == CHECKOUT
    assert response.context["cart"] == cart
    assert response.context["form"]["email"].value() == user.email


@pytest.mark.parametrize("lines", [1, 5])
def test_the_page_costs_the_same_however_much_is_ordered(client, lines, django_assert_num_queries):
    holding(client, *((SessionFactory(), 2) for _line in range(lines)))

    with django_assert_num_queries(2):
        client.get(CHECKOUT)


# Ordering


def test_a_guest_orders_and_pays_at_the_desk(client, session):
    holding(client, (session, 2), coupon=CouponFactory(code="SPRING26"))

    response = submit(client, company="Bread & Co", email=" ana@example.org ")

    order = Order.objects.get()
    assert (response.status_code, response.url) == (303, order.get_absolute_url())
    assert (order.status, order.customer, order.email) == (OrderStatus.PENDING, None, "ana@example.org")
    assert (order.total, order.coupon_code) == (Decimal("153.00"), "SPRING26")
    assert order.billing_name == "Ana Keller"
    assert order.billing_company == "Bread & Co"
    assert [line.attendee_name for line in order.lines.all()] == ["Ana Keller", "Jon Bär 2"]
    assert order.payments.get().status == PaymentStatus.OPEN
    assert taken(session) == 2
    assert [mail.kind for mail in Mail.objects.all()] == ["order_reserved"]


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_whoever_comes_back_without_having_paid_finds_the_order_in_the_cart(client, session, is_signed_in):
    user = UserFactory() if is_signed_in else None
    if user:
        client.force_login(user)
    holding(client, (session, 1), user=user)
    response = submit(client)
    order = Order.objects.get()

    assert response.cookies["cart"]["max-age"] == 3600
    assert f'href="{order.get_absolute_url()}"' in client.get("/cart/").content.decode()
    assert Client().get("/cart/").context["waiting_order"] is None

    mark_paid_at_desk(order, actor=UserFactory())
    assert client.get("/cart/").context["waiting_order"] is None


def test_whoever_is_signed_in_owns_the_order_at_their_own_price(client, session):
    Session.objects.update(member_price=Decimal(70))
    user = member()
    client.force_login(user)
    cart_with((session, 1), user=user)

    submit(client)

    order = Order.objects.get()
    assert (order.customer, order.total) == (user, 70)


def test_who_pays_online_is_sent_to_the_provider(client, session, provider):
    holding(client, (session, 1))

    response = submit(client, provider="scripted")

    assert (response.status_code, response.url) == (303, "https://pay.example.org/")
    assert Order.objects.get().payments.get().status == PaymentStatus.OPEN
    assert not Mail.objects.exists()  # the confirmation follows the money


@pytest.mark.django_db(transaction=True)
def test_the_order_is_committed_before_the_provider_is_called(client, session, provider, monkeypatch):
    seen = []
    start = provider.start

    def watched(payment, addresses):
        seen.append((connection.in_atomic_block, Order.objects.filter(pk=payment.order_id).exists()))
        return start(payment, addresses)

    monkeypatch.setattr(provider, "start", watched)
    holding(client, (session, 1))

    submit(client, provider="scripted")

    assert seen == [(False, True)]


def test_what_is_free_is_confirmed_at_once(client, session):
    Session.objects.update(base_price=0)
    holding(client, (session, 1))

    page = client.get(CHECKOUT).content.decode()
    assert "This is free: there is nothing to pay." in page
    assert 'name="provider"' not in page

    response = submit(client, provider=None)
    order = Order.objects.get()
    assert response.url == order.get_absolute_url()
    assert (order.status, order.payments.count()) == (OrderStatus.PAID, 0)
    assert [mail.kind for mail in Mail.objects.all()] == ["order_paid"]


def test_so_is_what_a_coupon_pays_for(client, session):
    holding(client, (session, 1), coupon=CouponFactory(value=100))

    submit(client, provider=None)

    assert Order.objects.get().is_paid


def test_a_single_way_to_pay_is_told_and_not_asked(client, session, settings):
    settings.SHOP_PAYMENT_PROVIDERS = {"desk": "payments.providers.desk.PayAtDesk"}
    holding(client, (session, 1))

    page = client.get(CHECKOUT).content.decode()

    assert "How do you want to pay?" not in page
    assert '<input type="hidden" name="provider" value="desk">' in page


# Names


def test_the_first_place_may_be_the_buyers_own(client, session):
    other = SessionFactory()
    holding(client, (session, 1), (other, 1))

    submit(client)

    assert {line.attendee_name for line in Order.objects.get().lines.all()} == {"Ana Keller"}


def test_a_name_for_each_place_is_asked_in_words(client, session):
    holding(client, (session, 2))
    names = [f"{part}_name_{session.pk}_{number}" for number in (1, 2) for part in ("first", "last")]

    response = submit(client, is_coming=None, **{names[2]: "Jon", names[3]: ""})

    assert errors_of(response) == {
        names[0]: ["Write a first and a last name for place 1 in “Bread”."],
        names[3]: ["Write the last name for place 2 in “Bread”."],
    }
    page = response.content.decode()
    assert f'href="#id_{names[3]}"' in page
    assert f'id="id_{names[3]}_error"' in page
    assert 'value="Jon"' in page
    assert not Order.objects.exists()


def test_half_a_name_is_not_mistaken_for_none(client, session):
    holding(client, (session, 1))

    response = submit(client, **{f"first_name_{session.pk}_1": "Bea"})

    [problem] = errors_of(response)[f"first_name_{session.pk}_1"]
    assert problem.startswith("Somebody else is written here.")


def test_the_buyers_own_name_may_be_written_out(client, session):
    holding(client, (session, 1))

    submit(client, **{f"first_name_{session.pk}_1": " Ana ", f"last_name_{session.pk}_1": "Keller"})

    assert Order.objects.get().lines.get().attendee_name == "Ana Keller"


# Twice


def test_sending_the_form_twice_makes_one_order(client, session, provider):
    holding(client, (session, 1))
    filled = filled_in(client, provider="scripted")

    answers = [client.post(CHECKOUT, filled) for _time in range(3)]

    assert {answer.url for answer in answers} == {"https://pay.example.org/"}
    assert Order.objects.count() == 1
    assert taken(session) == 1


def test_coming_back_to_the_form_after_paying_shows_the_order(client, session, provider):
    holding(client, (session, 1))
    filled = filled_in(client, provider="scripted")
    client.post(CHECKOUT, filled)
    order = Order.objects.get()
    Order.objects.update(status=OrderStatus.PAID)

    assert client.post(CHECKOUT, filled).url == order.get_absolute_url()


@pytest.mark.parametrize("token", ["", "nonsense-nonsense", "\x00", "x" * 500])
def test_an_unknown_form_shows_nobodys_order(client, session, token):
    order_for((session, 1))

    assert client.post(CHECKOUT, {"cart": token}).url == "/cart/"


def test_the_form_of_an_account_shows_nothing_to_others(client, session):
    order = order_for((session, 1), user=UserFactory())

    assert client.post(CHECKOUT, {"cart": order.cart.token}).url == "/cart/"
    client.force_login(UserFactory())
    assert client.post(CHECKOUT, {"cart": order.cart.token}).url == "/cart/"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_order(client, session, settings):
    holding(client, (session, 2))
    filled = filled_in(client)
    answers = []

    def click() -> None:
        browser = Client()
        browser.cookies = client.cookies
        answers.append(browser.post(CHECKOUT, filled).url)
        connection.close()

    clicks = [Thread(target=click) for _number in range(6)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()

    assert answers == [Order.objects.get().get_absolute_url()] * 6
    assert taken(session) == 2
    assert Mail.objects.count() == 1


# Trouble at the provider


@pytest.mark.parametrize(
    ("trouble", "words", "status"),
    [
        (ProviderUnavailable(), "The payment service does not answer at the moment.", PaymentStatus.CREATED),
        (
            ProviderRefused("The payment service said no."),
            "The payment service said no.",
            PaymentStatus.FAILED,
        ),
    ],
)
def test_a_provider_in_trouble_leaves_the_order_and_its_places(
    client, session, provider, trouble, words, status
):
    holding(client, (session, 1))
    filled = filled_in(client, provider="scripted")
    provider.trouble = trouble

    response = client.post(CHECKOUT, filled, follow=True)

    order = Order.objects.get()
    assert response.redirect_chain == [(order.get_absolute_url(), 303)]
    assert any(message.startswith(words) for message in words_of(response))
    assert "Your places are" in response.content.decode()
    assert order.payments.get().status == status
    assert taken(session) == 1

    provider.trouble = None
    again = client.post(f"{order.get_absolute_url()}pay/", {"provider": "scripted"})
    assert again.url == "https://pay.example.org/"
