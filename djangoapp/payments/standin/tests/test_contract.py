"""The contract with the real thing.

Every kind of request that the shop and dj-stripe make is sent to the stand-in, whose answers must be
as Stripe's document describes them, and to stripe-mock, Stripe's own validator of requests. The
second half needs the program: named by ``STRIPE_MOCK`` or found on ``PATH``.
"""

import copy
import json
import os
import shutil
import socket
import subprocess
from types import SimpleNamespace

import pytest
import stripe

from payments.standin import API_VERSION, TEST_API_KEY, running_standin
from payments.standin.endpoints import ENDPOINTS

from .conformance import DOCUMENT, problems, unknown_parameters
from .conftest import checkout_params, client_of, line_item, wait_for

STRIPE_MOCK = os.environ.get("STRIPE_MOCK") or shutil.which("stripe-mock")

# What the shop sends when a buyer pays: everything that its provider can put into a session.
SHOP_CHECKOUT = checkout_params(
    line_items=[line_item(8500, 2), line_item(550)],
    customer_email="ada@example.com",
    locale="auto",
    submit_type="book",
)

# Each kind of request: its name and the call. ``its`` holds the ids of objects that exist.
CALLS = {
    "account retrieve": lambda api, its: api.accounts.retrieve_current(),
    "account retrieve by id": lambda api, its: api.accounts.retrieve(its.account),
    "checkout session create": lambda api, its: api.checkout.sessions.create(
        {**SHOP_CHECKOUT, "expires_at": its.now + 35 * 60}, {"idempotency_key": f"order-{its.now}"}
    ),
    "checkout session retrieve": lambda api, its: api.checkout.sessions.retrieve(
        its.checkout_session, {"expand": ["payment_intent"]}
    ),
    # As dj-stripe retrieves it.
    "checkout session sync": lambda api, its: api.checkout.sessions.retrieve(
        its.checkout_session,
        {"expand": ["line_items", "total_details.breakdown", "line_items.data.discounts"]},
    ),
    "checkout session list": lambda api, its: api.checkout.sessions.list(
        {"limit": 100, "status": "open", "created": {"gte": its.now - 3600}}
    ),
    "checkout session line items": lambda api, its: api.checkout.sessions.line_items.list(
        its.checkout_session
    ),
    "checkout session expire": lambda api, its: api.checkout.sessions.expire(its.open_session),
    "payment intent retrieve": lambda api, its: api.payment_intents.retrieve(
        its.payment_intent, {"expand": ["latest_charge.balance_transaction"]}
    ),
    "payment intent list": lambda api, its: api.payment_intents.list({"limit": 3}),
    "payment method retrieve": lambda api, its: api.payment_methods.retrieve(its.payment_method),
    "charge retrieve": lambda api, its: api.charges.retrieve(its.charge, {"expand": ["balance_transaction"]}),
    "charge list": lambda api, its: api.charges.list({"payment_intent": its.payment_intent}),
    "refund create": lambda api, its: api.refunds.create(
        {
            "payment_intent": its.payment_intent,
            "amount": 500,
            "reason": "requested_by_customer",
            "metadata": {"refund": "refund-7"},
        },
        {"idempotency_key": f"refund-{its.now}"},
    ),
    "refund retrieve": lambda api, its: api.refunds.retrieve(its.refund),
    "refund list": lambda api, its: api.refunds.list({"payment_intent": its.payment_intent, "limit": 100}),
    "balance transaction retrieve": lambda api, its: api.balance_transactions.retrieve(
        its.balance_transaction
    ),
    "balance transaction list": lambda api, its: api.balance_transactions.list(
        {"created": {"gte": its.now - 86400}, "limit": 100, "expand": ["data.source"]}
    ),
    # As the shop fetches its statement, page by page.
    "balance transaction page": lambda api, its: api.balance_transactions.list(
        {
            "created": {"gte": its.now - 86400, "lt": its.now + 1},
            "limit": 3,
            "starting_after": its.balance_transaction,
            "expand": ["data.source"],
        }
    ),
    "dispute retrieve": lambda api, its: api.disputes.retrieve(its.dispute),
    "dispute list": lambda api, its: api.disputes.list({"charge": its.disputed_charge}),
    "dispute close": lambda api, its: api.disputes.close(its.dispute),
    "event list": lambda api, its: api.events.list(
        {"types": ["checkout.session.completed", "refund.updated"], "limit": 100}
    ),
    "event retrieve": lambda api, its: api.events.retrieve(its.event),
    "customer create": lambda api, its: api.customers.create(
        {"email": "ada@example.com", "name": "Ada", "metadata": {"djstripe_subscriber": "7"}}
    ),
    "customer retrieve": lambda api, its: api.customers.retrieve(
        its.customer, {"expand": ["default_source", "sources"]}
    ),
    "customer update": lambda api, its: api.customers.update(
        its.customer, {"metadata": {"djstripe_subscriber": "8"}}
    ),
    "webhook endpoint create": lambda api, its: api.webhook_endpoints.create(
        {
            "url": "https://shop.example.com/stripe/webhook/",
            "enabled_events": ["checkout.session.completed", "refund.failed"],
            "api_version": API_VERSION,
            "metadata": {"djstripe_uuid": "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b"},
        }
    ),
    "webhook endpoint list": lambda api, its: api.webhook_endpoints.list({"limit": 10}),
    "webhook endpoint retrieve": lambda api, its: api.webhook_endpoints.retrieve(its.webhook_endpoint),
}


