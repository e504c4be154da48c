"""Bring the development environment of compose.yaml up, book and pay in it, and take it down again.

::

    python3 tools/compose_test.py

Needs docker compose or podman-compose (COMPOSE names another); on a machine without them it says so and ends well,
unless CONTAINERS_REQUIRED is set. It has a name, ports and secrets of its own: an environment that is already up is
left alone.
"""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import compose
from image_test import Failed, ask, expect, free_port

PAID_SECONDS = 180
BUYER = {
    "email": "ana@example.org",
    "first_name": "Ana",
    "last_name": "Keller",
    "street": "Baumweg 3",
    "postcode": "8004",
    "city": "Zürich",
    "country": "CH",
    "is_coming": "on",
    "provider": "stripe",
    "terms": "on",
}


class Browser:
    """A visitor with cookies, who reads forms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.page = ""
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, address: str, form: dict[str, str] | None = None) -> str:
        """Follow a link or send a form, redirects included; return the page that is shown then."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        with self._opener.open(urllib.parse.urljoin(self.url, address), data, timeout=60) as answer:
            self.url, self.page = answer.url, answer.read().decode()
        return self.page

    def hidden(self) -> dict[str, str]:
        return dict(re.findall(r'type="hidden"[^>]*name="([\w-]+)"[^>]*value="([^"]*)"', self.page))

    def token(self) -> dict[str, str]:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)
        return {"csrfmiddlewaretoken": found[1]} if found else {}


def book_and_pay(url: str) -> None:
    """From the list of sessions to a confirmed order, by the stand-in's page and its notification."""
    slugs = dict.fromkeys(re.findall(r'href="/sessions/([\w-]+)/"', Browser(url).open("/sessions/")))
    for slug in slugs:
        browser = Browser(url)
        if 'name="quantity"' not in browser.open(f"/sessions/{slug}/"):
            continue
        browser.open("/cart/add/", {"session": slug, "quantity": "1", **browser.token()})
        if 'value="stripe"' in browser.open("/checkout/"):
            break
    else:
        raise Failed("No session could be paid by card.")
    page = browser.open("/checkout/", {**browser.hidden(), **browser.token(), **BUYER})
    expect("/pay/cs_" in browser.url, "the checkout leads to the stand-in's page")
    payment = re.search(r'formaction="([^"]+/pay)"', page)
    browser.open(payment[1], {})
    order = browser.url
    deadline = time.monotonic() + PAID_SECONDS
    while "Confirmed" not in browser.page and "confirmed" not in browser.page:
        if time.monotonic() > deadline:
            raise Failed(f"The payment is not confirmed: {order}")
        time.sleep(1)
        browser.open(order)
    expect(True, "a place was booked, paid and confirmed")


def try_it(command: list[str], url: str) -> None:
    expect(compose.up(command) == 0, "everything is up, and the shop answers")
    expect(ask(f"{url}/version")[0] == 200, "/version")
    load = [*command, "exec", "-T", "web", "./entrypoint.sh", "manage", "load_demo"]
    loaded = subprocess.run(load, cwd=compose.ROOT, check=False, capture_output=True, text=True)
    expect(loaded.returncode == 0, "demo data are loaded" if not loaded.returncode else loaded.stderr[-2000:])
    book_and_pay(url)
    alive = [*command, "exec", "-T", "worker", "./entrypoint.sh", "worker-is-alive"]
    expect(
        subprocess.run(alive, cwd=compose.ROOT, check=False, capture_output=True).returncode == 0,
        "the worker lives",
    )


def main() -> int:
    try:
        command = compose.find_compose()
    except compose.NoCompose as problem:
        print(f"The compose file is not tried: {problem}")
        return 1 if os.environ.get("CONTAINERS_REQUIRED") else 0
    os.environ |= {
        "COMPOSE_PROJECT_NAME": f"treesnqs-test-{os.getpid()}",
        "PORT": free_port(),
        "STRIPE_PORT": free_port(),
        "VOLUMES": "remove",
        **compose.fresh_secrets(),
    }
    print(f"Trying compose.yaml with {' '.join(command)}", flush=True)
    try:
        try_it(command, f"http://127.0.0.1:{os.environ['PORT']}")
    except Failed as failure:
        subprocess.run([*command, "logs", "--tail", "30"], cwd=compose.ROOT, check=False)
        print(f"FAILED: {failure}", flush=True)
        return 1
    finally:
        compose.down(command)
    print("The development environment does what it should.")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started goes, too
    sys.exit(main())
