"""Tokens for the API: made and revoked in the account, shown once, kept as hashes."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts import personal_data
from accounts.exceptions import TooManyTokens
from accounts.models import ApiToken, TokenScope
from accounts.personal_data import Person
from accounts.tests.people import PASSWORD, make_user, sign_in
from accounts.tokens import MOST_TOKENS, digest_of, make_token, revoke, token_of

pytestmark = pytest.mark.django_db
NEW = "/account/tokens/new/"


@pytest.fixture
def ana():
    return make_user("ana@example.org")


@pytest.fixture
def browser(ana) -> Client:
    """Ana's, who signed in and gave her password once more."""
    browser = Client()
    sign_in(browser, ana.email)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": NEW})
    return browser


def secret_in(page: str) -> str:
    return page.partition('id="secret"')[2].partition(">")[2].partition("<")[0]


def test_a_token_is_shown_once_and_kept_as_a_hash(browser, ana):
    made = browser.post(NEW, {"name": "Calendar", "scope": "read"})

    secret = secret_in(made.text)
    token = ApiToken.objects.get(user=ana)
    assert made.status_code == 200
    assert made["Cache-Control"].find("no-store") >= 0
    assert len(secret) >= 40  # 32 random bytes and the mark
    assert token.digest == digest_of(secret.encode())
    assert not [value for value in ApiToken.objects.values().get().values() if secret in str(value)]
    listed = browser.get(reverse("accounts:token_list")).text
    assert secret not in listed
    assert secret[:8] in listed
    assert token_of(secret.encode()) == token


def test_no_two_secrets_are_alike(ana):
    secrets = {make_token(ana, name="Calendar", scope=TokenScope.READ)[1] for _ in range(5)}

    assert len(secrets) == 5


def test_making_a_token_asks_for_the_password_again(ana):
    browser = Client()
    browser.force_login(ana)

    answer = browser.post(NEW, {"name": "Calendar", "scope": "read"})

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("scope", ["door", "everything", ""])
def test_a_customer_is_not_offered_this_scope(browser, scope):
    answer = browser.post(NEW, {"name": "Calendar", "scope": scope})

    assert "This field is required" in answer.text or "Select a valid choice" in answer.text
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("is_staff", [False, True])
@pytest.mark.parametrize("works_at_door", [False, True])
def test_who_works_at_the_door_may_make_a_token_for_it(browser, ana, is_staff, works_at_door):
    ana.is_staff = is_staff
    ana.save()
    if works_at_door:
        ana.user_permissions.add(Permission.objects.get(codename="work_at_door"))

    browser.post(NEW, {"name": "Tablet", "scope": "door"})

    scopes = list(ApiToken.objects.values_list("scope", flat=True))
    assert scopes == ([TokenScope.DOOR] if is_staff and works_at_door else [])


def test_staff_without_a_second_factor_makes_no_token(browser, ana, settings):
    settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR = True
    ana.is_staff = True
    ana.save()

    answer = browser.post(NEW, {"name": "Tablet", "scope": "door"})

    assert answer["Location"] == reverse("mfa_activate_totp")
    assert not ApiToken.objects.exists()


def test_revoking_asks_once_and_ends_the_token(browser, ana):
    token, secret = make_token(ana, name="Calendar", scope=TokenScope.READ)
    address = reverse("accounts:token_revoke", args=[token.pk])

    asked = browser.get(address)
    assert "Revoke “Calendar”?" in asked.text
    assert token_of(secret.encode()) == token

    browser.post(address)
    assert token_of(secret.encode()) is None
    assert browser.get(address).status_code == 404
    assert token.prefix not in browser.get(reverse("accounts:token_list")).text


def test_nobody_revokes_the_token_of_another(browser):
    token, secret = make_token(make_user("ben@example.org"), name="Ben’s", scope=TokenScope.READ)

    answer = browser.post(reverse("accounts:token_revoke", args=[token.pk]))

    assert answer.status_code == 404
    assert token_of(secret.encode()) == token
    assert "Ben’s" not in browser.get(reverse("accounts:token_list")).text


def test_nobody_has_too_many(ana):
    tokens = [make_token(ana, name=f"No. {number}", scope="read")[0] for number in range(MOST_TOKENS)]

    with pytest.raises(TooManyTokens):
        make_token(ana, name="One more", scope="read")

    revoke(tokens[0])
    make_token(ana, name="In its place", scope="read")


def test_the_page_says_so_when_there_are_too_many(browser, ana):
    for number in range(MOST_TOKENS):
        make_token(ana, name=f"No. {number}", scope="read")

    answer = browser.post(NEW, {"name": "One more", "scope": "read"}, follow=True)

    assert f"You have {MOST_TOKENS} tokens" in answer.text


def test_a_locked_account_has_no_valid_token(ana):
    _token, secret = make_token(ana, name="Calendar", scope="read")
    ana.is_active = False
    ana.save()

    assert token_of(secret.encode()) is None


def test_the_day_of_use_is_noted_once_a_day(ana, django_assert_num_queries):
    token, secret = make_token(ana, name="Calendar", scope="read")

    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        with django_assert_num_queries(2):
            token_of(secret.encode())
        with django_assert_num_queries(1):
            token_of(secret.encode())
    token.refresh_from_db()
    assert str(token.last_used_on) == "2026-11-20"

    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        token_of(secret.encode())
    token.refresh_from_db()
    assert str(token.last_used_on) == "2026-11-21"


def test_tokens_are_told_without_their_hashes_and_go_with_the_account(ana):
    token, _secret = make_token(ana, name="Calendar", scope="read")

    told = "".join(personal_data.as_json(Person(ana.email, ana)))
    assert '"Calendar"' in told
    assert token.digest not in told

    ana.delete()
    assert not ApiToken.objects.exists()


def test_the_password_alone_is_no_token():
    assert token_of(PASSWORD.encode()) is None
    assert token_of(b"") is None
