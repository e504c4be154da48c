"""Signing in with Google, played by a server on this machine."""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from accounts.tests.people import code_of, give_totp, is_signed_in, make_user

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)  # for mails and files, which wait for the commit
LOGIN = "/account/google/login/"


class Google:
    """Whoever comes with the code is the person in ``claims``."""

    def __init__(self) -> None:
        self.claims = {}
        self.asked: list[dict] = []
        google = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                google.asked.append({name: value for name, [value] in parse_qs(form).items()})
                answer = json.dumps({"access_token": "opaque", "id_token": google.token()}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_arguments) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def is_asked_for(self, email: str, **claims) -> None:
        self.claims = {"sub": f"id-of-{email}", "email": email, "email_verified": True, **claims}

    def token(self) -> str:
        now = int(time.time())
        standard = {
            "iss": "https://accounts.google.com",
            "aud": django_settings.GOOGLE_CLIENT_ID,
            "iat": now,
            "exp": now + 300,
        }
        return jwt.encode(standard | self.claims, "signed by a key that nobody checks", algorithm="HS256")


@pytest.fixture
def google(monkeypatch):
    google = Google()
    monkeypatch.setattr(GoogleOAuth2Adapter, "access_token_url", google.url)
    yield google
    google.server.shutdown()
    google.server.server_close()


def come_back_from_google(browser: Client, *, next_path: str = ""):
    """Press the button, and return with the code that Google gave."""
    sent = browser.post(LOGIN + (f"?next={next_path}" if next_path else ""))
    parts = urlsplit(sent.url)
    assert (parts.scheme, parts.netloc) == ("https", "accounts.google.com")
    query = parse_qs(parts.query)
    assert "code_challenge" in query
    return browser.get(f"{LOGIN}callback/", {"code": "once", "state": query["state"][0]})


def test_somebody_new_gets_an_account(client, google):
    google.is_asked_for("yuki@gmail.com", given_name="Yuki", family_name="Tanaka")

    response = come_back_from_google(client, next_path="/account/")

    assert response.url == "/account/"
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("yuki@gmail.com", "Yuki", "Tanaka")
    assert user.emailaddress_set.get().verified
    assert is_signed_in(client)
    assert google.asked[0]["code_verifier"]


def test_names_from_google_are_one_line(client, google):
    google.is_asked_for("yuki@gmail.com", given_name="Yuki\n\nDear customer", family_name="Tanaka\r")

    come_back_from_google(client)

    assert User.objects.get().get_full_name() == "Yuki Dear customer Tanaka"


@pytest.mark.parametrize(
    ("email", "claims"), [("ana@gmail.com", {}), ("ana@studio.example", {"hd": "studio.example"})]
)
def test_whom_google_vouches_for_signs_in_to_the_account_they_have(client, google, email, claims):
    ana = make_user(email)
    google.is_asked_for(email, **claims)

    come_back_from_google(client)

    assert User.objects.get() == ana
    assert SocialAccount.objects.get().user == ana
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "claims", [{}, {"hd": "another.example"}, {"email_verified": False}, {"hd": "", "email_verified": True}]
)
@commits
def test_an_address_that_is_not_googles_does_not_open_an_account(client, google, claims):
    make_user("ana@studio.example")
    google.is_asked_for("ana@studio.example", **claims)

    come_back_from_google(client)

    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    [letter] = mail.outbox
    assert letter.to == ["ana@studio.example"]
    assert reverse("account_reset_password") in letter.body


def test_the_second_factor_is_asked_for_here_too(client, google):
    secret = give_totp(make_user("ana@gmail.com"))
    google.is_asked_for("ana@gmail.com")

    response = come_back_from_google(client)

    assert response.url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    client.post(response.url, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_turning_back_at_google_is_no_error(client):
    state = parse_qs(urlsplit(client.post(LOGIN).url).query)["state"][0]

    response = client.get(f"{LOGIN}callback/", {"error": "access_denied", "state": state}, follow=True)

    assert response.status_code == 200
    assert not is_signed_in(client)


@pytest.mark.parametrize("query", [{}, {"code": "x"}, {"code": "x", "state": "forged"}])
def test_an_answer_nobody_asked_for_signs_nobody_in(client, google, query):
    google.is_asked_for("yuki@gmail.com")

    response = client.get(f"{LOGIN}callback/", query)

    assert response.status_code in (200, 401)
    assert not google.asked
    assert not User.objects.exists()


def test_the_button_is_offered_where_google_is_configured(client, settings):
    page = client.get(reverse("account_login"))
    assertContains(page, LOGIN)
    assert "https://accounts.google.com" in page["Content-Security-Policy"]

    settings.SOCIALACCOUNT_PROVIDERS = {}
    assertNotContains(client.get(reverse("account_login")), LOGIN)


def settings_with(**variables: str) -> subprocess.CompletedProcess:
    """Load the settings in a process of their own and print what depends on Google."""
    program = (
        "from app.settings import base\n"
        "print([app for app in base.INSTALLED_APPS if 'google' in app],"
        " base.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    others = {name: value for name, value in os.environ.items() if not name.startswith("DJANGOAPP_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=django_settings.BASE_DIR,
        env=others | variables,
        capture_output=True,
        text=True,
    )


def test_without_the_two_variables_nothing_speaks_of_google():
    told = settings_with()

    assert told.returncode == 0, told.stderr
    assert "google" not in told.stdout


def test_one_variable_without_the_other_stops_the_start():
    told = settings_with(DJANGOAPP_GOOGLE_CLIENT_ID="x.apps.googleusercontent.com")

    assert "Set DJANGOAPP_GOOGLE_CLIENT_SECRET" in told.stderr
