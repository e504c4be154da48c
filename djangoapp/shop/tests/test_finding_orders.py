"""Guests who have lost the page of an order get its link by mail, and nobody learns who has booked."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse_lazy
from django.utils import timezone

from core.mail import MailStatus, NoLongerNeeded, send_due_mails
from core.models import Mail
from shop import mails
from shop.models import Order, Session
from shop.models.orders import new_order_code
from shop.services import changes, payments
from shop.services.links import MOST_LINKS, ONE_LETTER_IN, ask_for_links
from shop.tests.factories import SessionFactory, UserFactory, order_for, paid_order_for
from shop.tests.visiting import errors_of

pytestmark = pytest.mark.django_db

FIND, ASKED = "/orders/find/", "/orders/find/asked/"
EMAIL = "ana@example.org"  # with which the factories book


def ask(client: Client, email: str = EMAIL):
    return client.post(FIND, {"email": email})


def letters() -> list:
    send_due_mails()
    return [letter for letter in mail.outbox if letter.subject == "The links to your orders"]


def end(session: Session) -> None:
    now = timezone.now()
    Session.objects.filter(pk=session.pk).update(
        starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1)
    )


def linked() -> list[Order]:
    """The orders whose links the letter has, in its order."""
    text = mails.order_links(EMAIL).text
    found = [order for order in Order.objects.all() if order.get_absolute_url() in text]
    return sorted(found, key=lambda order: text.index(order.get_absolute_url()))


def copy_of(order: Order) -> Order:
    copy = Order.objects.get(pk=order.pk)
    copy.pk, copy.cart, copy.code, copy._state.adding = None, None, new_order_code(), True
    copy.save()
    return copy


# Asking


def test_a_guest_gets_the_links_to_their_orders(client):
    order = order_for((SessionFactory(project__title="Jam & Jelly"), 1))

    response = ask(client, "Ana@Example.org")

    assert response.url == ASKED
    [letter] = letters()
    assert letter.to == [EMAIL]
    until = timezone.localtime(order.expires_at)
    for version in (letter.body, letter.alternatives[0].content):
        assert f"http://127.0.0.1:8081{order.get_absolute_url()}" in version
        assert (
            f"Waiting for payment until {until:%A} {until.day} {until:%B %Y, %H:%M} (Zurich time)" in version
        )
    assert "Jam & Jelly" in letter.body
    assert "\n\n\n" not in letter.body
    assert "Jam &amp; Jelly" in letter.alternatives[0].content


def test_the_answer_is_the_same_for_who_has_booked_and_who_has_not(client, django_assert_num_queries):
    order_for((SessionFactory(), 1))
    answers = []
    for email in (EMAIL, "nobody@example.org"):
        with django_assert_num_queries(5):  # nor does the work tell
            response = ask(client, email)
        answers.append((response.status_code, response.url, client.get(ASKED).content))

    assert answers[0] == answers[1]


def test_nothing_is_sent_to_an_address_without_orders(client):
    ask(client, "nobody@example.org")

    assert letters() == []
    assert Mail.objects.get().status == MailStatus.DROPPED


@pytest.mark.usefixtures("standing_clock")
def test_asking_again_at_once_writes_no_second_letter(client):
    order_for((SessionFactory(), 1))
    ask(client)
    assert ask(client).url == ASKED

    assert len(letters()) == 1


def test_some_minutes_later_there_is_another_letter():
    assert ask_for_links(EMAIL)

    with time_machine.travel(timezone.now() + ONE_LETTER_IN):
        assert ask_for_links(EMAIL)


@pytest.mark.usefixtures("standing_clock")
def test_one_address_can_be_asked_for_only_so_often(client):
    for _time in range(5):
        ask(client)

    assert ask(client).status_code == 429
    assert ask(client, "other@example.org").status_code == 302


@pytest.mark.usefixtures("standing_clock")
def test_one_network_can_ask_for_only_so_many_addresses(client):
    for number in range(10):
        ask(client, f"person{number}@example.org")

    assert ask(client).status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.9").post(FIND, {"email": EMAIL}).status_code == 302


@pytest.mark.parametrize("email", ["", "nonsense", "a\x00b@example.org", f"a@{'b.' * 150}org"])
def test_what_is_no_address_is_asked_again(client, email):
    assert "email" in errors_of(ask(client, email))
    assert not Mail.objects.exists()


def test_a_form_of_another_site_is_refused():
    assert ask(Client(enforce_csrf_checks=True)).status_code == 403
    assert not Mail.objects.exists()


def test_whoever_is_signed_in_need_not_type_their_address(client):
    user = UserFactory()
    client.force_login(user)

    assert client.get(FIND).context["form"]["email"].value() == user.email


@pytest.mark.parametrize("page", [reverse_lazy("account_login"), "/cart/"])
def test_guests_find_the_way_there(client, page):
    above, _mark, footer = client.get(page).content.decode().partition("<footer")

    assert f'href="{FIND}"' in above
    assert f'href="{FIND}"' in footer


def test_the_bookings_of_an_account_name_the_way_as_well(client):
    client.force_login(UserFactory())

    assert f'href="{FIND}"' in client.get("/account/bookings/").content.decode().partition("<footer")[0]


# What the letter lists


def test_orders_that_are_of_no_more_use_are_left_out():
    pending, paid = order_for((SessionFactory(), 1)), paid_order_for((SessionFactory(), 1))
    payments.cancel_unpaid(order_for((SessionFactory(), 1)))
    given_up = paid_order_for((SessionFactory(), 1))
    changes.cancel_lines(given_up, given_up.lines.all())
    end(paid_order_for((SessionFactory(), 1)).lines.get().session)
    order_for((SessionFactory(), 1), email="jon@example.org")

    assert linked() == [paid, pending]


def test_of_very_many_orders_the_latest_are_listed():
    oldest = order_for((SessionFactory(), 1))
    orders = [oldest, *(copy_of(oldest) for _time in range(MOST_LINKS))]

    assert linked() == orders[:0:-1]


def test_an_order_that_is_over_when_the_letter_goes_out_is_not_told():
    payments.cancel_unpaid(order_for((SessionFactory(), 1)))

    with pytest.raises(NoLongerNeeded):
        mails.order_links(EMAIL)


@pytest.mark.parametrize("many", [1, 3])
def test_the_letter_asks_the_same_few_things_however_many_orders_there_are(many, django_assert_num_queries):
    for _number in range(many):
        order_for((SessionFactory(), 1))

    with django_assert_num_queries(2):
        mails.order_links(EMAIL)