def _sent(answer) -> dict:
    """What came over the wire, before Stripe's client made objects of it."""
    return json.loads(answer.last_response.body)


def play(standin) -> SimpleNamespace:
    """A day of the shop: objects of every kind in every state. Returns their ids."""
    api = client_of(standin).v1

    def new(**changes):
        return api.checkout.sessions.create(checkout_params(**changes)).id

    paid = standin.pay(new())
    intent = standin.get(paid["payment_intent"])
    charge = standin.get(intent["latest_charge"])
    refund = standin.refund(paid["id"], amount=1000)
    standin.settle_refund(standin.refund(paid["id"], amount=700)["id"], succeed=False)
    standin.hold_refunds()
    standin.settle_refund(standin.refund(paid["id"], amount=300)["id"])
    standin.refund(paid["id"], amount=200)
    standin.hold_refunds(False)
    disputed = standin.pay(new(customer_email=None), email="bob@example.com")
    dispute = standin.dispute(disputed["id"])
    won = standin.dispute(standin.pay(new())["id"])
    standin.close_dispute(won["id"], won=True)
    for succeed in (True, False):
        standin.settle(standin.pay_later(new())["id"], succeed=succeed)
    standin.pay_later(new())
    standin.decline(new())
    standin.expire(standin.decline(new())["id"])
    standin.pay(new(line_items=[line_item(0)]))
    standin.pay(new(customer_creation="always"))
    standin.pay_out()
    endpoint = api.webhook_endpoints.create(
        {"url": "https://shop.example.com/hook/", "enabled_events": ["*"]}
    )
    # The endpoint does not exist; nothing shall be sent there.
    standin.webhooks(drop=True)
    return SimpleNamespace(
        now=standin.now(),
        account=api.accounts.retrieve_current().id,
        checkout_session=paid["id"],
        open_session=new(),
        payment_intent=intent["id"],
        payment_method=intent["payment_method"],
        charge=charge["id"],
        balance_transaction=charge["balance_transaction"],
        refund=refund["id"],
        dispute=dispute["id"],
        disputed_charge=dispute["charge"],
        customer=api.customers.create({"email": "ada@example.com"}).id,
        event=standin.events("checkout.session.completed")[0]["id"],
        webhook_endpoint=endpoint.id,
    )


@pytest.fixture(scope="module")
def shop_day():
    with running_standin(seed=11) as standin:
        yield standin, play(standin)


@pytest.mark.parametrize("name", CALLS)
def test_the_standin_answers_as_the_document_says(shop_day, name):
    standin, its = shop_day

    answer = CALLS[name](client_of(standin).v1, copy.copy(its))

    assert problems(_sent(answer)) == []


