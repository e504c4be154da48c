"""Before any work is done: keys, versions, addresses, parameters, and how a refusal looks."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
import stripe

from payments.standin import API_VERSION

from .conftest import checkout_params, line_item


def raw(standin, method, path, body=None, **headers):
    """A request without Stripe's client in between. Returns status, headers and the decoded body."""
    connection = http.client.HTTPConnection(urlsplit(standin.url).netloc, timeout=10)
    given = {"Authorization": f"Bearer {standin.api_key}"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    given = {name: value for name, value in given.items() if value is not None}
    connection.request(method, path, body, given)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, response.headers, json.loads(text)


def test_an_answer_carries_its_request_id_and_version(standin):
    status, headers, account = raw(standin, "GET", "/v1/account")

    assert (status, account["object"]) == (200, "account")
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == API_VERSION
    assert headers["Content-Type"] == "application/json"


def test_the_version_asked_for_is_echoed(standin):
    _, headers, _ = raw(standin, "GET", "/v1/account", Stripe_Version="2026-05-27.dahlia")

    assert headers["Stripe-Version"] == "2026-05-27.dahlia"


def test_a_version_that_is_none_is_refused(standin):
    status, _, body = raw(standin, "GET", "/v1/account", Stripe_Version="latest")

    assert status == 400
    assert "Invalid Stripe API version" in body["error"]["message"]


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "You did not provide an API key"),
        ("Bearer ", "You did not provide an API key"),
        ("Bearer sk_test_short", "Invalid API Key provided"),
        ("Bearer pk_test_standin000000000000000000", "Invalid API Key provided"),
        ("Bearer sk_live_standin000000000000000000", "A live key was sent"),
        ("Basic c2tfdGVzdF94Og==", "as a bearer token only"),
    ],
)
def test_a_missing_or_wrong_key_is_unauthorized(standin, authorization, message):
    status, _, body = raw(standin, "GET", "/v1/account", Authorization=authorization)

    assert status == 401
    assert body["error"]["type"] == "invalid_request_error"
    assert message in body["error"]["message"]


def test_a_wrong_key_is_not_repeated_in_full(standin):
    key = "sk_test_almost!but#not$quite%right"

    _, _, body = raw(standin, "GET", "/v1/account", Authorization=f"Bearer {key}")

    assert key not in json.dumps(body)


def test_a_restricted_key_is_a_key(standin):
    key = "rk_test_standin000000000000000000"

    status, _, _ = raw(standin, "GET", "/v1/account", Authorization=f"Bearer {key}")

    assert status == 200


def test_stripes_client_sees_an_authentication_error(standin):
    client = stripe.StripeClient("sk_test_nope", base_addresses={"api": standin.url})

    with pytest.raises(stripe.AuthenticationError):
        client.v1.accounts.retrieve_current()


def test_the_account_is_retrieved_by_id_too(client, standin):
    account_id = client.v1.accounts.retrieve_current().id

    assert client.v1.accounts.retrieve(account_id).id == account_id
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.accounts.retrieve("acct_other")
    assert refusal.value.code == "resource_missing"


def test_another_account_is_out_of_reach(client):
    with pytest.raises(stripe.PermissionError):
        client.v1.charges.list(options={"stripe_account": "acct_other"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/invoices"),
        ("DELETE", "/v1/account"),
        ("GET", "/v1/checkout/sessions/"),
        ("GET", "/v1/checkout"),
        ("POST", "/v1/checkout/sessions/cs_1/close"),
    ],
)
def test_an_unknown_address_is_said_to_be_unknown(standin, method, path):
    status, _, body = raw(standin, method, path)

    assert status == 404
    assert f"Unrecognized request URL ({method}: {path})" in body["error"]["message"]


