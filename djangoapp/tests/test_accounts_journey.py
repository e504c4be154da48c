"""One's own account in a real browser: from the first visit to a second factor, with mail that really travels."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from playwright.sync_api import Page, expect

from accounts.models import Profile, User
from accounts.tests.people import (
    OTHER_PASSWORD,
    PASSWORD,
    code_of,
    give_totp,
    link_in,
    make_user,
    picture_file,
)
from shop.tests.factories import SessionFactory, paid_order_for
from tests.support.browser import DESKTOP, PHONE, TWO_DEVICES, on_devices
from tests.support.pages import assert_accessible, assert_fits
from tests.support.servers import Mailbox

pytestmark = pytest.mark.browser

PAGES_OF_GUESTS = (
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/1-nonsense/",
    "/account/password/reset/key/done/",
    "/account/confirm-email/",
    "/account/confirm-email/nonsense/",
    "/account/inactive/",
    "/account/google/login/",
    "/account/3rdparty/login/cancelled/",
)
PAGES_OF_ONES_OWN = (
    "/account/",
    "/account/bookings/",
    "/account/email/",
    "/account/password/change/",
    "/account/reauthenticate/",
    "/account/logout/",
    "/account/3rdparty/",
    "/account/2fa/",
    "/account/2fa/webauthn/",
)
# These ask who one is first, once for five minutes.
PAGES_BEHIND_THE_PASSWORD = (
    "/account/delete/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/add/",
)
PAGES_OF_A_SECOND_FACTOR = (
    "/account/2fa/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/reauthenticate/",
)


def assert_fine(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def text_of(mailbox: Mailbox, number: int = -1) -> str:
    return mailbox.messages[number].get_body(("plain",)).get_content()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def prove_who_one_is(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


@on_devices(*TWO_DEVICES)
def test_from_registering_to_signing_out(page: Page, smtp_server, tmp_path: Path):
    portrait = tmp_path / "portrait.png"
    portrait.write_bytes(picture_file((900, 600)).read())

    page.goto("/")
    page.locator("header").get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Email").fill("ana@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("main")).to_contain_text("ana@example.org")
    assert_fine(page)

    assert [message["To"] for message in smtp_server.messages] == ["ana@example.org"]
    page.goto(link_in(text_of(smtp_server)))
    assert_fine(page)
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="My bookings")).to_be_visible()

    sign_out(page)
    sign_in(page, "ana@example.org")
    page.goto("/account/")
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Last name").fill("Keller")
    page.get_by_label("Your time zone").fill("Lisbon, Europe")
    page.get_by_label("Picture", exact=False).first.set_input_files(portrait)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    expect(page.get_by_label("Your time zone")).to_have_value("Lisbon, Europe")
    picture = page.get_by_alt_text("Your present picture")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 320)  # once it has arrived
    expect(picture).to_have_js_property("naturalHeight", 320)
    assert_fine(page)

    page.get_by_label("Member", exact=True).check()
    page.get_by_role("button", name="Change what I book as").click()
    expect(page.locator("#membership")).to_contain_text("until then you pay the usual price")

    page.goto("/account/password/change/")
    page.get_by_label("Current Password").fill(PASSWORD)
    page.get_by_label("New Password", exact=True).fill(OTHER_PASSWORD)
    page.get_by_label("New Password (again)").fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("main")).to_contain_text("Password successfully changed")
    assert smtp_server.messages[-1]["To"] == "ana@example.org"

    sign_out(page)
    sign_in(page, "ana@example.org")
    expect(page.get_by_role("main")).to_contain_text("not correct")
    sign_in(page, "ana@example.org", OTHER_PASSWORD)
    expect(page.get_by_role("heading", name="My bookings")).to_be_visible()
    user = User.objects.get()
    assert (user.get_full_name(), user.profile.time_zone) == ("Ana Keller", "Europe/Lisbon")


def test_a_forgotten_password_is_replaced_by_a_link_in_a_mail(page: Page, smtp_server):
    make_user()
    page.goto("/account/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email").fill("ana@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("main")).to_contain_text("mail")

    [envelope] = smtp_server.envelopes
    assert envelope.rcpt_tos == ["ana@example.org"]
    page.goto(link_in(text_of(smtp_server)))
    page.get_by_label("New Password", exact=True).fill(OTHER_PASSWORD)
    page.get_by_label("New Password (again)").fill(OTHER_PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page).to_have_url(re.compile("/account/password/reset/key/done/"))

    sign_in(page, "ana@example.org", OTHER_PASSWORD)
    expect(page.get_by_role("heading", name="My bookings")).to_be_visible()


@on_devices(PHONE, DESKTOP)
def test_setting_up_a_second_factor_and_signing_in_with_it(page: Page, live_shop):
    make_user()
    sign_in(page, "ana@example.org")
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Set it up").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    secret = page.get_by_label("The secret").input_value()
    expect(page.locator("img.qr")).not_to_have_js_property("naturalWidth", 0)
    page.get_by_label("Authenticator code").fill(code_of(secret, periods_off=-1))
    page.get_by_role("button", name="Switch it on").click()
    codes = page.locator("main code").all_inner_texts()
    assert len(codes) == 10
    assert_fine(page)

    sign_out(page)
    sign_in(page, "ana@example.org")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert_fine(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Incorrect code")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="My bookings")).to_be_visible()

    sign_out(page)
    sign_in(page, "ana@example.org")
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="My bookings")).to_be_visible()


def test_a_passkey_signs_in_without_a_password(page: Page, live_shop):
    """The browser's own pretended key, under the policy that forbids inline scripts."""
    make_user()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, "ana@example.org")
    prove_who_one_is(page, "/account/2fa/webauthn/add/")
    page.get_by_label("Name").fill("My telephone")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add the key").click()
    expect(page.locator("main code").first).to_be_visible()
    page.goto("/account/2fa/webauthn/")
    expect(page.get_by_role("heading", name="My telephone")).to_be_visible()
    assert_fine(page)
    for way in ("Rename", "Remove"):
        page.goto("/account/2fa/webauthn/")
        page.get_by_role("link", name=f"{way} My telephone").click()
        expect(page.get_by_role("main")).to_contain_text(way)
        assert_fine(page)

    sign_out(page)
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="My bookings")).to_be_visible()

    sign_out(page)
    sign_in(page, "ana@example.org")
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_role("heading", name="My bookings")).to_be_visible()