def test_everything_that_ever_was_is_as_the_document_says(shop_day):
    standin, _ = shop_day
    kinds = set()
    for event in standin.events():
        assert problems(event) == [], event["type"]
        obj = event["data"]["object"]
        assert problems(obj) == [], event["type"]
        kinds.add(obj["object"])

    assert kinds == {
        "charge",
        "checkout.session",
        "customer",
        "dispute",
        "payment_intent",
        "payout",
        "refund",
    }


def test_line_items_prices_and_products_are_as_the_document_says(shop_day):
    standin, its = shop_day
    api = client_of(standin).v1
    items = api.checkout.sessions.line_items.list(its.checkout_session)

    price = api.prices.retrieve(items.data[0].price.id, {"expand": ["product"]})

    assert problems(_sent(price)) == []
    assert price.product.object == "product"


def test_the_standin_takes_no_parameter_that_stripe_refuses():
    patterns = {_pattern(request): request for request in DOCUMENT["requests"]}
    for (method, resource, rest), (rule, _) in ENDPOINTS.items():
        request = patterns.get((method, resource, rest))
        # What the document's record leaves out takes nothing but `expand`, or pages a list.
        own = {"expand", "limit", "starting_after", "ending_before", "created"}
        if request is None:
            assert set(rule.rules) <= own, (method, resource, rest)
        else:
            names = DOCUMENT["requests"][request]
            allowed = names | dict.fromkeys(own & {"created"})
            assert unknown_parameters(rule, allowed) == [], request


def _pattern(request):
    """``GET /v1/charges/{charge}`` → ``("GET", "charges", "*")``"""
    method, path = request.split()
    parts = path.removeprefix("/v1/").split("/")
    length = 2 if parts[0] == "checkout" else 1
    rest = ["*" if part.startswith("{") else part for part in parts[length:]]
    return method, "/".join(parts[:length]), "/".join(rest)


def test_the_record_is_of_the_version_in_use():
    assert DOCUMENT["version"] == API_VERSION == stripe.api_version


def test_the_comparison_sees_what_is_wrong(shop_day):
    standin, its = shop_day
    good = standin.get(its.charge)
    assert problems(good) == []

    for change, problem in (
        ({"colour": "green"}, "charge.colour is unknown to Stripe"),
        ({"amount": "8500"}, 'charge.amount is "8500", not "integer"'),
        ({"paid": None}, 'charge.paid is null, not "boolean"'),
        ({"status": "done"}, "charge.status is"),
        ({"billing_details": {"fax": None}}, "charge.billing_details.fax is unknown to Stripe"),
    ):
        [found] = problems(good | change)
        assert found.startswith(problem)
    del good["currency"]
    assert problems(good) == ["charge.currency is missing"]


@pytest.fixture(scope="module")
def validator():
    """Stripe's own validator of requests, as a client that talks to it."""
    if not STRIPE_MOCK:
        pytest.skip("stripe-mock is neither named by STRIPE_MOCK nor on PATH")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([STRIPE_MOCK, "-http-port", str(port)], stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: _listens(port), seconds=30)
        yield stripe.StripeClient(
            TEST_API_KEY, base_addresses={"api": f"http://127.0.0.1:{port}"}, max_network_retries=0
        )
        process.terminate()


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("name", CALLS)
def test_stripes_own_validator_accepts_the_request(validator, shop_day, name):
    _, its = shop_day

    answer = CALLS[name](validator.v1, copy.copy(its))

    # And its answer carries what our record calls required, so the record is right.
    assert problems(_sent(answer), strict=False) == []


@pytest.mark.parametrize(
    "changes",
    [{"colour": "green"}, {"expires_at": "soon"}, {"mode": "gift"}, {"submit_type": "rob"}],
)
def test_the_validator_and_the_standin_refuse_the_same(validator, new_checkout, changes):
    params = checkout_params(**changes)
    with pytest.raises(stripe.InvalidRequestError):
        new_checkout(**changes)

    with pytest.raises(stripe.InvalidRequestError):
        validator.v1.checkout.sessions.create(params)