@pytest.mark.parametrize(
    ("path", "noun", "param"),
    [
        ("checkout/sessions/cs_none", "checkout session", "session"),
        ("payment_intents/pi_none", "payment_intent", "intent"),
        ("charges/ch_none", "charge", "id"),
        ("refunds/re_none", "refund", "id"),
        ("disputes/du_none", "dispute", "id"),
        ("customers/cus_none", "customer", "id"),
        ("balance_transactions/txn_none", "balance_transaction", "id"),
        ("events/evt_none", "event", "id"),
        ("webhook_endpoints/we_none", "webhook_endpoint", "id"),
        ("payment_methods/pm_none", "payment_method", "id"),
    ],
)
def test_a_missing_object_is_said_to_be_missing(standin, path, noun, param):
    status, _, body = raw(standin, "GET", f"/v1/{path}")

    identifier = path.rpartition("/")[2]
    assert status == 404
    assert body["error"] == {
        "message": f"No such {noun}: '{identifier}'",
        "type": "invalid_request_error",
        "code": "resource_missing",
        "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
        "param": param,
    }


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"colour": "green"}, "colour", "parameter_unknown"),
        (
            {"line_items": [{**line_item(), "size": "XL"}]},
            "line_items[0][size]",
            "parameter_unknown",
        ),
        ({"payment_intent_data": {"capture": "1"}}, "payment_intent_data[capture]", "parameter_unknown"),
        ({"mode": None}, "mode", "parameter_missing"),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"line_items": None}, "line_items", "parameter_missing"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data]", "parameter_missing"),
        (
            {"line_items": [{"price_data": line_item()["price_data"]}]},
            "line_items[0][quantity]",
            "parameter_missing",
        ),
        ({"line_items": [line_item(amount="ten")]}, None, "parameter_invalid_integer"),
        ({"line_items": [line_item(amount=-1)]}, None, "parameter_invalid_integer"),
        ({"line_items": [line_item(quantity=0)]}, None, "parameter_invalid_integer"),
        ({"line_items": "spoon"}, "line_items", None),
        ({"client_reference_id": ""}, "client_reference_id", "parameter_invalid_empty"),
        ({"client_reference_id": "x" * 201}, "client_reference_id", None),
        ({"customer_email": "not an address"}, "customer_email", "email_invalid"),
        ({"success_url": "javascript:alert(1)"}, "success_url", "url_invalid"),
        ({"cancel_url": "/relative"}, "cancel_url", "url_invalid"),
        ({"mode": "gift"}, "mode", None),
        ({"metadata": {"k" * 41: "v"}}, "metadata", None),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]", None),
        ({"metadata": {str(number): "v" for number in range(51)}}, "metadata", None),
        ({"phone_number_collection": {"enabled": "maybe"}}, "phone_number_collection[enabled]", None),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(new_checkout, standin, changes, param, code):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        new_checkout(**changes)

    assert (refusal.value.http_status, refusal.value.code) == (400, code)
    assert param is None or refusal.value.param == param
    assert standin.checkout_sessions() == []


def test_a_list_takes_no_unknown_filter(client):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.list({"status": "failed"})

    assert refusal.value.code == "parameter_unknown"


def test_only_forms_are_read(standin):
    body = json.dumps(checkout_params())

    status, _, answer = raw(standin, "POST", "/v1/checkout/sessions", body, Content_Type="application/json")

    assert status == 400
    assert "application/x-www-form-urlencoded" in answer["error"]["message"]


@pytest.mark.parametrize(
    "expand",
    ["client_reference_id", "id", "colour", "line_items.data", "a.b.c.d.e", "metadata"],
)
def test_what_cannot_be_expanded_is_refused(client, new_checkout, expand):
    checkout_session = new_checkout()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.retrieve(checkout_session.id, {"expand": [expand]})

    assert refusal.value.param == "expand"


def test_a_list_hints_at_how_to_expand_it(client, new_checkout):
    new_checkout()

    with pytest.raises(stripe.InvalidRequestError, match=r"data\.payment_intent"):
        client.v1.checkout.sessions.list({"expand": ["payment_intent"]})
