"""The pages of the waiting list, as guests, members and programs that open links of mails see them."""

import re

import pytest
import time_machine
from django.test import Client

from core.mail import send_due_mails
from shop.enums import WaitingStatus
from shop.models import Cart, Order, Session, WaitingEntry
from shop.tests.factories import SessionFactory, UserFactory, cart_with
from shop.tests.queues import full_session, give_back, wait_for
from shop.tests.visiting import errors_of, filled_in, words_of

pytestmark = pytest.mark.django_db


def wish(**changes) -> dict:
    told = {"email": "wanda@example.org", "first_name": "Wanda", "last_name": "Frei", "quantity": "2"}
    return told | changes


def join(client: Client, session: Session, **changes):
    return client.post(f"{session.get_absolute_url()}waiting/", wish(**changes))


def test_the_page_of_a_full_session_leads_to_the_list(client):
    session = full_session()

    page = client.get(session.get_absolute_url()).content.decode()

    assert "Join the waiting list" in page
    assert f"{session.get_absolute_url()}waiting/" in page
    assert not client.cookies


def test_a_session_with_places_has_no_list_to_join(client):
    session = SessionFactory()

    assert "waiting/" not in client.get(session.get_absolute_url()).content.decode()
    assert client.get(f"{session.get_absolute_url()}waiting/").url == session.get_absolute_url()


def test_whoever_wants_more_than_are_left_may_wait(client):
    session = SessionFactory(capacity=2)

    assert "Need more places?" in client.get(session.get_absolute_url()).content.decode()
    assert client.get(f"{session.get_absolute_url()}waiting/").status_code == 200


def test_a_guest_joins_and_sees_where_they_stand(client):
    session = full_session()
    wait_for(session)

    response = join(client, session, takes_fewer="on")

    entry = WaitingEntry.objects.get(email="wanda@example.org")
    assert response.url == entry.get_absolute_url()
    assert (entry.quantity, entry.takes_fewer, entry.user) == (2, True, None)
    assert "You are number 2 on the list" in client.get(response.url).content.decode()


def test_a_member_need_not_type_an_address(client):
    user = UserFactory(first_name="Yuki")
    client.force_login(user)
    session = full_session()
    form = client.get(f"{session.get_absolute_url()}waiting/").context["form"]
    assert "email" not in form.fields
    assert form["first_name"].value() == "Yuki"

    join(client, session, email="somebody.else@example.org")

    entry = WaitingEntry.objects.get()
    assert (entry.user, entry.email) == (user, user.email)
    assert "See where I stand" in client.get(session.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": f"ana@{'garden.' * 40}org"}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "99"}, "quantity"),
        ({"quantity": "many"}, "quantity"),
    ],
)
def test_what_cannot_be_read_is_asked_again(client, change, field):
    response = join(client, full_session(), **change)

    assert field in errors_of(response)
    assert not WaitingEntry.objects.exists()


def test_joining_twice_is_refused_with_a_word(client):
    session = full_session()
    join(client, session)

    assert "on the list already" in errors_of(join(client, session))["__all__"][0]


def test_who_comes_when_places_are_free_again_is_sent_to_book(client):
    session = full_session()
    give_back(session)

    response = join(client, session)

    assert response.url == session.get_absolute_url()
    assert not WaitingEntry.objects.exists()


@pytest.mark.usefixtures("standing_clock")
def test_nobody_is_flooded_with_mails(client):
    session = full_session()
    for _time in range(5):
        join(client, session)

    assert join(client, session).status_code == 429


@pytest.mark.usefixtures("standing_clock")
def test_one_network_joins_only_so_often(client):
    session = full_session()
    answers = [join(client, session, email=f"w{number}@example.org").status_code for number in range(11)]

    assert answers == [302] * 10 + [429]


def test_leaving_by_link(client):
    session = full_session()
    entry = wait_for(session)

    page = client.get(entry.get_absolute_url()).content.decode()
    response = client.post(f"{entry.get_absolute_url()}leave/")

    assert "Leave the list" in page
    entry.refresh_from_db()
    assert entry.status == WaitingStatus.LEFT
    assert "You are not on the list" in client.get(response.url).content.decode()


