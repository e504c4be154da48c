"""Webhooks: signed as Stripe signs them, repeated until accepted, and mistreated on request."""

import json
import threading
import time

import pytest
import stripe

from payments.standin import API_VERSION, running_standin

from .conftest import WEBHOOK_SECRET, checkout_params, client_of, wait_for

COMPLETED = "checkout.session.completed"


@pytest.fixture
def only_completed(receiver):
    """A stand-in that tells of completed sessions only."""
    with running_standin(
        webhook_url=receiver.url,
        webhook_secret=WEBHOOK_SECRET,
        enabled_events=[COMPLETED],
        retry_seconds=(0.05, 0.1),
        seed=7,
    ) as standin:
        yield standin


@pytest.fixture
def standin(only_completed):
    """Replaces the usual one, so that each payment means one webhook."""
    return only_completed


def is_genuine(request, secret=WEBHOOK_SECRET) -> bool:
    """Whether Stripe's own library takes it as signed by Stripe, just now."""
    try:
        stripe.Webhook.construct_event(request["body"], request["signature"], secret)
    except stripe.SignatureVerificationError:
        return False
    return True


def outcomes(standin) -> list[tuple]:
    return [(entry["attempt"], entry["outcome"], entry["status"]) for entry in standin.deliveries()]


def test_a_webhook_is_signed_and_whole(new_checkout, standin, receiver):
    checkout_session = new_checkout()

    standin.pay(checkout_session.id)

    [request] = receiver.requests
    event = stripe.Webhook.construct_event(request["body"], request["signature"], WEBHOOK_SECRET)
    assert event.id.startswith("evt_")
    assert (event.type, event.livemode, event.pending_webhooks) == (COMPLETED, False, 1)
    assert event.api_version == API_VERSION
    assert event.data.object.id == checkout_session.id
    assert event.data.object.payment_status == "paid"
    assert not is_genuine(request, "whsec_another")


def test_only_the_wanted_events_are_sent_but_all_are_kept(new_checkout, standin, receiver):
    standin.pay(new_checkout().id)

    assert receiver.types == [COMPLETED]
    assert len(standin.events()) == 5
    assert [event["pending_webhooks"] for event in standin.events("charge.succeeded")] == [0]


def test_a_refused_webhook_is_repeated_and_signed_anew(new_checkout, standin, receiver):
    receiver.answers = [500, 404]

    standin.pay(new_checkout().id)
    assert len(receiver.requests) == 1
    wait_for(lambda: len(receiver.requests) == 3)
    standin.wait_until_idle()

    assert len({event["id"] for event in receiver.events}) == 1
    assert all(is_genuine(request) for request in receiver.requests)
    assert outcomes(standin) == [(1, "failed", 500), (2, "failed", 404), (3, "accepted", 200)]


def test_after_the_last_repetition_it_is_given_up(new_checkout, standin, receiver):
    receiver.answers = [500] * 10

    standin.pay(new_checkout().id)
    wait_for(lambda: len(receiver.requests) == 3)
    time.sleep(0.3)

    assert len(receiver.requests) == 3


@pytest.mark.parametrize("status", [301, 304, 400, 503])
def test_anything_but_success_is_a_failure(new_checkout, standin, receiver, status):
    receiver.answers = [status]

    standin.pay(new_checkout().id)

    assert outcomes(standin)[0] == (1, "failed", status)


def test_a_receiver_that_is_gone_gets_it_when_it_is_back(new_checkout, standin, receiver):
    receiver._server.stop()
    standin.pay(new_checkout().id)
    [entry] = standin.deliveries()
    assert (entry["outcome"], entry["status"]) == ("failed", None)
    assert "Refused" in entry["error"]

    receiver._server.start()
    standin.flush()

    assert receiver.types == [COMPLETED]


def test_connections_stay_open(new_checkout, standin, receiver):
    with running_standin(
        webhook_url=receiver.url,
        webhook_secret=WEBHOOK_SECRET,
        enabled_events=[COMPLETED],
        delivery_workers=1,
    ) as single:
        client = client_of(single)
        for _ in range(5):
            single.pay(client.v1.checkout.sessions.create(checkout_params()).id)

    assert len(receiver.requests) == 5
    assert receiver.connections == 1


def test_duplicates(new_checkout, standin, receiver):
    standin.webhooks(duplicate=2)

    standin.pay(new_checkout().id)
    standin.wait_until_idle()

    assert len(receiver.requests) == 3
    assert len({event["id"] for event in receiver.events}) == 1
    assert sorted(entry["is_copy"] for entry in standin.deliveries()) == [False, True, True]


def test_the_latest_can_be_had_alone(new_checkout, standin, receiver):
    for _ in range(3):
        standin.pay(new_checkout().id)
    standin.wait_until_idle()

    assert standin.events(latest=2) == standin.events()[-2:]
    assert standin.deliveries(latest=2) == standin.deliveries()[-2:]
    assert standin.delivered() == len(standin.deliveries()) > 2


def test_delay(new_checkout, standin, receiver):
    standin.webhooks(delay_seconds=3600)

    standin.pay(new_checkout().id)
    standin.wait_until_idle()
    assert receiver.requests == []

    standin.advance(3599)
    time.sleep(0.1)
    assert receiver.requests == []

    standin.advance(2)
    wait_for(lambda: receiver.types == [COMPLETED])
    assert is_genuine(receiver.requests[0])


def test_drop(new_checkout, standin, receiver):
    standin.webhooks(drop=True, count=1)

    standin.pay(new_checkout().id)
    standin.flush()
    assert receiver.requests == []
    assert outcomes(standin) == [(1, "dropped", None)]

    standin.pay(new_checkout().id)
    assert receiver.types == [COMPLETED]


