"""Changing and resetting the password, changing the address."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.tests.people import (
    OTHER_PASSWORD,
    PASSWORD,
    give_totp,
    is_signed_in,
    link_in,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana():
    return make_user()


@pytest.fixture
def signed_in(client, ana):
    sign_in(client, ana.email)
    return client


def ask_for_reset(client: Client, email: str):
    return client.post(reverse("account_reset_password"), {"email": email})


def follow_reset_link(client: Client, password: str = OTHER_PASSWORD):
    form = client.get(link_in(mail.outbox[-1].body), follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def test_changing_the_password_ends_every_other_session(signed_in, ana):
    elsewhere = Client()
    sign_in(elsewhere, ana.email)

    response = signed_in.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    )

    assert response.status_code == 302
    assert is_signed_in(signed_in)
    assert not is_signed_in(elsewhere)
    assert [letter.to for letter in mail.outbox] == [[ana.email]]


def test_changing_the_password_asks_for_the_present_one(signed_in, ana):
    signed_in.post(
        reverse("account_change_password"),
        {"oldpassword": "not this", "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    )

    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_resetting_the_password_by_mail(client, ana):
    elsewhere = Client()
    sign_in(elsewhere, ana.email)

    ask_for_reset(client, "ANA@example.org")
    follow_reset_link(client)

    assert not is_signed_in(client), "a reset link alone does not sign in"
    assert not is_signed_in(elsewhere)
    sign_in(client, ana.email, OTHER_PASSWORD)
    assert is_signed_in(client)


def test_a_reset_link_works_once(client, ana):
    ask_for_reset(client, ana.email)
    link = link_in(mail.outbox[0].body)
    follow_reset_link(client)

    again = client.get(link, follow=True)

    assert again.context["token_fail"]


def test_a_reset_link_dies_with_the_next_sign_in(client, ana):
    ask_for_reset(client, ana.email)
    sign_in(client, ana.email)

    answer = Client().get(link_in(mail.outbox[0].body), follow=True)

    assert answer.context["token_fail"]


def test_nobody_learns_which_addresses_have_accounts(client, ana):
    known = ask_for_reset(client, ana.email)
    unknown = ask_for_reset(Client(), "nobody@example.org")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    to_ana, to_nobody = mail.outbox
    assert to_ana.to == [ana.email]
    assert to_nobody.to == ["nobody@example.org"]
    assert "nobody@example.org" in to_nobody.body
    assert reverse("account_signup") in to_nobody.body


def change_address(client: Client, email: str):
    """Ask for another address, with the password again in between."""
    form = {"email": email, "action_add": ""}
    response = client.post(reverse("account_email"), form)
    assert response.url.startswith(reverse("account_reauthenticate"))
    return client.post(response.url, {"password": PASSWORD, "next": reverse("account_email")})


def test_a_new_address_takes_over_once_it_is_confirmed(signed_in, ana):
    change_address(signed_in, "anna@example.org")

    ana.refresh_from_db()
    assert ana.email == "ana@example.org"
    [letter] = mail.outbox
    assert letter.to == ["anna@example.org"]

    signed_in.post(link_in(letter.body))

    ana.refresh_from_db()
    assert ana.email == "anna@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("anna@example.org", True)]
    assert mail.outbox[-1].to == ["ana@example.org"], "the former address hears of it"


def test_a_change_of_address_can_be_called_off(signed_in, ana):
    change_address(signed_in, "anna@example.org")

    signed_in.post(reverse("account_email"), {"email": "anna@example.org", "action_remove": ""})

    signed_in.post(link_in(mail.outbox[0].body))
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_an_address_that_signs_somebody_else_in_cannot_be_taken(signed_in, ana, is_confirmed):
    make_user("eva@example.org", is_confirmed=is_confirmed)

    change_address(signed_in, "eva@example.org")
    answer = signed_in.post(link_in(mail.outbox[0].body), follow=True)

    assert answer.status_code == 200
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"


def test_with_a_second_factor_the_address_stays_and_the_page_says_why(signed_in, ana):
    """Otherwise somebody could keep the owner of another address from ever getting into an account with it."""
    give_totp(ana)

    answer = signed_in.post(reverse("account_email"), {"email": "victim@example.org", "action_add": ""})

    assertContains(answer, "Switch the second factor off, change the address")
    assert not EmailAddress.objects.filter(email="victim@example.org").exists()
    assert not mail.outbox
