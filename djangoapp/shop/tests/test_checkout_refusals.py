"""What the checkout refuses, in which words, and that nothing typed is lost."""

from decimal import Decimal

import pytest
from django.core.signing import get_cookie_signer

from shop.models import Coupon, Order, Session
from shop.services import cart as carts
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    cart_with,
    paid_order_for,
)
from shop.tests.test_cart import taken
from shop.tests.test_places import lapse
from shop.tests.visiting import errors_of, filled_in, holding, submit, words_of

pytestmark = pytest.mark.django_db

CHECKOUT = "/checkout/"


@pytest.fixture
def session() -> Session:
    return SessionFactory(project__title="Bread", capacity=6)


def problem_of(response) -> str:
    [problem] = errors_of(response)["__all__"]
    return problem


# Refusals


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "", "Write the e-mail address to which we send the confirmation."),
        ("email", "ana at example", "This address is not complete. It looks like name@example.org."),
        ("email", "ana@example.org\x00", "Null characters are not allowed."),
        (
            "email",
            f"ana@{'garden.' * 40}org",
            "Ensure this value has at most 254 characters (it has 287).",
        ),
        ("first_name", "  ", "Write your first name."),
        ("last_name", "", "Write your last name."),
        ("last_name", "x" * 61, "Ensure this value has at most 60 characters (it has 61)."),
        ("street", "", "Write the street and number for the receipt."),
        ("postcode", "", "Write the postcode."),
        ("postcode", "80 04", "A postcode in Switzerland has 4 digits."),
        ("postcode", "80331", "A postcode in Switzerland has 4 digits."),
        ("city", "", "Write the town."),
        ("country", "XX", "Choose a country from the list."),
        ("provider", "", "Choose how you want to pay."),
        ("provider", "bitcoin", "Choose one of these ways to pay."),
        ("terms", None, "Please agree to the terms; without them we cannot book."),
        ("expected_total", "", "Please look at the total again and confirm it."),
        ("expected_total", "NaN", "Please look at the total again and confirm it."),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_the_field(client, session, field, value, words):
    holding(client, (session, 1))

    response = submit(client, **{field: value})

    assert words in errors_of(response)[field]
    page = response.content.decode()
    assert words in page.replace("&#x27;", "'")
    assert 'value="Baumweg 3"' in page or field == "street"
    assert not Order.objects.exists()


def test_the_price_that_was_shown_is_the_price_that_holds(client, session):
    holding(client, (session, 1))
    filled = filled_in(client)
    Session.objects.update(base_price=Decimal(95))

    response = client.post(CHECKOUT, filled)

    assert problem_of(response) == (
        "The total has changed to CHF\N{NO-BREAK SPACE}95 in the meantime. "
        "Please look at it again and confirm."
    )
    page = response.content.decode()
    assert 'name="expected_total" value="95.00"' in page
    assert 'value="ana@example.org"' in page
    assert not Order.objects.exists()
    assert submit(client).status_code == 303


@pytest.mark.parametrize("tampered", ["0", "1.00", "-85", "1e3"])
def test_nobody_names_their_own_price(client, session, tampered):
    holding(client, (session, 1))

    response = submit(client, expected_total=tampered, price="1", total="1", discount="84")

    assert response.status_code == 422
    assert not Order.objects.exists()


def test_a_coupon_of_which_this_buyer_had_enough_is_taken_off_and_told(client, session):
    coupon = CouponFactory(code="SPRING26", max_uses_per_buyer=1)
    earlier = cart_with((SessionFactory(), 1), coupon=coupon)
    client.cookies["cart"] = get_cookie_signer(salt="cartshop.cart").sign(earlier.token)
    submit(client)
    cart = holding(client, (session, 1), coupon=coupon)

    response = submit(client)

    assert "The code SPRING26 cannot be used any more, or not with this e-mail address." in problem_of(
        response
    )
    assert 'name="expected_total" value="85.00"' in response.content.decode()
    cart.refresh_from_db()
    assert cart.coupon is None
    assert submit(client).status_code == 303
    assert Coupon.objects.get().uses == 1


def test_too_many_places_for_one_person_are_refused(client, session):
    paid_order_for((session, 2))
    holding(client, (session, 2))

    response = submit(client)

    assert problem_of(response) == "At most 3 places per person in “Bread”. You already have 2."


def test_a_session_that_filled_up_leads_back_to_the_cart_and_remembers_what_was_typed(client, session):
    cart = holding(client, (session, 3))
    filled = filled_in(client, street="Somewhere 7", provider="desk", is_coming=None)
    filled[f"first_name_{session.pk}_1"] = "Bea"
    filled[f"last_name_{session.pk}_1"] = "Roth"
    lapse(cart)
    cart_with((session, 3))
    cart_with((session, 2))

    response = client.post(CHECKOUT, filled)

    assert response.url == "/cart/"
    assert "Only 1 place is left in “Bread”." in words_of(client.get("/cart/"))
    client.post("/cart/set/", {"session": session.slug, "quantity": 1})
    form = client.get(CHECKOUT).context["form"]
    assert form["street"].value() == "Somewhere 7"
    assert form[f"first_name_{session.pk}_1"].value() == "Bea"
    assert form["is_coming"].value() is False
    assert form["terms"].value() is None
    filled |= {"expected_total": "85.00"}
    assert client.post(CHECKOUT, filled).status_code == 303
    assert "checkout_typed" not in client.session


def test_a_session_that_is_sold_no_more_leads_back_to_the_cart(client, session):
    holding(client, (session, 1))
    filled = filled_in(client)
    Session.objects.update(is_published=False)

    response = client.post(CHECKOUT, filled)

    assert response.url == "/cart/"
    assert "Bread: This session is not on sale." in words_of(client.get("/cart/"))


def test_places_added_in_another_window_need_names_as_well(client, session):
    cart = holding(client, (session, 1))
    filled = filled_in(client)
    carts.add_places(cart, session, 1)

    response = client.post(CHECKOUT, filled)

    assert f"first_name_{session.pk}_2" in errors_of(response)
    assert 'value="Baumweg 3"' in response.content.decode()


def test_a_hold_that_ran_out_is_no_obstacle_while_there_are_places(client, session):
    cart = holding(client, (session, 2))
    filled = filled_in(client)
    lapse(cart)

    assert client.post(CHECKOUT, filled).status_code == 303
    assert taken(session) == 2


# Limits


@pytest.mark.usefixtures("standing_clock")
def test_orders_for_one_address_are_limited(client, settings):
    session = SessionFactory(capacity=50)
    statuses = []
    for number in range(9):
        holding(client, (session, 1))
        filled = filled_in(client, email="ana@example.org")
        settings.SHOP_MAX_PLACES_PER_BUYER = 50
        statuses.append(client.post(CHECKOUT, filled, REMOTE_ADDR=f"192.0.2.{number}").status_code)

    assert statuses == [303] * 8 + [429]


@pytest.mark.usefixtures("standing_clock")
def test_orders_from_one_network_are_limited(client):
    session = SessionFactory(capacity=50)
    statuses = []
    for number in range(21):
        holding(client, (session, 1))
        statuses.append(submit(client, email=f"person{number}@example.org").status_code)

    assert statuses == [303] * 20 + [429]
    assert Order.objects.count() == 20
