"""What keeps carts apart and within limits: coupons, cookies, tokens, counts."""

from decimal import Decimal

import pytest
from django.test import Client

from shop.models import Cart, Session
from shop.tests.factories import (
    CouponFactory,
    ProjectFactory,
    SessionFactory,
    UserFactory,
    cart_with,
)
from shop.tests.test_cart import taken
from shop.tests.visiting import HTMX, add, change, holding, quantities

pytestmark = pytest.mark.django_db

CART = "/cart/"


@pytest.fixture
def session() -> Session:
    return SessionFactory(project__title="Grafting apple trees")


def page_of(client: Client) -> str:
    return client.get(CART).content.decode()


# Coupons


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_coupon_is_redeemed_however_it_is_typed(client, session, headers):
    CouponFactory(code="SPRING26")
    holding(client, (session, 1))

    response = client.post("/cart/coupon/", {"code": " spring26 "}, headers=headers)

    assert response.status_code == (200 if headers else 302)
    page = response.content.decode() if headers else page_of(client)
    assert "<b>SPRING26</b> takes off CHF\N{NO-BREAK SPACE}8.50." in page
    assert "CHF\N{NO-BREAK SPACE}76.50" in page


@pytest.mark.parametrize("code", ["NOTHING99", "A" * 33, "SPRING\x0026", "<script>"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_useless_codes_get_one_answer_beside_the_field_and_stay_there(client, session, code, headers):
    holding(client, (session, 1))

    response = client.post("/cart/coupon/", {"code": code}, headers=headers)

    assert response.status_code == 422
    form = response.context["coupon_form"]
    assert form.errors == {"code": ["This code is not valid. Please check how it is written."]}
    assert form["code"].value() == code
    assert 'aria-invalid="true"' in response.content.decode()


def test_no_code_at_all_asks_for_one(client, session):
    holding(client, (session, 1))

    response = client.post("/cart/coupon/", {"code": "  "})

    assert response.context["coupon_form"].errors == {"code": ["Type the code first."]}


def test_a_code_for_other_sessions_says_so(client, session):
    CouponFactory(code="SPRING26", project=ProjectFactory())
    holding(client, (session, 1))

    response = client.post("/cart/coupon/", {"code": "SPRING26"})

    [problem] = response.context["coupon_form"].errors["code"]
    assert problem == "This code is for other sessions than those in your cart."


def test_a_coupon_that_stopped_fitting_says_why_and_lowers_nothing(client, session):
    coupon = CouponFactory(code="SPRING26", min_total=Decimal(100))
    holding(client, (session, 2), coupon=coupon)

    change(client, session, 1)

    page = page_of(client)
    assert "<b>SPRING26</b>: This code is valid from a total of CHF\N{NO-BREAK SPACE}100." in page
    assert client.get(CART).context["quote"].total == 85


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_coupon_is_taken_off(client, session, headers):
    cart = holding(client, (session, 1), coupon=CouponFactory())

    client.post("/cart/coupon/drop/", headers=headers)

    cart.refresh_from_db()
    assert cart.coupon is None


@pytest.mark.parametrize("address", ["/cart/coupon/", "/cart/coupon/drop/"])
def test_coupons_without_a_cart_make_none(client, address):
    assert client.post(address, {"code": "SPRING26"}).url == CART
    assert not Cart.objects.exists()


# Whose cart it is


def test_a_forged_cookie_opens_nothing(client, session):
    cart = cart_with((session, 1))
    client.cookies["cart"] = cart.token

    assert "Your cart is empty" in page_of(client)
    change(client, session, 3)
    assert quantities(cart) == [1]


def test_the_cart_of_an_account_does_not_open_to_others(client, session):
    cart = holding(client, (session, 1), user=UserFactory())

    assert "Your cart is empty" in page_of(client)
    client.force_login(UserFactory())
    assert "Your cart is empty" in page_of(client)
    change(client, session, 3)
    assert quantities(cart) == [1]


@pytest.mark.parametrize(
    "address", ["/cart/add/", "/cart/set/", "/cart/extend/", "/cart/coupon/", "/cart/coupon/drop/"]
)
def test_changes_come_by_post_with_a_token_only(client, session, address):
    cart = holding(client, (session, 1))
    data = {"session": session.slug, "quantity": 2, "code": "SPRING26"}
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    assert client.get(address).status_code == 405
    assert strict.post(address, data).status_code == 403
    assert quantities(cart) == [1]


# Limits


@pytest.mark.usefixtures("standing_clock")
def test_codes_cannot_be_guessed(client, session):
    holding(client, (session, 1))
    answers = [client.post("/cart/coupon/", {"code": f"GUESS{number:03}"}) for number in range(9)]

    assert [answer.status_code for answer in answers] == [422] * 8 + [429]
    assert int(answers[-1].headers["Retry-After"]) <= 600


@pytest.mark.usefixtures("standing_clock")
def test_nor_with_a_new_cart_each_time(client, session):
    statuses = []
    for number in range(16):
        holding(client, (session, 1)) if taken(session) < 12 else holding(client, (SessionFactory(), 1))
        statuses.append(client.post("/cart/coupon/", {"code": f"GUESS{number:03}"}).status_code)

    assert statuses == [422] * 15 + [429]


@pytest.mark.usefixtures("standing_clock")
def test_one_network_cannot_hold_all_places(client, settings):
    session = SessionFactory(capacity=200)
    statuses = []
    for _visit in range(31):
        client.cookies.clear()
        statuses.append(add(client, session, 3).status_code)

    assert statuses == [302] * 30 + [429]
    assert taken(session) == 90
    client.cookies.clear()
    assert add(client, session, 3, REMOTE_ADDR="192.0.2.77").status_code == 302


@pytest.mark.usefixtures("standing_clock")
def test_somebody_who_reached_the_limit_can_still_let_places_go(client, session):
    holding(client, (session, 1))
    for _time in range(40):
        change(client, session, 3)
    assert change(client, session, 3).status_code == 429

    assert change(client, session, 0).status_code == 302
    assert taken(session) == 0
