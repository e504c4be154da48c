"""A running stand-in, Stripe's own client pointed at it, and somebody who hears its webhooks."""

import json
import threading
import time
from collections.abc import Iterator

import pytest
import stripe

from payments.standin import RunningStandIn, running_standin
from payments.standin.server import Server

WEBHOOK_SECRET = "whsec_for_these_tests"


class Receiver:
    """Takes webhooks, checks them as the shop would, and answers what the test wants.

    ``answers`` are the statuses of the next requests; afterwards all are answered 200.
    """

    def __init__(self):
        self.requests = []
        self.answers = []
        self.gate = None
        self._lock = threading.Lock()
        self._server = Server(self._answer)
        self._server.start()

    @property
    def url(self) -> str:
        return f"{self._server.url}/stripe/webhook/"

    @property
    def events(self) -> list[dict]:
        return [json.loads(request["body"]) for request in self.requests]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    @property
    def connections(self) -> int:
        """How many connections the requests came over."""
        return len({request["connection"] for request in self.requests})

    def close(self) -> None:
        self._server.stop()

    def _answer(self, environ, start_response):
        if self.gate:
            self.gate.wait(10)
        body = environ["wsgi.input"].read().decode()
        with self._lock:
            self.requests.append(
                {
                    "body": body,
                    "signature": environ.get("HTTP_STRIPE_SIGNATURE"),
                    "connection": environ["REMOTE_PORT"],
                }
            )
            status = self.answers.pop(0) if self.answers else 200
        start_response(f"{status} Answer", [("Content-Length", "0")])
        return [b""]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def standin(receiver) -> Iterator[RunningStandIn]:
    """Sends its webhooks to ``receiver``, one after the other, and repeats them quickly."""
    with running_standin(
        webhook_url=receiver.url,
        webhook_secret=WEBHOOK_SECRET,
        retry_seconds=(0.05, 0.1),
        delivery_workers=1,
        seed=20260101,
    ) as standin:
        yield standin


def client_of(standin: RunningStandIn, **options) -> stripe.StripeClient:
    options.setdefault("max_network_retries", 0)
    return stripe.StripeClient(standin.api_key, base_addresses={"api": standin.url}, **options)


@pytest.fixture
def client(standin) -> stripe.StripeClient:
    return client_of(standin)


@pytest.fixture
def new_checkout(client):
    """Create a Checkout Session as the shop does; keyword arguments replace its parameters."""

    def create(options=None, **changes) -> stripe.checkout.Session:
        return client.v1.checkout.sessions.create(checkout_params(**changes), options or {})

    return create


def checkout_params(**changes) -> dict:
    params = {
        "mode": "payment",
        "payment_method_types": ["card"],
        "line_items": [line_item()],
        "success_url": "http://shop.test/orders/ABCD/?cs={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/checkout/",
        "client_reference_id": "ABCD-EFGH-JKLM",
        "customer_email": "ada@example.com",
        "metadata": {"order": "ABCD-EFGH-JKLM"},
        "payment_intent_data": {"metadata": {"order": "ABCD-EFGH-JKLM"}},
        **changes,
    }
    return {name: value for name, value in params.items() if value is not None}


def line_item(amount=8500, quantity=1, currency="chf", name="Spoon carving") -> dict:
    return {
        "quantity": quantity,
        "price_data": {
            "currency": currency,
            "unit_amount": amount,
            "product_data": {"name": name},
        },
    }


def wait_for(condition, seconds=5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)