def test_the_offer_leads_to_the_checkout_with_the_places(client):
    session = full_session(2)
    entry = wait_for(session, 2, first_name="Wanda")
    give_back(session)

    response = client.get(entry.get_offer_url())
    assert response.url == "/checkout/"
    checkout = client.get(response.url)

    assert [(row.session, row.line.quantity) for row in checkout.context["rows"]] == [(session, 2)]
    assert checkout.context["form"]["email"].value() == entry.email
    assert checkout.context["held_until"] is None  # no countdown of a quarter of an hour
    order = client.post("/checkout/", filled_in(client, email=entry.email))
    assert order.status_code == 303
    entry.refresh_from_db()
    assert (entry.status, Order.objects.get(email=entry.email).lines.count()) == (WaitingStatus.TAKEN, 2)
    assert "You have booked" in client.get(entry.get_absolute_url()).content.decode()


def test_the_link_of_the_mail_is_the_offers(client, mailoutbox):
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)
    send_due_mails()

    letter = next(mail for mail in mailoutbox if "A place for you" in mail.subject)
    [link] = set(re.findall(r"https?://[^/]+(/waiting/\S+take/)", letter.body))

    assert link == entry.get_offer_url()
    assert client.get(link).url == "/checkout/"


def test_the_cart_says_until_when_the_offer_is_kept(client):
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)
    client.get(entry.get_offer_url())

    page = client.get("/cart/")

    assert "Kept for you" in page.content.decode()
    assert page.context["lapsed_places"] == 0
    assert page.context["held_until"] is None


def test_programs_that_open_links_of_mails_do_no_harm(client):
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)

    Client().head(entry.get_offer_url())
    carts_after_head = Cart.objects.filter(status="open").count()
    for _time in range(3):
        Client().get(entry.get_offer_url())

    assert (carts_after_head, Cart.objects.filter(status="open").count()) == (0, 1)
    assert client.get(entry.get_offer_url()).url == "/checkout/"


def test_an_offer_that_is_over_says_so(client):
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)
    entry.refresh_from_db()

    with time_machine.travel(entry.offer_until):
        response = client.get(entry.get_offer_url())
        page = client.get(response.url)

    assert response.url == entry.get_absolute_url()
    assert "gone on to whoever is next" in words_of(page)[0]
    assert "Your offer is over" in page.content.decode()
    assert "Look at the session again" in page.content.decode()


def test_a_full_cart_is_told_and_loses_nothing(client, settings):
    settings.SHOP_MAX_PLACES_PER_CART = 3
    session = full_session(2)
    entry = wait_for(session, 2)
    give_back(session)
    cart = cart_with((SessionFactory(), 2))
    from django.core.signing import get_cookie_signer

    client.cookies["cart"] = get_cookie_signer(salt="cartshop.cart").sign(cart.token)
    response = client.get(entry.get_offer_url())

    assert "At most 3 places fit into one order" in words_of(client.get(response.url))[0]
    entry.refresh_from_db()
    assert entry.is_running()


def test_a_member_with_an_offer_finds_it_on_the_sessions_page(client):
    user = UserFactory()
    client.force_login(user)
    session = full_session(1)
    wait_for(session, email=user.email, user=user)
    give_back(session)

    assert "See the offer" in client.get(session.get_absolute_url()).content.decode()


@pytest.mark.parametrize("rest", ["", "take/", "leave/"])
def test_a_wrong_secret_opens_nothing(client, rest):
    entry = wait_for(full_session())
    other = wait_for(entry.session)
    for pk, token in ((entry.pk, other.token), (entry.pk, "x" * 27), (10**30, entry.token)):
        path = f"/waiting/{pk}/{token}/{rest}"
        assert (client.post if rest == "leave/" else client.get)(path).status_code == 404


def test_a_full_session_costs_a_guest_no_query_more(client, django_assert_max_num_queries):
    session = full_session()

    with django_assert_max_num_queries(2):
        client.get(session.get_absolute_url())


def test_an_account_sees_what_it_waits_for_among_its_bookings(client, django_assert_num_queries):
    user = UserFactory()
    client.force_login(user)
    full = full_session(1)
    wait_for(full, email=user.email, user=user)
    wait_for(full_session(2), 2, email=user.email)  # joined as a guest, with the same address
    wait_for(full_session(1))
    give_back(full)

    with django_assert_num_queries(5):
        page = client.get("/account/bookings/").content.decode()

    assert "A place is kept for you" in page
    assert "You wait for 2 places" in page
    assert page.count("about-session") == 2
    assert "You have not booked anything yet" not in page
