"""The hosted page, as a browser without JavaScript uses it."""

import http.client
import re
import threading
import time
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import pytest

from payments.standin import running_standin

from .conftest import WEBHOOK_SECRET, checkout_params, client_of, line_item


class Page(HTMLParser):
    """What a page offers: its text, forms' addresses, links and fields."""

    def __init__(self, status, headers, text):
        super().__init__()
        self.status, self.headers, self.source = status, headers, text
        self.actions, self.links, self.fields, self.styles, self.tags = [], {}, {}, [], []
        self._link, self._button, self._words = None, None, []
        self.buttons = {}
        self.feed(text)
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag == "form":
            self._form = attrs["action"]
        elif tag == "button":
            self._button = attrs.get("formaction", self._form)
        elif tag == "a":
            self._link = attrs["href"]
        elif tag == "input":
            self.fields[attrs["name"]] = attrs
        elif tag == "link":
            self.styles.append(attrs["href"])

    def handle_data(self, data):
        self._words.append(data)
        if self._button:
            self.buttons[data] = self._button
            self._button = None
        if self._link:
            self.links[data] = self._link
            self._link = None


def visit(url, form=None, method=None):
    """GET the page, or POST the form to it, without following redirects."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=15)
    body = None if form is None else urlencode(form)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    connection.request(method or ("GET" if form is None else "POST"), parts.path, body, headers)
    response = connection.getresponse()
    page = Page(response.status, response.headers, response.read().decode())
    connection.close()
    return page


def press(standin, page, label, form=None):
    return visit(standin.url + page.buttons[label], form or {})


def test_the_page_shows_what_is_paid_for(new_checkout, standin):
    checkout_session = new_checkout(
        line_items=[line_item(8500, 2, name="Spoon <carving>"), line_item(550, name="Wood & oil")],
        expires_at=standin.now() + 35 * 60 + 30,
    )

    page = visit(checkout_session.url)

    assert page.status == 200
    for words in (
        "No real money moves here.",
        "Pay CHF 175.50",
        "Spoon <carving> × 2",
        "CHF 170.00",
        "Wood & oil",
        "ada@example.com",
        "open for another 35 minutes",
    ):
        assert words in page.text
    assert list(page.buttons) == ["Pay CHF 175.50", "Fail", "Pay later"]
    assert page.links == {"Leave without paying": "http://shop.test/checkout/"}
    assert "email" not in page.fields


def test_nothing_in_it_breaks_a_strict_policy(new_checkout):
    page = visit(new_checkout().url)

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://shop.test" in policy
    assert "unsafe" not in policy
    for tag, attrs in page.tags:
        assert tag not in ("script", "style", "img", "iframe")
        assert not [name for name in attrs if name == "style" or name.startswith("on")]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_its_style_is_served(new_checkout, standin):
    page = visit(new_checkout().url)

    style = visit(standin.url + page.styles[0])

    assert style.status == 200
    assert style.headers["Content-Type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in style.source


def test_pay_sends_the_buyer_back_after_the_webhook(new_checkout, standin, receiver):
    checkout_session = new_checkout()
    page = visit(checkout_session.url)

    answer = press(standin, page, "Pay CHF 85.00")

    assert answer.status == 303
    assert answer.headers["Location"] == f"http://shop.test/orders/ABCD/?cs={checkout_session.id}"
    assert "checkout.session.completed" in receiver.types
    assert standin.get(checkout_session.id)["payment_status"] == "paid"


def test_fail_comes_back_to_the_page_and_says_so(new_checkout, standin):
    checkout_session = new_checkout()
    page = visit(checkout_session.url)
    assert "declined." not in page.text

    answer = press(standin, page, "Fail")

    assert (answer.status, standin.url + answer.headers["Location"]) == (303, checkout_session.url)
    again = visit(checkout_session.url)
    assert "Your card was declined." in again.text
    assert ("p", {"class": "notice bad", "role": "alert"}) in again.tags
    assert press(standin, again, "Pay CHF 85.00").status == 303


@pytest.mark.parametrize(
    ("label", "payment_status", "title"),
    [
        ("The money arrives", "paid", "This is paid already"),
        ("The money does not arrive", "unpaid", "The money did not arrive"),
    ],
)
def test_pay_later_is_decided_on_the_same_page(new_checkout, standin, label, payment_status, title):
    checkout_session = new_checkout()
    url = checkout_session.url

    answer = press(standin, visit(url), "Pay later")
    assert answer.headers["Location"].startswith("http://shop.test/orders/")
    waiting = visit(url)
    assert "The money is on its way" in waiting.text

    answer = press(standin, waiting, label)

    assert answer.headers["Location"].startswith("http://shop.test/orders/")
    assert standin.get(checkout_session.id)["payment_status"] == payment_status
    assert title in visit(url).text


def test_paying_twice_is_answered_politely(new_checkout, standin):
    checkout_session = new_checkout()
    first_tab, second_tab = visit(checkout_session.url), visit(checkout_session.url)
    press(standin, first_tab, "Pay CHF 85.00")

    answer = press(standin, second_tab, "Pay CHF 85.00")

    assert (answer.status, standin.url + answer.headers["Location"]) == (303, checkout_session.url)
    page = visit(checkout_session.url)
    assert "This is paid already" in page.text
    assert list(page.links.values()) == [f"http://shop.test/orders/ABCD/?cs={checkout_session.id}"]
    assert len(standin.events("charge.succeeded")) == 1


def test_an_expired_page_leads_back_to_the_shop(new_checkout, standin):
    checkout_session = new_checkout()
    page = visit(checkout_session.url)
    standin.advance(24 * 60 * 60)

    answer = press(standin, page, "Pay CHF 85.00")
    assert answer.status == 303
    expired = visit(checkout_session.url)

    assert "This payment page has expired" in expired.text
    assert "Nothing was charged." in expired.text
    assert expired.links == {"Back to TreesN'Qs": "http://shop.test/checkout/"}


def test_settling_twice_is_answered_politely(new_checkout, standin):
    checkout_session = new_checkout()
    press(standin, visit(checkout_session.url), "Pay later")
    waiting = visit(checkout_session.url)
    press(standin, waiting, "The money arrives")

    answer = press(standin, waiting, "The money does not arrive")

    assert standin.url + answer.headers["Location"] == checkout_session.url
    assert standin.get(checkout_session.id)["payment_status"] == "paid"


def test_without_an_address_the_buyer_types_one(new_checkout, standin):
    checkout_session = new_checkout(customer_email=None)
    page = visit(checkout_session.url)
    assert page.fields["email"]["type"] == "email"

    wrong = press(standin, page, "Pay CHF 85.00", {"email": 'ada"@'})
    assert wrong.status == 422
    assert wrong.fields["email"]["value"] == 'ada"@'
    assert wrong.fields["email"]["aria-describedby"] == "email-error"
    assert "Enter an e-mail address" in wrong.text

    press(standin, wrong, "Pay CHF 85.00", {"email": "ada@example.com"})
    assert standin.get(checkout_session.id)["customer_details"]["email"] == "ada@example.com"


def test_a_total_of_zero_offers_only_to_complete(new_checkout, standin):
    checkout_session = new_checkout(line_items=[line_item(0)])

    page = visit(checkout_session.url)

    assert list(page.buttons) == ["Complete the order"]
    press(standin, page, "Complete the order")
    assert standin.get(checkout_session.id)["payment_status"] == "no_payment_required"


def test_without_a_way_back_there_is_no_link(new_checkout):
    assert visit(new_checkout(cancel_url=None).url).links == {}


def test_an_unknown_page_is_not_found(standin):
    page = visit(f"{standin.url}/pay/cs_test_none")

    assert page.status == 404
    assert "No such payment" in page.text
    assert visit(f"{standin.url}/pay/cs_test_none/pay", {}).status == 404
    assert visit(f"{standin.url}/elsewhere").status == 404


def test_an_unknown_button_is_not_found(new_checkout):
    checkout_session = new_checkout()

    assert visit(f"{checkout_session.url}/steal", {}).status == 404


def test_looking_does_not_pay(new_checkout, standin):
    checkout_session = new_checkout()

    visit(f"{checkout_session.url}/pay")
    visit(f"{checkout_session.url}/pay", method="HEAD")

    assert standin.get(checkout_session.id)["status"] == "open"


@pytest.mark.parametrize(("waits", "shortest", "longest"), [(True, 0.4, 5), (False, 0, 0.3)])
def test_the_redirect_waits_for_the_webhook_unless_told_not_to(receiver, waits, shortest, longest):
    with running_standin(
        webhook_url=receiver.url, webhook_secret=WEBHOOK_SECRET, waits_for_webhook=waits
    ) as standin:
        checkout_session = client_of(standin).v1.checkout.sessions.create(checkout_params())
        page = visit(checkout_session.url)
        receiver.gate = threading.Event()
        threading.Timer(0.5, receiver.gate.set).start()
        began = time.monotonic()

        press(standin, page, "Pay CHF 85.00")

        assert shortest <= time.monotonic() - began < longest


def test_the_overview_lists_payments_and_webhooks(new_checkout, standin):
    empty = visit(f"{standin.url}/")
    assert "No payment yet." in empty.text

    checkout_session = new_checkout()
    standin.pay(checkout_session.id)
    page = visit(f"{standin.url}/")

    assert page.links == {"ABCD-EFGH-JKLM": f"/pay/{checkout_session.id}"}
    assert "complete, paid" in page.text
    assert re.search(r"checkout\.session\.completed +accepted +200", page.text)
