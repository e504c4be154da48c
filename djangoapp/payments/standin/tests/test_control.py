"""Commands over HTTP, the clock, and starting afresh."""

import json

import pytest
import stripe

from payments.standin import CommandRefused, StandInClient
from payments.standin.control import COMMANDS
from payments.standin.errors import ApiError
from payments.standin.store import Store

from .test_door import raw


def command(standin, name, body="{}", method="POST", content_type="application/json"):
    status, _, answer = raw(standin, method, f"/_control/{name}", body, Content_Type=content_type)
    return status, answer


def test_every_command_is_described(standin):
    status, answer = command(standin, "", method="GET")

    assert status == 200
    assert answer.keys() == COMMANDS.keys()
    assert answer["advance"]["arguments"] == ["seconds: float"]


def test_a_command_over_http(standin, new_checkout):
    checkout_session = new_checkout()

    status, answer = command(standin, "pay", json.dumps({"checkout_session_id": checkout_session.id}))

    assert (status, answer["result"]["status"]) == (200, "complete")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"name": "fly"}, 404),
        ({"name": "_act"}, 404),
        ({"name": "close"}, 404),
        ({"name": "pay", "body": '{"checkout_session_id": "cs_none"}'}, 404),
        ({"name": "pay"}, 400),
        ({"name": "pay", "body": '{"colour": "green"}'}, 400),
        ({"name": "pay", "body": "[1]"}, 400),
        ({"name": "pay", "body": "{"}, 400),
        ({"name": "misbehave", "body": '{"kind": "explode"}'}, 400),
        ({"name": "webhooks", "body": '{"reorder": "sideways"}'}, 400),
        ({"name": "reset", "method": "GET"}, 405),
        # What a form on some web page could send.
        ({"name": "reset", "content_type": "text/plain"}, 405),
    ],
)
def test_a_wrong_command_is_refused(standin, arguments, status):
    answer_status, answer = command(standin, **arguments)

    assert answer_status == status
    assert answer["error"]["message"]


def test_the_client_knows_the_same_commands(standin, new_checkout):
    commands = StandInClient(standin.url)
    checkout_session = new_checkout()

    commands.decline(checkout_session.id)
    commands.webhooks(types=["charge.*"], drop=True)
    commands.hold_refunds()
    paid = commands.pay(checkout_session.id, email=None)
    refund = commands.refund(paid["id"], amount=100)

    assert commands.get(refund["id"])["status"] == "pending"
    assert commands.settle_refund(refund["id"], succeed=False)["status"] == "failed"
    assert commands.checkout_sessions(status="complete") == [commands.get(paid["id"])]
    with pytest.raises(AttributeError, match="no command"):
        commands.fly()
    with pytest.raises(TypeError):
        commands.pay()
    with pytest.raises(CommandRefused, match="kind is one of"):
        commands.misbehave("explode")


def test_the_clock_moves_forward_only(standin):
    before = standin.now()

    assert before + 100 <= standin.advance(100) <= before + 105

    with pytest.raises(ApiError, match="forward"):
        standin.advance(-1)


def test_tampering_changes_an_object_silently(new_checkout, standin, client, receiver):
    checkout_session = new_checkout()

    standin.tamper(checkout_session.id, {"amount_total": 1, "currency": "eur"})

    changed = client.v1.checkout.sessions.retrieve(checkout_session.id)
    assert (changed.amount_total, changed.currency) == (1, "eur")
    assert receiver.requests == []
    with pytest.raises(ApiError, match="has no colour"):
        standin.tamper(checkout_session.id, {"colour": "green"})


def test_get_finds_any_object(new_checkout, standin):
    paid = standin.pay(new_checkout().id)
    [event] = standin.events("checkout.session.completed")

    assert standin.get(event["id"]) == event
    assert standin.get(paid["payment_intent"])["object"] == "payment_intent"
    with pytest.raises(ApiError, match="not an id"):
        standin.get("nonsense")


def test_what_is_returned_is_a_copy(new_checkout, standin):
    checkout_session = new_checkout()

    standin.get(checkout_session.id)["status"] = "complete"
    standin.checkout_sessions()[0]["metadata"]["order"] = "other"

    kept = standin.get(checkout_session.id)
    assert (kept["status"], kept["metadata"]) == ("open", {"order": "ABCD-EFGH-JKLM"})


def test_reset_forgets_all_but_the_endpoints(new_checkout, standin, client, receiver):
    standin.advance(1000)
    standin.hold_refunds()
    standin.webhooks(hold=True)
    paid = standin.pay(new_checkout({"idempotency_key": "order-1"}).id)
    standin.misbehave("error")

    standin.reset()

    assert standin.checkout_sessions() == standin.events() == standin.deliveries() == []
    assert standin.requests() == standin.held() == []
    standin.flush()
    assert receiver.requests == []
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.retrieve(paid["id"])
    fresh = new_checkout({"idempotency_key": "order-1"})
    assert fresh.id != paid["id"]
    paid = standin.pay(fresh.id)
    assert "checkout.session.completed" in receiver.types
    assert standin.refund(paid["id"])["status"] == "succeeded"


def test_the_same_seed_gives_the_same_ids():
    first, same, other = (Store(seed).new_id("charge") for seed in (5, 5, 6))

    assert first == same
    assert first != other