def test_hold_and_flush(new_checkout, standin, receiver):
    standin.webhooks(hold=True)
    first, second = (standin.pay(new_checkout().id) for _ in range(2))

    assert receiver.requests == []
    assert [event_type for _, event_type in standin.held()] == [COMPLETED, COMPLETED]

    assert standin.flush("reverse") is True
    assert [event["data"]["object"]["id"] for event in receiver.events] == [second["id"], first["id"]]
    assert standin.held() == []


def test_a_flush_in_random_order_delivers_each_once(new_checkout, standin, receiver):
    standin.webhooks(hold=True)
    paid = [standin.pay(new_checkout().id)["id"] for _ in range(12)]

    standin.flush("shuffle")

    delivered = [event["data"]["object"]["id"] for event in receiver.events]
    assert sorted(delivered) == sorted(paid)
    assert delivered != paid


def test_a_flush_in_no_known_order_is_refused(standin):
    with pytest.raises(ValueError, match="order is one of"):
        standin.flush("sideways")


@pytest.mark.parametrize("order", ["reverse", "shuffle"])
def test_reorder(receiver, order):
    with running_standin(webhook_url=receiver.url, webhook_secret=WEBHOOK_SECRET, seed=3) as standin:
        client = client_of(standin)
        standin.webhooks(reorder=order)

        standin.pay(client.v1.checkout.sessions.create(checkout_params()).id)

        happened = [event["type"] for event in standin.events()]
        assert sorted(receiver.types) == sorted(happened)
        assert receiver.types != happened
        if order == "reverse":
            assert receiver.types == happened[::-1]


def test_forged_signatures(new_checkout, standin, receiver):
    standin.webhooks(forge=True, count=1)

    standin.pay(new_checkout().id)

    assert not is_genuine(receiver.requests[0])


def test_old_timestamps(new_checkout, standin, receiver):
    standin.webhooks(age_seconds=400, count=1)

    standin.pay(new_checkout().id)

    [request] = receiver.requests
    assert not is_genuine(request)
    # Only the age is wrong, the signature is not.
    assert stripe.WebhookSignature.verify_header(
        request["body"], request["signature"], WEBHOOK_SECRET, tolerance=500
    )


def test_a_rule_may_be_for_some_types_only(receiver):
    with running_standin(webhook_url=receiver.url, webhook_secret=WEBHOOK_SECRET) as standin:
        standin.webhooks(types="charge.*", drop=True)
        standin.webhooks(types=["payment_intent.created", "payment_intent.succeeded"], drop=True)
        client = client_of(standin)

        standin.pay(client.v1.checkout.sessions.create(checkout_params()).id)

    assert receiver.types == [COMPLETED]


def test_rules_end(new_checkout, standin, receiver):
    standin.webhooks(drop=True)
    standin.webhooks_normal()

    standin.pay(new_checkout().id)

    assert receiver.types == [COMPLETED]


def test_a_rule_that_makes_no_sense_is_refused(standin):
    with pytest.raises(ValueError, match="reorder"):
        standin.webhooks(reorder="sideways")


def test_one_event_can_be_sent_at_will(new_checkout, standin, receiver):
    standin.webhooks(hold=True)
    standin.pay(new_checkout().id)
    [[event_id, _]] = standin.held()

    entries = [
        *standin.deliver(event_id),
        *standin.deliver(event_id, forge=True),
        *standin.deliver(event_id, age_seconds=600),
    ]

    assert [entry["status"] for entry in entries] == [200, 200, 200]
    assert [is_genuine(request) for request in receiver.requests] == [True, False, False]


def test_an_event_about_something_unknown(standin, receiver):
    event = standin.emit(COMPLETED, {"id": "cs_test_unknown", "object": "checkout.session"})

    [request] = receiver.requests
    assert is_genuine(request)
    assert json.loads(request["body"]) == event


def test_several_listeners_each_get_it(new_checkout, standin, receiver, client):
    second = client.v1.webhook_endpoints.create(
        {"url": f"{receiver.url}second/", "enabled_events": [COMPLETED], "api_version": "2026-05-27.dahlia"}
    )

    standin.pay(new_checkout().id)
    standin.wait_until_idle()

    assert len(receiver.requests) == 2
    by_version = {json.loads(request["body"])["api_version"]: request for request in receiver.requests}
    assert is_genuine(by_version[API_VERSION], WEBHOOK_SECRET)
    assert is_genuine(by_version["2026-05-27.dahlia"], second.secret)


def test_the_secret_of_an_endpoint_is_shown_once(client, receiver):
    created = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})

    assert created.secret.startswith("whsec_")
    assert "secret" not in client.v1.webhook_endpoints.retrieve(created.id).to_dict()
    assert [found.id for found in client.v1.webhook_endpoints.list().data] == [created.id]


def test_paying_waits_for_the_answer(new_checkout, standin, receiver):
    receiver.gate = threading.Event()
    checkout_session = new_checkout()
    payer = threading.Thread(target=standin.pay, args=(checkout_session.id,))
    payer.start()
    payer.join(0.3)
    assert payer.is_alive()

    receiver.gate.set()
    payer.join(5)

    assert not payer.is_alive()


def test_paying_does_not_wait_when_told_so(new_checkout, standin, receiver):
    receiver.gate = threading.Event()

    standin.pay(new_checkout().id, wait=False)

    assert standin.wait_until_idle(timeout_seconds=0.2) is False
    receiver.gate.set()
    assert standin.wait_until_idle() is True


def test_a_webhook_needs_a_secret(standin):
    with pytest.raises(ValueError, match="secret"):
        standin.add_webhook("http://127.0.0.1:1/", "")
