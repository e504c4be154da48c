"""The database restarts while people look and book, and while the worker works: everybody goes on."""

import logging
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
import requests

from tests.support.gunicorn import serving
from tests.support.installation import Installation, wait_until
from tests.support.outages import own_server

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

logger = logging.getLogger(__name__)

VISITORS = 4
PLACES = 5000

WRITE_A_MAIL = """
import django
django.setup()
from core.mail import enqueue_mail
enqueue_mail("order_reserved", to="ana@example.org", dedupe_key="{key}", context={{"order_id": 1}})
"""
CHECK = """
import django
django.setup()
from shop.services import integrity
print(integrity.problems())
"""


@dataclass
class Traffic:
    """What the visitors were answered."""

    looks: Counter = field(default_factory=Counter)
    bookings: Counter = field(default_factory=Counter)
    answered_at: list[float] = field(default_factory=list)
    without_advice: int = 0

    def note(self, kind: Counter, answer: requests.Response) -> None:
        kind[answer.status_code] += 1
        if answer.status_code < 400:
            self.answered_at.append(time.monotonic())
        elif "Retry-After" not in answer.headers:
            self.without_advice += 1

    def longest_silence(self) -> float:
        times = sorted(self.answered_at)
        return max(later - earlier for earlier, later in pairwise(times))


@contextmanager
def visitors(url: str, slug: str):
    """People who look at a session and put a place into a new cart, again and again, until the block ends."""
    traffic, is_over = Traffic(), threading.Event()

    def visit() -> None:
        while not is_over.is_set():
            with requests.Session() as browser:
                page = browser.get(f"{url}/sessions/{slug}/", timeout=30)
                traffic.note(traffic.looks, page)
                token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
                if page.ok and token:
                    form = {"session": slug, "quantity": 1, "csrfmiddlewaretoken": token[1]}
                    added = browser.post(f"{url}/cart/add/", form, timeout=30, allow_redirects=False)
                    traffic.note(traffic.bookings, added)

    threads = [threading.Thread(target=visit) for _ in range(VISITORS)]
    for thread in threads:
        thread.start()
    try:
        yield traffic
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def test_nothing_is_lost_and_everybody_goes_on(tmp_path, smtp_server):
    with own_server() as server:
        shop = Installation(tmp_path, server, smtp_server)
        slug = shop.prepare(places=PLACES)
        with shop.working() as worker:
            with serving(tmp_path, GUNICORN_WORKERS="2", **shop.known) as web:
                with visitors(web.url, slug) as traffic:
                    wait_until(lambda: traffic.bookings.total() > 20, "nobody books")
                    server.stop()
                    time.sleep(0.5)
                    server.start()
                    booked = traffic.bookings[302] + traffic.bookings[303]
                    wait_until(
                        lambda: traffic.bookings[302] + traffic.bookings[303] > booked + 20,
                        "nobody books afterwards",
                    )
                assert web.stop() == 0
            logger.info(
                "%s %s, silent for %.1f s", traffic.looks, traffic.bookings, traffic.longest_silence()
            )
            assert set(traffic.looks) <= {200, 503}
            assert set(traffic.bookings) <= {302, 303, 503}
            assert not traffic.without_advice

            # What was confirmed is there; what was refused may be, as a whole.
            confirmed = traffic.bookings[302] + traffic.bookings[303]
            kept = shop.ask("SELECT coalesce(sum(quantity), 0) FROM shop_cartline WHERE is_held")
            assert confirmed <= kept <= confirmed + traffic.bookings[503]
            assert shop.run(CHECK) == "[]"

            # The worker is still the same, and works: there is no such order, so the mail cannot be written, but
            # somebody tries.
            assert worker.poll() is None
            shop.run(WRITE_A_MAIL.format(key="afterwards"))
            wait_until(
                lambda: shop.ask("SELECT coalesce(max(attempts), 0) FROM core_mail") > 0,
                "the worker has not gone on",
            )
