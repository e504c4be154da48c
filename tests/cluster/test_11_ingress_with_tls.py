"""Behind an Ingress that ends TLS people sign in, book and pay; cookies, redirects and addresses are right."""

import json
import ssl
import time

import pytest

from cluster.machine import machine, run
from cluster.release import NEIGHBOURS_URL, eventually
from cluster.visitor import HOST, Door, Visitor

SITE = f"https://{HOST}:8443"
PASSWORD = "a long enough rehearsal"
ACCOUNT = f"""
import json
from accounts.models import User
user, _ = User.objects.get_or_create(email="tls@example.org")
user.set_password("{PASSWORD}")
user.save()
user.emailaddress_set.update_or_create(email=user.email, defaults=dict(verified=True, primary=True))
print("null")
"""
VALUES = {
    "ingress.enabled": True,
    "ingress.className": "local",
    "ingress.hosts": [HOST],
    "ingress.tls": [{"hosts": [HOST], "secretName": "shop-tls"}],
    "app.siteUrl": SITE,
    "app.trustedProxyCount": None,  # follows from the Ingress
}


@pytest.fixture(scope="module")
def door(shop, extras, tmp_path_factory):
    """The shop's front door: the kit's ingress, with a certificate that its visitors know."""
    if not machine().kit:
        pytest.skip("the ingress with its ports is the kit's")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "tls.crt", folder / "tls.key"
    names = ("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
    run(
        *"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout".split(), key, "-out", certificate, *names
    )
    shop.kubectl("create", "secret", "tls", "shop-tls", f"--cert={certificate}", f"--key={key}")
    shop.upgrade(VALUES)
    pay = {NEIGHBOURS_URL: ("127.0.0.1", shop.port("neighbours", "stripe"))}
    context = ssl.create_default_context(cafile=certificate)
    found = Door(("127.0.0.1", 8443), site=SITE, tls=context, neighbours=pay)

    def answers() -> bool:
        try:
            return Visitor(found).get("/readyz").status == 200
        except OSError:
            return False

    eventually(answers, seconds=180)
    return found


@pytest.fixture(scope="module")
def visited(shop, door, measured):
    """Somebody who signs in, books and pays; gives the browser and the booking."""
    shop.python(ACCOUNT)
    (slug,) = shop.make_sessions(5)
    visitor = Visitor(door)
    began = time.monotonic()
    visitor.sign_in("tls@example.org", PASSWORD)
    booking = visitor.book(slug, "tls@example.org")
    measured(f"signed in, booked and paid over TLS in {time.monotonic() - began:.1f} s")
    return visitor, booking


def test_people_sign_in_book_and_pay(shop, visited):
    visitor, booking = visited

    assert booking.is_confirmed
    assert booking.url.startswith(f"{SITE}/orders/")
    assert visitor.get("/account/bookings/").text.count(booking.code)
    shop.assert_all_adds_up()


def test_every_cookie_is_for_https_alone(visited):
    visitor, _booking = visited

    names = {line.split("=")[0] for line in visitor.set_cookies}
    assert {"sessionid", "csrftoken", "cart"} <= names
    for line in visitor.set_cookies:
        attributes = line.lower()
        if "; max-age=0" in attributes:
            continue  # takes one away
        assert "; secure" in attributes, line
        assert "; httponly" in attributes, line
        assert "; samesite=lax" in attributes, line


def test_http_leads_to_https(door):
    plain = Visitor(Door(("127.0.0.1", 8080), site=f"http://{HOST}", tls=None))

    answer = plain.request("GET", f"http://{HOST}/sessions/")

    assert answer.status == 301
    assert answer.headers["Location"] == f"{SITE}/sessions/"


def test_browsers_are_told_to_stay_with_https(door):
    answer = Visitor(door).get("/")

    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("origin", "status"), [(SITE, 200), ("https://evil.example", 403), (f"http://{HOST}:8443", 403)]
)
def test_forms_of_other_sites_are_refused(shop, door, origin, status):
    visitor = Visitor(door)
    page = visitor.get("/account/login/")
    form = page.form("/account/login/")

    visitor.origin = origin
    answer = visitor.post("/account/login/", form.fields | {"login": "nobody@example.org", "password": "x"})

    assert answer.status == status


def test_logs_have_the_visitors_own_address(shop, door):
    """The ingress is the one proxy; what a visitor claims about itself is not believed."""
    visitor = Visitor(door)
    visitor.claims = {"X-Forwarded-For": "203.0.113.99", "X-Real-IP": "203.0.113.99"}
    answer = visitor.get("/terms/")

    wanted = answer.headers["X-Request-ID"]
    lines = [
        json.loads(line)
        for pod in shop.pods("web")
        for line in shop.kubectl(
            "logs", pod["metadata"]["name"], "--container", "web", "--tail=200"
        ).splitlines()
        if wanted in line
    ]
    assert [line["client"] for line in lines] == ["127.0.0.1"]


def test_limits_count_visitors_and_not_the_proxy(shop, door):
    """Claims of other addresses do not make a guesser somebody else."""
    (slug,) = shop.make_sessions(5)
    guesser = Visitor(door)
    cart = guesser.reserve(slug)
    statuses = []
    for number in range(17):
        guesser.claims = {"X-Forwarded-For": f"203.0.113.{number}"}
        statuses.append(guesser.submit(cart, "/cart/coupon/", code=f"GUESS{number:04}").status)
        if 429 in statuses:
            break

    assert statuses[-1] == 429
