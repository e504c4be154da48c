"""Second factors: for everybody who wants one, and for staff before anything opens."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import second_factor
from accounts.tests.people import PASSWORD, code_of, give_totp, is_signed_in, make_user, sign_in

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)  # for mails and files, which wait for the commit
ADMIN = f"/{django_settings.ADMIN_URL}"


@pytest.fixture
def ana():
    return make_user()


@commits
def test_setting_up_an_app_and_signing_in_with_it(client, ana):
    sign_in(client, ana.email)
    asked = client.get(reverse("mfa_activate_totp"))
    client.post(asked.url, {"password": PASSWORD, "next": reverse("mfa_activate_totp")})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    activated = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret, periods_off=-1)})
    assert activated.url == reverse("mfa_view_recovery_codes")
    assert [letter.to for letter in mail.outbox] == [[ana.email]]

    elsewhere = Client()
    response = sign_in(elsewhere, ana.email)

    assert response.url == reverse("mfa_authenticate")
    assert not is_signed_in(elsewhere)
    elsewhere.post(response.url, {"code": "000000"})
    assert not is_signed_in(elsewhere)
    elsewhere.post(response.url, {"code": code_of(secret)})
    assert is_signed_in(elsewhere)


@pytest.mark.parametrize("seconds_later", [1, 31, 59])
def test_a_code_works_once(ana, time_machine, seconds_later):
    secret = give_totp(ana)
    time_machine.move_to("2026-11-20 10:00:00Z", tick=False)
    code = code_of(secret, periods_off=1)

    for expected in (True, False):
        browser = Client()
        sign_in(browser, ana.email)
        browser.post(reverse("mfa_authenticate"), {"code": f"{code[:3]} {code[3:]}"})
        assert is_signed_in(browser) is expected
        time_machine.shift(seconds_later)


@pytest.mark.parametrize(("periods_off", "fits"), [(-1, True), (0, True), (1, True), (-3, False), (3, False)])
def test_clocks_may_differ_by_half_a_minute(client, ana, periods_off, fits):
    secret = give_totp(ana)
    sign_in(client, ana.email)

    client.post(reverse("mfa_authenticate"), {"code": code_of(secret, periods_off=periods_off)})

    assert is_signed_in(client) is fits


def test_a_recovery_code_opens_once(client, ana):
    give_totp(ana)
    codes = RecoveryCodes.activate(ana).get_unused_codes()

    for expected in (True, False):
        browser = Client()
        sign_in(browser, ana.email)
        browser.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert is_signed_in(browser) is expected


def test_resetting_the_password_does_not_go_around_the_second_factor(client, ana):
    give_totp(ana)

    ana.set_password("another heron")
    ana.save()
    response = sign_in(client, ana.email, "another heron")

    assert response.url == reverse("mfa_authenticate")


def test_secrets_are_unreadable_in_the_database(ana):
    secret = give_totp(ana)

    stored = Authenticator.objects.get().data["secret"]

    assert secret not in stored
    assert second_factor.unseal(stored) == secret


def test_secrets_outlive_a_change_of_the_key(settings, ana):
    sealed = second_factor.seal("JBSWY3DP")
    former = settings.SECRET_KEY

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key" * 5, [former]
    assert second_factor.unseal(sealed) == "JBSWY3DP"


def test_a_lost_key_opens_nothing(settings, client, ana, caplog):
    secret = give_totp(ana)
    settings.SECRET_KEY = "another-key" * 5
    sign_in(client, ana.email)

    for code in (code_of(secret), code_of(""), "000000", ""):
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert not is_signed_in(client)

    assert "neither DJANGOAPP_FERNET_KEY nor a former one" in caplog.text
    assert second_factor.unseal(Fernet(Fernet.generate_key()).encrypt(b"x").decode()) != "x"


@pytest.fixture
def staff(settings):
    settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR = True
    return make_user("staff@example.org", is_staff=True, is_superuser=True)


@pytest.mark.parametrize("path", [ADMIN, f"{ADMIN}accounts/user/", "/studio/", "/door/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_sets_up_a_second_factor_before_its_pages_open(client, staff, path, method):
    client.force_login(staff)

    response = getattr(client, method)(path)

    assert (response.status_code, response.url) == (302, reverse("mfa_activate_totp"))


def test_with_a_second_factor_the_admin_opens(client, staff):
    secret = give_totp(staff)
    sign_in(client, staff.email)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert client.get(ADMIN).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, staff):
    Authenticator.objects.create(user=staff, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    client.force_login(staff)

    assert client.get(ADMIN).url == reverse("mfa_activate_totp")


def test_staff_may_look_at_the_shop_and_its_own_account_meanwhile(client, staff):
    client.force_login(staff)

    assert client.get(reverse("accounts:profile")).status_code == 200
    assert client.get(reverse("mfa_index")).status_code == 200


def test_customers_need_none(client, settings, ana):
    settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR = True
    client.force_login(ana)

    assert client.get(ADMIN).status_code in (302, 403)
    assert client.get(ADMIN).get("Location") != reverse("mfa_activate_totp")


def test_an_installation_may_do_without(client, settings, staff):
    settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR = False
    client.force_login(staff)

    assert client.get(ADMIN).status_code == 200


@commits
def test_an_operator_lets_somebody_in_who_lost_everything(client, staff, capsys):
    secret = give_totp(staff)
    RecoveryCodes.activate(staff)
    sign_in(client, staff.email)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_signed_in(client)

    call_command("remove_second_factor", "Staff@example.org")

    assert "Removed 2" in capsys.readouterr().out
    assert not is_signed_in(client), "whoever found the telephone is still in"
    sign_in(client, staff.email)
    assert client.get(ADMIN).url == reverse("mfa_activate_totp")


def test_nobody_by_that_name_is_said(db):
    with pytest.raises(CommandError, match="Nobody signs in by"):
        call_command("remove_second_factor", "nobody@example.org")
