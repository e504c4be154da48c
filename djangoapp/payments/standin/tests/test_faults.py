"""The switches that make the API misbehave."""

import time

import pytest
import stripe

from .conftest import checkout_params, client_of


def test_rate_limited_requests_are_not_performed(new_checkout, standin):
    standin.misbehave("rate_limit", count=2)

    for _ in range(2):
        with pytest.raises(stripe.RateLimitError) as refusal:
            new_checkout({"idempotency_key": "order-1"})
        assert (refusal.value.http_status, refusal.value.error.code) == (429, "rate_limit")

    assert standin.checkout_sessions() == []
    # Nothing was kept under the key either.
    assert new_checkout({"idempotency_key": "order-1"}).status == "open"


@pytest.mark.parametrize(("performed", "made"), [(False, 0), (True, 1)])
def test_an_error_may_come_before_or_after_the_work(new_checkout, standin, performed, made):
    standin.misbehave("error", count=1, performed=performed)

    with pytest.raises(stripe.APIError) as failure:
        new_checkout()

    assert failure.value.error.type == "api_error"
    assert len(standin.checkout_sessions()) == made


@pytest.mark.parametrize(("performed", "made"), [(False, 0), (True, 1)])
def test_a_dropped_connection_loses_the_answer(new_checkout, standin, performed, made):
    standin.misbehave("drop", count=1, performed=performed)

    with pytest.raises(stripe.APIConnectionError):
        new_checkout()

    assert len(standin.checkout_sessions()) == made
    assert new_checkout().status == "open"


def test_a_slow_answer_comes_after_the_clients_patience(standin):
    standin.misbehave("slow", count=1, seconds=1.5)
    hasty = client_of(standin, http_client=stripe.RequestsClient(timeout=0.3))

    with pytest.raises(stripe.APIConnectionError):
        hasty.v1.checkout.sessions.create(checkout_params(), {"idempotency_key": "order-1"})

    # The work is done all the same, and the key leads to it.
    [made] = standin.checkout_sessions()
    again = hasty.v1.checkout.sessions.create(checkout_params(), {"idempotency_key": "order-1"})
    assert again.id == made["id"]


def test_a_slow_answer_arrives_at_a_patient_client(new_checkout, standin):
    standin.misbehave("slow", count=1, seconds=0.3)
    began = time.monotonic()

    assert new_checkout().status == "open"

    assert time.monotonic() - began >= 0.3


def test_only_the_paths_and_methods_meant_are_hit(client, new_checkout, standin):
    standin.misbehave("error", prefix="/v1/refunds", method="POST")

    checkout_session = standin.pay(new_checkout().id)

    assert client.v1.refunds.list().data == []
    with pytest.raises(stripe.APIError):
        client.v1.refunds.create({"payment_intent": checkout_session["payment_intent"]})


def test_it_lasts_until_told_to_behave(client, standin):
    standin.misbehave("error")
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            client.v1.accounts.retrieve_current()

    standin.behave()

    assert client.v1.accounts.retrieve_current().object == "account"


def test_switches_are_taken_in_the_order_they_were_set(client, standin):
    standin.misbehave("rate_limit", count=1)
    standin.misbehave("error", count=1)

    with pytest.raises(stripe.RateLimitError):
        client.v1.accounts.retrieve_current()
    with pytest.raises(stripe.APIError):
        client.v1.accounts.retrieve_current()
    assert client.v1.accounts.retrieve_current().object == "account"


def test_the_log_says_which_switch_hit(client, standin):
    standin.misbehave("error", count=1)
    with pytest.raises(stripe.APIError):
        client.v1.accounts.retrieve_current()

    [entry] = standin.requests("/v1/account")

    assert (entry["method"], entry["status"], entry["fault"]) == ("GET", 500, "error")


@pytest.mark.parametrize(
    "arguments",
    [
        {"kind": "explode"},
        {"kind": "slow"},
        {"kind": "rate_limit", "performed": True},
    ],
)
def test_a_switch_that_makes_no_sense_is_refused(standin, arguments):
    with pytest.raises(ValueError, match=r"kind|seconds|performed"):
        standin.misbehave(**arguments)


def test_a_provider_that_is_gone_comes_back_with_everything(client, new_checkout, standin):
    checkout_session = new_checkout()

    standin.unplug()
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.retrieve(checkout_session.id)
    standin.plug_in()

    assert client.v1.checkout.sessions.retrieve(checkout_session.id).id == checkout_session.id
