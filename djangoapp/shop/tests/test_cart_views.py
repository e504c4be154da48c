"""The cart's pages: with and without htmx, for its owner only, whatever is typed."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from shop.models import Cart, Session
from shop.services import cart as carts
from shop.tests.factories import (
    SessionFactory,
    TaxRuleFactory,
    UserFactory,
    cart_with,
    member,
)
from shop.tests.test_cart import taken
from shop.tests.test_places import lapse
from shop.tests.visiting import HTMX, add, change, holding, quantities, words_of

pytestmark = pytest.mark.django_db

CART = "/cart/"


@pytest.fixture
def session() -> Session:
    return SessionFactory(project__title="Grafting apple trees")


def page_of(client: Client) -> str:
    return client.get(CART).content.decode()


# Looking


def test_an_empty_cart_says_what_to_do_and_leaves_no_trace(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(CART)

    assert b"Your cart is empty" in response.content
    assert reverse("shop:session_list").encode() in response.content
    assert not response.cookies
    assert not Cart.objects.exists()


def test_each_line_shows_start_end_zone_place_and_price(client):
    session = SessionFactory(
        starts_at=datetime.fromisoformat("2027-02-03T23:30:00+00:00"),
        ends_at=datetime.fromisoformat("2027-02-04T02:00:00+00:00"),
        time_zone="America/New_York",
        place_name="The barn",
        place_address="1 Main Street, Ithaca",
    )
    holding(client, (session, 2))

    page = page_of(client)

    assert "Wednesday 3 February 2027, 18:30 – 21:00" in page
    assert "(New York time)" in page
    assert "The barn, 1 Main Street, Ithaca" in page
    assert "CHF\N{NO-BREAK SPACE}170" in page


def test_taxes_are_shown_by_rate_before_the_last_step(client):
    reduced = TaxRuleFactory(name="Reduced VAT", rate=Decimal("2.6"))
    holding(
        client,
        (SessionFactory(base_price=Decimal("108.10")), 1),
        (SessionFactory(project__tax_rule=reduced, base_price=Decimal("10.26")), 1),
    )

    page = page_of(client)

    assert "8.1\N{NO-BREAK SPACE}% VAT" in page
    assert "CHF\N{NO-BREAK SPACE}8.10" in page
    assert "2.6\N{NO-BREAK SPACE}% Reduced VAT" in page
    assert "CHF\N{NO-BREAK SPACE}0.26" in page
    assert "CHF\N{NO-BREAK SPACE}118.36" in page


def test_a_member_sees_the_price_of_members(client, session):
    Session.objects.update(member_price=Decimal(70))
    user = member()
    client.force_login(user)
    cart_with((session, 1), user=user)

    page = page_of(client)

    assert "Member price" in page
    assert "CHF\N{NO-BREAK SPACE}70" in page


def test_the_header_counts_places_and_time(client, session):
    cart = holding(client, (session, 2))

    summary = client.get(CART).context["cart_summary"]

    assert (summary.places, summary.held_until) == (2, cart.held_until)


@pytest.mark.parametrize("lines", [1, 5])
def test_the_page_costs_the_same_however_long_the_cart_is(client, lines, django_assert_num_queries):
    holding(client, *((SessionFactory(), 1) for _line in range(lines)))

    with django_assert_num_queries(2):
        client.get(CART)


def test_no_more_places_are_offered_than_there_are(client):
    session = SessionFactory(capacity=4)
    cart_with((session, 1))
    holding(client, (session, 2))

    page = page_of(client)

    assert '<option value="3"' in page  # the two that are held, and the one that is free
    assert '<option value="4"' not in page


def test_places_whose_hold_has_run_out_are_offered_again(client):
    session = SessionFactory(capacity=2)
    lapse(holding(client, (session, 1)))

    page = page_of(client)

    assert '<option value="2"' in page
    assert '<option value="3"' not in page


def test_signing_in_takes_the_cart_along(client, session):
    cart = holding(client, (session, 1))

    client.force_login(UserFactory())

    assert client.get(CART).context["cart"] == cart


# Adding


def test_adding_holds_places_and_leads_to_the_cart(client, session):
    response = add(client, session, 2)

    assert response.status_code == 302
    assert response.url == CART
    page = client.get(CART)
    assert "2 places in “Grafting apple trees” are in your cart." in words_of(page)
    assert taken(session) == 2
    cookie = response.cookies["cart"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_a_second_session_goes_into_the_same_cart(client, session):
    add(client, session, 1)
    add(client, SessionFactory(), 2)

    assert Cart.objects.get().lines.count() == 2


def test_htmx_is_led_to_the_cart_as_well(client, session):
    response = add(client, session, headers=HTMX)

    assert response.headers["HX-Redirect"] == CART


def test_fewer_places_than_wanted_are_taken_and_told(client):
    session = SessionFactory(capacity=1)

    add(client, session, 2)

    assert "Only 1 place was left. Somebody was quicker; we put that one into your cart." in words_of(
        client.get(CART)
    )


def test_whoever_has_the_last_places_keeps_them(client):
    session = SessionFactory(capacity=2, project__title="Bread")
    add(client, session, 2)

    add(client, session, 1)

    assert "“Bread” has no other places left. You keep the 2 in your cart." in words_of(client.get(CART))
    assert taken(session) == 2


def test_a_full_session_leads_back_to_its_page_and_makes_no_cart(client):
    session = SessionFactory(capacity=1)
    cart_with((session, 1))
    Cart.objects.update(token="somebody-else")

    response = add(client, session)

    assert response.url == session.get_absolute_url()
    assert any("Somebody was quicker" in words for words in words_of(client.get(response.url)))
    assert Cart.objects.count() == 1
    assert "cart" not in response.cookies


@pytest.mark.parametrize(
    "quantity", ["-1", "0", "4", "999999999", "9" * 5000, "abc", "", "1.5", "2\x00", "None"]
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_silly_numbers_of_places_are_refused(client, session, quantity, headers):
    response = add(client, session, quantity, headers=headers)

    assert response.status_code in {200, 302}
    assert response.headers.get("HX-Redirect", getattr(response, "url", "")) == session.get_absolute_url()
    assert not Cart.objects.exists()


@pytest.mark.parametrize(
    "slug", ["no-such-session", "", "\x00", "../../etc/passwd", "a" * 500, "' OR 1=1 --"]
)
@pytest.mark.parametrize("address", ["/cart/add/", "/cart/set/"])
def test_unknown_sessions_are_not_found(client, session, slug, address):
    holding(client, (session, 1))

    response = client.post(address, {"session": slug, "quantity": "1"})

    assert response.status_code == 404


def test_a_session_that_is_not_published_is_not_found(client):
    assert add(client, SessionFactory(is_published=False)).status_code == 404
    assert add(client, SessionFactory(project__is_published=False)).status_code == 404


# Changing


def test_the_number_of_places_changes(client, session):
    cart = holding(client, (session, 1))

    response = change(client, session, 3)

    assert response.url == CART
    assert (quantities(cart), taken(session)) == ([3], 3)
    assert "“Grafting apple trees”: 3 places." in words_of(client.get(CART))


def test_none_removes_the_session(client, session):
    cart = holding(client, (session, 2))

    change(client, session, 0)

    assert (quantities(cart), taken(session)) == ([], 0)
    assert "Your cart is empty" in page_of(client)


def test_htmx_gets_cart_header_and_news_in_place(client, session):
    holding(client, (session, 1))

    response = change(client, session, 3, headers=HTMX)

    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert 'id="cart-link"' in page
    assert page.count('hx-swap-oob="') == 3
    assert "“Grafting apple trees”: 3 places." in page.split('id="cart-news"')[1]
    assert response.context["cart_summary"].places == 3
    assert "autofocus" not in page  # the field that was changed keeps the focus


def test_what_was_removed_hands_the_focus_on(client, session):
    holding(client, (session, 1), (SessionFactory(), 1))

    response = change(client, session, 0, headers=HTMX)

    assert '<h1 tabindex="-1" autofocus>Your cart</h1>' in response.content.decode()


def test_htmx_hears_of_fewer_places_and_sees_which_line_it_was(client):
    session = SessionFactory(capacity=2)
    holding(client, (session, 1))

    page = change(client, session, 3, headers=HTMX).content.decode()

    assert "Only 1 place was left." in page
    assert 'class="cart-line is-changed"' in page


@pytest.mark.parametrize("quantity", ["-1", "4", "999999999", "abc", "", "\x00"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_silly_changes_change_nothing(client, session, quantity, headers):
    cart = holding(client, (session, 2))

    change(client, session, quantity, headers=headers)

    assert (quantities(cart), taken(session)) == ([2], 2)


def test_changing_without_a_cart_makes_none(client, session):
    response = change(client, session, 2)

    assert response.url == CART
    assert not Cart.objects.exists()


def test_what_can_no_longer_be_booked_is_told_and_can_be_removed(client, session):
    cart = holding(client, (session, 1))
    Session.objects.update(is_published=False)

    page = page_of(client)
    assert "This session is not on sale." in page
    assert "To the checkout" not in page

    change(client, session, 0)
    assert quantities(cart) == []


def test_a_cart_that_is_ordered_this_very_moment_is_told(client, session, monkeypatch):
    cart = holding(client, (session, 1))
    found = carts.find_cart(cart.token, AnonymousUser())
    Cart.objects.update(status="ordered")
    with monkeypatch.context() as patch:
        patch.setattr("shop.views.visitor.find_cart", lambda token, user: found)
        change(client, session, 2)

    assert "This cart has already been ordered." in words_of(client.get(CART))
    assert taken(session) == 1


# Holding


def test_the_hold_is_extended_up_to_its_ceiling(client, session, settings):
    settings.SHOP_HOLD_CEILING_MINUTES = 20
    with time_machine.travel(timezone.now(), tick=False) as clock:
        cart = holding(client, (session, 1))
        began = cart.held_until
        assert "Keep them longer" in page_of(client)

        clock.shift(timedelta(minutes=10))
        page = client.post("/cart/extend/", follow=True)
        cart.refresh_from_db()
        assert cart.held_until == began + timedelta(minutes=5)
        assert any(words.startswith("Your places are held until") for words in words_of(page))
        assert "They cannot be kept longer than that" in page.content.decode()

        page = client.post("/cart/extend/", follow=True)
        assert "Your places cannot be kept any longer." in words_of(page)[0]


def test_htmx_extends_in_place(client, session):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        cart = holding(client, (session, 1))
        clock.shift(timedelta(minutes=10))

        response = client.post("/cart/extend/", headers=HTMX)

        cart.refresh_from_db()
        assert response.context["cart_summary"].held_until == cart.held_until
        assert "Your places are held until" in response.content.decode().split('id="cart-news"')[1]


def test_a_lapsed_hold_keeps_the_choice_and_can_be_had_again(client, session):
    cart = holding(client, (session, 2))
    lapse(cart)

    page = page_of(client)
    assert "Your hold has run out." in page
    assert "No longer held" in page
    assert client.get(CART).context["cart_summary"].held_until is None

    client.post("/cart/extend/")
    assert taken(session) == 2
    assert "No longer held" not in page_of(client)


def test_what_others_took_meanwhile_is_told_and_stays_in_the_cart(client):
    free, scarce = SessionFactory(), SessionFactory(capacity=2, project__title="Bread")
    cart = holding(client, (free, 1), (scarce, 2))
    lapse(cart)
    cart_with((scarce, 1))

    page = client.post("/cart/extend/", follow=True)

    assert "“Bread” does not have that many places left." in words_of(page)[0]
    assert sorted(quantities(cart)) == [1, 2]
    change(client, scarce, 1)
    assert "No longer held" not in page_of(client)


def test_extending_without_a_cart_makes_none(client):
    assert client.post("/cart/extend/").url == CART
    assert not Cart.objects.exists()
