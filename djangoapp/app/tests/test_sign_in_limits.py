"""How often one may guess, ask and register: by the client's own address, in a cache that processes share."""

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.tests.people import PASSWORD, give_totp, is_signed_in, make_user, sign_in
from app.settings import base

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "203.0.113.1", "203.0.113.2"


@pytest.fixture(autouse=True)
def limits(settings):
    """The limits of every real installation, behind one proxy."""
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS
    del settings.MFA_RATE_LIMITS
    settings.TRUSTED_PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    cache.clear()
    yield
    cache.clear()


def browser_at(address: str, *, claims: str = "") -> Client:
    """A browser behind our proxy, which writes the address that it saw after whatever the browser claimed."""
    return Client(headers={"x-forwarded-for": f"{claims}, {address}" if claims else address})


def guess(browser: Client, times: int, email: str = "ana@example.org"):
    for number in range(times):
        response = sign_in(browser, email, f"guess {number}")
    return response


def was_told_to_wait(response) -> bool:
    if response.status_code == 429:
        return True
    return "Too many failed login attempts" in response.content.decode()


def test_guessing_a_password_is_stopped_and_nobody_elsewhere_is():
    make_user()
    guesser = browser_at(HERE)
    assert not was_told_to_wait(guess(guesser, 5))

    assert was_told_to_wait(guess(guesser, 1))
    assert was_told_to_wait(sign_in(guesser, "ana@example.org")), "the right password helped"

    ana = browser_at(ELSEWHERE)
    sign_in(ana, "ana@example.org")
    assert is_signed_in(ana)


def test_a_browser_does_not_get_a_new_address_by_claiming_one():
    make_user()
    for number in range(5):
        guess(browser_at(HERE, claims=f"198.51.100.{number}"), 1)

    assert was_told_to_wait(guess(browser_at(HERE, claims="198.51.100.99"), 1))


def test_a_household_has_one_count_for_all_its_addresses():
    make_user()
    for number in range(5):
        guess(browser_at(f"2001:db8:1:1::{number}"), 1)

    assert was_told_to_wait(guess(browser_at("2001:db8:1:1::99"), 1))
    assert not was_told_to_wait(guess(browser_at("2001:db8:1:2::1"), 1))


def test_trying_many_accounts_from_one_address_is_stopped():
    browser = browser_at(HERE)

    answers = [guess(browser, 1, f"person{number}@example.org") for number in range(11)]

    assert [was_told_to_wait(answer) for answer in answers] == [False] * 10 + [True]


def test_guessing_from_very_many_addresses_is_stopped_too(settings):
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS | {"login_failed_anywhere": "6/h/key"}
    make_user()
    for number in range(6):
        guess(browser_at(f"198.51.100.{number}"), 1)

    assert was_told_to_wait(guess(browser_at("198.51.100.200"), 1))
    assert not was_told_to_wait(guess(browser_at("198.51.100.200"), 1, "eva@example.org"))


def test_signing_in_rightly_does_not_use_the_limit_up():
    make_user()

    for _number in range(8):
        browser = browser_at(HERE)
        sign_in(browser, "ana@example.org")
        assert is_signed_in(browser)


def test_the_admin_has_no_door_of_its_own():
    """Its address leads to the shop's sign-in, whatever is sent there, so the limits hold for it."""
    make_user(is_staff=True, is_superuser=True)
    admin_login = f"/{django_settings.ADMIN_URL}login/"
    guesser = browser_at(HERE)

    for number in range(20):
        response = guesser.post(admin_login, {"username": "ana@example.org", "password": f"guess {number}"})
        assert response.url.startswith(reverse("account_login"))
    rightly = guesser.post(admin_login, {"username": "ana@example.org", "password": PASSWORD})

    assert rightly.url.startswith(reverse("account_login"))
    assert not is_signed_in(guesser)
    assert not was_told_to_wait(guess(guesser, 5)), "the admin's address counted guesses it never checked"
    assert was_told_to_wait(guess(guesser, 1))


@pytest.mark.parametrize("name", ["password_change", "password_change_done"])
def test_the_admin_has_no_form_of_its_own_for_the_password(name):
    """There the former password could be guessed at without a limit, and nobody was told of the new one."""
    user = make_user(is_staff=True, is_superuser=True)
    browser = browser_at(HERE)
    browser.force_login(user)

    answer = browser.post(reverse(f"admin:{name}"), {"old_password": PASSWORD})

    assert (answer.status_code, answer.url) == (302, reverse("account_change_password"))


@pytest.mark.parametrize(
    ("url_name", "form", "allowed"),
    [
        ("account_signup", {"email": "new@example.org", "password1": PASSWORD}, 20),
        ("account_reset_password", {"email": "nobody@example.org"}, 5),
    ],
)
def test_asking_for_mails_is_limited(url_name, form, allowed):
    browser, other = browser_at(HERE), browser_at(ELSEWHERE)

    answers = [browser.post(reverse(url_name), form).status_code for _number in range(allowed + 1)]

    assert answers == [302] * allowed + [429]
    assert other.post(reverse(url_name), {"email": "other@example.org"}).status_code != 429


def test_codes_of_the_second_factor_cannot_be_guessed_for_long():
    give_totp(make_user())
    browser = browser_at(HERE)
    sign_in(browser, "ana@example.org")

    answers = [browser.post(reverse("mfa_authenticate"), {"code": f"{n:06}"}) for n in range(6)]

    assert [was_told_to_wait(answer) for answer in answers] == [False] * 5 + [True]


@pytest.mark.parametrize("header", ["", "not an address", ",", "203.0.113.1:4711", "unknown"])
def test_a_proxy_that_writes_nonsense_breaks_nothing(header):
    make_user()
    browser = Client(headers={"x-forwarded-for": header})

    sign_in(browser, "ana@example.org")

    assert is_signed_in(browser)


def test_production_counts_where_all_processes_see_it():
    assert "locmem" not in base.CACHES["default"]["BACKEND"].lower()