def test_a_key_that_does_not_answer_is_told_in_words(page: Page, live_shop):
    page.goto("/account/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no key')); }")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("The key did not answer")


@pytest.mark.parametrize("device_zone", ["America/New_York", "Asia/Tokyo", "Europe/Zurich"])
def test_bookings_tell_the_time_on_the_clock_of_ones_account(open_page, live_shop, device_zone):
    """Once, wherever the device is, and also without JavaScript."""
    ana = make_user()
    Profile.objects.filter(user=ana).update(time_zone="America/New_York")
    session = SessionFactory()
    paid_order_for((session, 1), user=ana)
    there = session.local_start.astimezone(ZoneInfo("America/New_York"))

    for device in (DESKTOP, DESKTOP.without_javascript()):
        page = open_page(device, user=ana, timezone_id=device_zone)
        page.goto("/account/bookings/")
        told = page.get_by_role("main").locator(".local-time")
        expect(told).to_have_count(1)
        expect(told).to_contain_text(f"{there:%H:%M} –")


def test_leaving_for_good(page: Page, live_shop):
    ana = make_user(first_name="Ana", last_name="Keller")
    order = paid_order_for((SessionFactory(), 1), user=ana)
    sign_in(page, "ana@example.org")
    page.goto("/account/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download my data").click()
    assert order.code in download.value.path().read_text()

    page.get_by_role("link", name="Delete my account").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Yes, delete my account for good.").check()
    page.get_by_role("button", name="Delete my account").click()

    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert not User.objects.filter(pk=ana.pk).exists()
    page.goto(order.get_absolute_url())
    expect(page.get_by_role("main")).to_contain_text(order.code)


@on_devices(PHONE, DESKTOP)
def test_every_page_of_guests_is_accessible(page: Page, live_shop):
    for path in PAGES_OF_GUESTS:
        page.goto(path)
        assert_fine(page)


@on_devices(PHONE, DESKTOP.dark())
def test_every_page_of_ones_own_is_accessible(page: Page, live_shop):
    user = make_user(first_name="Maximiliana-Theodora", last_name="Wolfeschlegelsteinhausenbergerdorff")
    Profile.objects.filter(user=user).update(membership_type="nonprofit", membership_status="declined")
    sign_in(page, user.email)
    expect(page.get_by_role("heading", name="My bookings")).to_be_visible()
    for path in PAGES_OF_ONES_OWN:
        page.goto(path)
        assert_fine(page)
    prove_who_one_is(page, PAGES_BEHIND_THE_PASSWORD[0])
    for path in PAGES_BEHIND_THE_PASSWORD:
        page.goto(path)
        expect(page).to_have_url(re.compile(f"{path}$"))
        assert_fine(page)
    give_totp(user)
    RecoveryCodes.activate(user)
    for path in PAGES_OF_A_SECOND_FACTOR:
        page.goto(path)
        expect(page).to_have_url(re.compile(f"{path}$"))
        assert_fine(page)


@on_devices(PHONE, DESKTOP)
def test_wrong_answers_stand_beside_their_fields(page: Page, live_shop, tmp_path: Path):
    user = make_user()
    renamed = tmp_path / "portrait.jpg"
    renamed.write_bytes(b"MZ" + bytes(500))
    sign_in(page, user.email)
    page.goto("/account/")
    page.get_by_label("First name").fill("Anna")
    page.get_by_label("Your time zone").fill("Atlantis")
    page.get_by_label("Picture", exact=False).first.set_input_files(renamed)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_label("First name")).to_have_value("Anna")
    for field, words in (("Picture", "not a picture that we can read"), ("Your time zone", "do not know")):
        wrong = page.locator(".field.wrong").filter(has_text=field)
        expect(wrong.locator(".errors")).to_contain_text(words)
    assert_fine(page)
