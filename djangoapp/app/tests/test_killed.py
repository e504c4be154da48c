"""Processes are killed in the middle of bookings: nothing is lost, nothing is doubled, and the rest heals by itself."""

import os
import random
import re
import signal
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from payments.standin import running_standin
from tests.support.forms import forms_of
from tests.support.gunicorn import Gunicorn, serving
from tests.support.installation import Installation, wait_until
from tests.support.outages import own_server
from tests.support.servers import free_port

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

BUYERS = 3
KILLS = 4
BETWEEN_KILLS = 3  # bookings
SEED = 20_261
PLACES = 5000
SECRET = "whsec_" + "k" * 32

# What the periodic jobs do in the minutes afterwards, and what has come of everything.
HEAL = """
import django, json, logging
django.setup()
from datetime import timedelta
from django.utils import timezone
from core.mail import send_due_mails
from core.models import Mail
from shop.models import Payment
from shop.services.payments import reconcile_open
before = timezone.now() - timedelta(minutes=5)
Payment.objects.live().update(checked_at=before)
healed = reconcile_open()
Mail.objects.filter(leased_until__isnull=False).update(leased_until=before, next_attempt_at=before)
send_due_mails()
print(healed)
"""
RESULT = """
import django, json
django.setup()
from collections import Counter
from core.models import Mail
from shop.models import Order, Payment
from shop.services import integrity
print(json.dumps({
    "problems": [problem.text for problem in integrity.problems()],
    "paid": sorted(Order.objects.filter(status="paid").values_list("code", flat=True)),
    "references": sorted(Payment.objects.filter(status="paid").values_list("reference", flat=True)),
    "confirmations": Counter(Mail.objects.filter(kind="order_paid").values_list("to", flat=True)),
    "unsent": Mail.objects.exclude(status="sent").count(),
    "paid_by": sorted(Order.objects.filter(status="paid").values_list("email", flat=True)),
}))
"""


class Shoppers:
    """Guests who book one place each, again and again. Whoever meets an error tries again as somebody else."""

    def __init__(self, url: str, slug: str) -> None:
        self.url, self.slug = url, slug
        self.confirmed: list[str] = []  # the codes of the orders that a page called confirmed
        self.met: Counter[str] = Counter()
        self._number = 0
        self._lock = threading.Lock()

    def book(self) -> str:
        """Book a place and return the order's code."""
        with self._lock:
            self._number += 1
            number = self._number
        with requests.Session() as browser:
            page = self._get(browser, f"{self.url}/sessions/{self.slug}/")
            page = self._send(browser, page, "/cart/add/", quantity="1")
            page = self._get(browser, f"{self.url}/checkout/")
            pay = self._send(
                browser,
                page,
                "/checkout/",
                email=f"buyer{number}@example.org",
                first_name="Ana",
                last_name=f"Keller {number}",
                street="Baumweg 3",
                postcode="8004",
                city="Zürich",
                country="CH",
                is_coming="on",
                provider="stripe",
                terms="on",
            )
            confirmed = self._ok(browser.post(f"{pay.url}/pay", timeout=30))
            assert "Your booking is confirmed" in confirmed.text
            return re.search(r"/orders/([\w-]+)/", confirmed.url)[1]

    def _get(self, browser: requests.Session, url: str) -> requests.Response:
        return self._ok(browser.get(url, timeout=30))

    def _send(self, browser: requests.Session, page: requests.Response, action: str, **typed: str):
        path = page.url.removeprefix(self.url)
        form = next(form for form in forms_of(path, page.text) if form.action == action)
        return self._ok(browser.post(urljoin(self.url, action), form.fields | typed, timeout=30))

    @staticmethod
    def _ok(answer: requests.Response) -> requests.Response:
        answer.raise_for_status()
        return answer

    @contextmanager
    def shopping(self):
        is_over = threading.Event()

        def shop() -> None:
            while not is_over.is_set():
                try:
                    self.confirmed.append(self.book())
                except (requests.RequestException, AssertionError, StopIteration) as error:
                    self.met[type(error).__name__] += 1

        threads = [threading.Thread(target=shop) for _ in range(BUYERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            is_over.set()
            for thread in threads:
                thread.join()


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_a_web_process(web: Gunicorn, dice: random.Random) -> None:
    wait_until(lambda: bool(children(web.process.pid)), "the server starts nobody to answer")
    os.kill(dice.choice(children(web.process.pid)), signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found by Linux's /proc")
def test_killed_processes_lose_nothing_and_double_nothing(tmp_path, smtp_server):
    dice = random.Random(SEED)
    port = free_port()
    address = f"127.0.0.1:{port}"
    with (
        own_server() as server,
        running_standin(webhook_url=f"http://{address}/stripe/webhook/", webhook_secret=SECRET) as stripe,
    ):
        installation = Installation(
            tmp_path,
            server,
            smtp_server,
            {
                "DJANGOAPP_SITE_URL": f"http://{address}",
                "DJANGOAPP_STRIPE_TEST_PUBLIC_KEY": "pk_test_" + "r" * 24,
                "DJANGOAPP_STRIPE_TEST_SECRET_KEY": "sk_test_" + "r" * 24,
                "DJANGOAPP_STRIPE_WEBHOOK_SECRET": SECRET,
                "DJANGOAPP_STRIPE_API_URL": stripe.url,
                "DJANGOAPP_STRIPE_CHECKOUT_URL": stripe.url,
            },
        )
        slug = installation.prepare(places=PLACES)
        worker = installation.start_worker()
        try:
            with serving(tmp_path, port=port, GUNICORN_WORKERS="2", **installation.known) as web:
                shoppers = Shoppers(web.url, slug)
                with shoppers.shopping():
                    for number in range(KILLS):
                        until = len(shoppers.confirmed) + BETWEEN_KILLS
                        wait_until(
                            lambda until=until: len(shoppers.confirmed) >= until,
                            f"nobody books: {shoppers.met}",
                        )
                        if number % 2:
                            os.killpg(worker.pid, signal.SIGKILL)
                            worker.wait()
                            worker = installation.start_worker()
                        else:
                            kill_a_web_process(web, dice)
                    wait_until(
                        lambda: len(shoppers.confirmed) > KILLS * BETWEEN_KILLS + 8, "nobody books any more"
                    )
                assert web.stop() == 0
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        healed = int(installation.run(HEAL))
        result = installation.json(RESULT)
        paid_there = sorted(
            each["id"] for each in stripe.checkout_sessions("complete") if each["payment_status"] == "paid"
        )

    assert result["problems"] == [], f"seed {SEED}"
    assert set(shoppers.confirmed) <= set(result["paid"])
    assert result["references"] == paid_there, f"{healed} healed"
    assert result["confirmations"] == Counter(result["paid_by"])
    assert result["unsent"] == 0
    # A mail may be taken by the server just before its sender dies, who then cannot note it: it is sent once more.
    delivered = Counter(m["To"] for m in smtp_server.messages if "confirmed" in m["Subject"].lower())
    assert set(delivered) == set(result["confirmations"])
    assert delivered.total() <= len(result["paid"]) + KILLS // 2
