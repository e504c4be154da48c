"""With three web pods it does not matter which of them answers: sessions, limits, uploads and check-ins are shared."""

import json
import struct
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from cluster.release import eventually, names
from cluster.visitor import Visitor

PASSWORD = "a long enough rehearsal"
PEOPLE = f"""
import json
from accounts.models import User
from accounts.tokens import make_token
ana = User.objects.create_user("ana.pods@example.org", "{PASSWORD}", first_name="Ana")
ana.emailaddress_set.get_or_create(email=ana.email, defaults=dict(verified=True, primary=True))
ana.emailaddress_set.update(verified=True, primary=True)
door = User.objects.create_superuser("door.pods@example.org", "{PASSWORD}")
print(json.dumps(make_token(door, name="door", scope="door")[1]))
"""
REDEEM = """
import json
from accounts.models import User
from attendance.models import Ticket
from attendance.services import redeem
ticket = Ticket.objects.filter(line__order__code={order!r}).earliest("pk")
by = User.objects.get(email="door.pods@example.org")
answer = redeem(ticket.code, session=ticket.line.session, by=by, nonce={nonce!r})
print(json.dumps(str(answer.verdict)))
"""
BEGINS_NOW = """
from datetime import timedelta
from django.utils import timezone
from shop.models import Session
now = timezone.now()
Session.objects.filter(slug={slug!r}).update(starts_at=now, ends_at=now + timedelta(hours=2))
print("null")
"""
COUPON_TRIES = 8  # for one cart within ten minutes, see shop/views/cart.py


def picture() -> bytes:
    """A red square, as a PNG file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = 200
    rows = (b"\0" + b"\xc0\x20\x20" * size) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture(scope="module")
def three(shop):
    """The release with three web pods; gives the token of a program at the door."""
    shop.upgrade({"replicaCount": 3})
    eventually(lambda: len(shop.pods("web")) == 3)
    return shop.python(PEOPLE)


def answered_by(shop, request_ids: list[str]) -> Counter:
    """Which pod answered how many of these requests, as their logs tell."""
    found: Counter = Counter()
    for pod in names(shop.pods("web")):
        log = shop.kubectl("logs", pod, "--container", "web", "--tail=500")
        found[pod] = sum(1 for each in request_ids if each in log)
    return found


def test_whoever_signed_in_once_is_known_to_every_pod(shop, three, measured):
    ana = Visitor(shop.door())
    ana.sign_in("ana.pods@example.org", PASSWORD)

    answers = [ana.get("/account/bookings/", follows=False) for _ in range(24)]

    assert {answer.status for answer in answers} == {200}
    pods = answered_by(shop, [answer.headers["X-Request-ID"] for answer in answers])
    measured(f"24 pages of one visitor came from {len(+pods)} pods: {sorted(pods.values())}")
    assert len(+pods) == 3


def test_limits_are_counted_over_all_pods(shop, three, measured):
    (slug,) = shop.make_sessions(5)
    guesser = Visitor(shop.door())
    cart = guesser.reserve(slug)
    statuses = []
    for number in range(COUPON_TRIES + 2):
        statuses.append(guesser.submit(cart, "/cart/coupon/", code=f"GUESS{number:04}").status)
        if 429 in statuses:
            break

    measured(f"guessing coupons was stopped after {len(statuses) - 1} tries, over three pods")
    assert len(statuses) <= COUPON_TRIES + 1
    assert statuses[-1] == 429


def test_a_picture_that_one_pod_took_is_shown_by_all(shop, three):
    ana = Visitor(shop.door())
    ana.sign_in("ana.pods@example.org", PASSWORD)
    page = ana.get("/account/")
    ana.upload(page, "/account/", "picture", "ana.png", picture())
    path = shop.python(
        "import json; from accounts.models import User; "
        "print(json.dumps(User.objects.get(email='ana.pods@example.org').profile.picture.url))"
    )

    bodies = {ana.get(path).body for _ in range(12)}
    per_pod = {
        shop.kubectl("exec", pod, "--container", "web", "--", "sh", "-c", "find /srv/media -type f | sort")
        for pod in names(shop.pods("web"))
    }

    assert len(bodies) == 1
    assert len(bodies.pop()) > 100
    assert len(per_pod) == 1, "each pod sees the same uploads"


def test_two_doors_scan_one_ticket_at_once_and_it_counts_once(shop, three):
    (slug,) = shop.make_sessions(5)
    booking = Visitor(shop.door()).book(slug, "two-doors@example.org")
    shop.python(BEGINS_NOW.format(slug=slug))
    pods = sorted(names(shop.pods("web")))

    def scan(pod: str) -> str:
        script = REDEEM.format(order=booking.code, nonce=f"scan-of-{pod}"[:60])
        command = ("exec", "--stdin", pod, "--container", "web", "--", "python", "manage.py", "shell")
        return json.loads(shop.kubectl(*command, stdin=script).strip().splitlines()[-1])

    with ThreadPoolExecutor(3) as doors:
        verdicts = Counter(doors.map(scan, pods))

    assert verdicts["welcome"] == 1
    assert sum(verdicts.values()) == 3


def test_who_came_in_at_one_pod_is_on_the_list_of_all(shop, three):
    door = Visitor(shop.door())
    for number in range(6):
        answer = door.call("POST", "/table/create", three, {"firstname": f"Guest{number}", "lastname": "Pod"})
        assert answer.status == 201, answer.text

    for _ in range(6):
        entries = json.loads(door.call("GET", "/table/view/date:today", three).text)
        assert {entry["firstname"] for entry in entries} >= {f"Guest{number}" for number in range(6)}
