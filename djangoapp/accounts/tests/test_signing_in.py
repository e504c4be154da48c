"""Registering, signing in and out, and what is told to whom along the way."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import demo
from accounts.forms import SignupForm
from accounts.models import User
from accounts.tests.people import OTHER_PASSWORD, PASSWORD, is_signed_in, link_in, make_user, sign_in
from core.models import Mail, MailStatus

pytestmark = pytest.mark.django_db(transaction=True)


def sign_up(client: Client, email: str = "ana@example.org", **more):
    return client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD, **more})


def test_an_account_opens_once_its_address_is_confirmed(client):
    response = sign_up(client)

    assert response.url == reverse("account_email_verification_sent")
    assert not is_signed_in(client)
    [letter] = mail.outbox
    link = link_in(letter.body)
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified, "looking at the link confirmed the address"

    client.post(link)

    assert EmailAddress.objects.get().verified
    assert is_signed_in(client)
    assert User.objects.get().profile.membership_type == "business"


def test_an_unconfirmed_address_does_not_sign_in(client):
    make_user(is_confirmed=False)

    response = sign_in(client, "ana@example.org")

    assert response.url == reverse("account_email_verification_sent")
    assert not is_signed_in(client)
    assert len(mail.outbox) == 1


def test_confirming_in_another_browser_does_not_sign_in_there(client):
    sign_up(client)
    elsewhere = Client()

    elsewhere.post(link_in(mail.outbox[0].body))

    assert EmailAddress.objects.get().verified
    assert not is_signed_in(elsewhere)


def test_signing_up_twice_is_told_by_mail_only(client):
    make_user()

    known, unknown = sign_up(client), sign_up(Client(), "eva@example.org")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert User.objects.filter(email="ana@example.org").count() == 1
    to_ana, to_eva = mail.outbox
    assert to_ana.to == ["ana@example.org"]
    assert reverse("account_reset_password") in to_ana.body
    assert reverse("account_confirm_email", args=["x"])[:-2] not in to_ana.body
    assert to_eva.to == ["eva@example.org"]


def test_of_two_sign_ups_at_the_same_instant_one_makes_the_account(rf, client, monkeypatch):
    """The second one's form was checked before the first one's account was there."""
    original = SignupForm.try_save

    def try_save_late(form, request):
        make_user("ana@example.org", is_confirmed=False)
        return original(form, request)

    monkeypatch.setattr(SignupForm, "try_save", try_save_late)

    response = sign_up(client)

    assert response.url == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert reverse("account_reset_password") in mail.outbox[-1].body


@pytest.mark.parametrize("password", ["short", "password123", "ana@example.org"])
def test_a_weak_password_is_refused_beside_its_field(client, password):
    response = sign_up(client, password1=password)

    assert response.context["form"].errors.keys() == {"password1"}
    assert not User.objects.exists()


def test_signing_in_and_out(client):
    make_user()

    response = sign_in(client, "Ana@Example.org")

    assert response.url == django_settings.LOGIN_REDIRECT_URL
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


def test_looking_at_the_way_out_does_not_sign_out(client):
    make_user()
    sign_in(client, "ana@example.org")

    client.get(reverse("account_logout"))

    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client):
    make_user()

    wrong = sign_in(client, "ana@example.org", OTHER_PASSWORD)
    unknown = sign_in(client, "nobody@example.org")

    assert wrong.context["form"].errors["__all__"] == unknown.context["form"].errors["__all__"]


@pytest.mark.parametrize(("ticked", "lives_on"), [({"remember": "on"}, True), ({}, False)])
def test_a_session_outlives_the_browser_only_when_asked_to(client, ticked, lives_on):
    make_user()

    sign_in(client, "ana@example.org", **ticked)

    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    assert bool(cookie["max-age"]) is lives_on


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_does_not_lead_to_another_site(client, elsewhere):
    make_user()

    response = client.post(
        reverse("account_login"), {"login": "ana@example.org", "password": PASSWORD, "next": elsewhere}
    )

    assert response.url == django_settings.LOGIN_REDIRECT_URL


def test_next_leads_back_to_where_one_was(client):
    make_user()

    response = client.post(
        f"{reverse('account_login')}?next=/account/delete/",
        {"login": "ana@example.org", "password": PASSWORD, "next": "/account/delete/"},
    )

    assert response.url == "/account/delete/"


def test_account_mails_go_through_the_table_and_leave_no_secret_in_it(client):
    sign_up(client)

    row = Mail.objects.get()
    assert (row.kind, row.to, row.status) == ("account", "ana@example.org", MailStatus.SENT)
    assert row.context == {}
    assert row.subject


def test_a_mail_server_that_is_down_breaks_no_page(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    response = sign_up(client)

    assert response.status_code == 302
    row = Mail.objects.get()
    assert row.status == MailStatus.QUEUED
    assert row.error


def test_links_in_mails_begin_with_the_installations_address(client, settings):
    settings.SITE_URL = "https://shop.example.org"
    settings.ALLOWED_HOSTS = ["*"]

    client.post(
        reverse("account_signup"),
        {"email": "ana@example.org", "password1": PASSWORD},
        headers={"host": "evil.example"},
    )

    [letter] = mail.outbox
    assert "https://shop.example.org/account/confirm-email/" in letter.body
    assert "evil.example" not in letter.body


def test_a_superuser_made_by_command_need_not_confirm_the_address(client):
    User.objects.create_superuser("owner@example.org", PASSWORD)

    sign_in(client, "owner@example.org")

    assert is_signed_in(client)


def test_a_closed_account_does_not_sign_in(client):
    make_user(is_active=False)

    response = sign_in(client, "ana@example.org")

    assert response.url == reverse("account_inactive")
    assert not is_signed_in(client)


@pytest.mark.parametrize("rights", [{}, {"is_staff": True}])
def test_the_demos_people_sign_in_at_once(client, rights):
    demo.make_account("yuki@example.org", first_name="Yuki", last_name="Tanaka", **rights)

    response = sign_in(client, "yuki@example.org", demo.PASSWORD)

    assert response.url == django_settings.LOGIN_REDIRECT_URL
    assert is_signed_in(client)
    assert not mail.outbox
