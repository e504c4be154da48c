"""Idempotency keys: the same request is carried out once, whatever became of its answer."""

import threading

import pytest
import stripe

from .conftest import checkout_params, client_of, line_item, wait_for
from .test_door import raw

DAY = 24 * 60 * 60


def test_the_same_key_gives_the_same_session(new_checkout, standin):
    first = new_checkout({"idempotency_key": "order-1"})
    second = new_checkout({"idempotency_key": "order-1"})

    assert second.id == first.id
    assert len(standin.checkout_sessions()) == 1
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.request_id
    assert second.last_response.request_id != first.last_response.request_id
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_the_first_answer_is_given_again_even_when_things_have_changed(new_checkout, standin):
    first = new_checkout({"idempotency_key": "order-1"})
    standin.pay(first.id)

    again = new_checkout({"idempotency_key": "order-1"})

    assert (again.status, again.url) == ("open", first.url)


def test_other_keys_and_no_key_make_new_sessions(new_checkout, standin):
    new_checkout({"idempotency_key": "order-1"})
    new_checkout({"idempotency_key": "order-2"})
    new_checkout()
    new_checkout()

    assert len(standin.checkout_sessions()) == 4


def test_other_parameters_under_the_same_key_are_an_error(new_checkout, standin):
    new_checkout({"idempotency_key": "order-1"})

    with pytest.raises(stripe.IdempotencyError, match="same parameters") as refusal:
        new_checkout({"idempotency_key": "order-1"}, line_items=[line_item(100)])

    assert refusal.value.http_status == 400
    assert refusal.value.error.type == "idempotency_error"
    assert len(standin.checkout_sessions()) == 1


def test_another_address_under_the_same_key_is_an_error(new_checkout, client):
    checkout_session = new_checkout({"idempotency_key": "order-1"})

    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.checkout.sessions.expire(checkout_session.id, options={"idempotency_key": "order-1"})


def test_the_order_of_parameters_does_not_matter(standin):
    forms = ["email=a%40example.com&name=A", "name=A&email=a%40example.com"]
    headers = {
        "Content_Type": "application/x-www-form-urlencoded",
        "Idempotency_Key": "customer-1",
    }

    ids = {raw(standin, "POST", "/v1/customers", form, **headers)[2]["id"] for form in forms}

    assert len(ids) == 1


def test_a_key_is_kept_for_a_day(new_checkout, standin):
    first = new_checkout({"idempotency_key": "order-1"})
    standin.advance(DAY - 10)
    assert new_checkout({"idempotency_key": "order-1"}).id == first.id

    standin.advance(20)

    assert new_checkout({"idempotency_key": "order-1"}).id != first.id


def test_a_failed_check_leaves_the_key_free(new_checkout):
    with pytest.raises(stripe.InvalidRequestError):
        new_checkout({"idempotency_key": "order-1"}, mode="gift")

    assert new_checkout({"idempotency_key": "order-1"}).status == "open"


def test_a_refusal_by_the_state_of_things_is_kept(new_checkout, standin, client):
    checkout_session = new_checkout()
    paid = standin.pay(checkout_session.id)
    refund = standin.refund(paid["id"])
    params = {"payment_intent": paid["payment_intent"]}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            client.v1.refunds.create(params, {"idempotency_key": "refund-1"})
        assert refusal.value.code == "charge_already_refunded"
    standin.settle_refund(refund["id"], succeed=False)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create(params, {"idempotency_key": "refund-1"})

    assert refusal.value.headers["Idempotent-Replayed"] == "true"
    assert client.v1.refunds.create(params, {"idempotency_key": "refund-2"}).status == "succeeded"


def test_a_server_error_is_kept(new_checkout, standin):
    standin.misbehave("error", count=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failure:
            new_checkout({"idempotency_key": "order-1"})
        assert failure.value.http_status == 500

    assert failure.value.headers["Idempotent-Replayed"] == "true"
    assert standin.checkout_sessions() == []
    assert new_checkout({"idempotency_key": "order-2"}).status == "open"


def test_a_lost_answer_is_found_again(new_checkout, standin):
    standin.misbehave("drop", count=1)
    with pytest.raises(stripe.APIConnectionError):
        new_checkout({"idempotency_key": "order-1"})
    [made] = standin.checkout_sessions()

    again = new_checkout({"idempotency_key": "order-1"})

    assert again.id == made["id"]
    assert len(standin.checkout_sessions()) == 1


def test_stripes_client_finds_a_lost_answer_by_itself(standin):
    """It makes up a key of its own and repeats the call when the connection breaks."""
    client = client_of(standin, max_network_retries=2)
    standin.misbehave("drop", count=2)

    checkout_session = client.v1.checkout.sessions.create(checkout_params())

    assert [made["id"] for made in standin.checkout_sessions()] == [checkout_session.id]
    assert [request["is_replay"] for request in standin.requests()] == [False, True, True]


def test_while_the_first_is_under_way_the_second_is_told_so(standin):
    standin.misbehave("slow", count=1, seconds=0.6, performed=False)
    results = []

    def create():
        try:
            client = client_of(standin)
            params, options = checkout_params(), {"idempotency_key": "order-1"}
            results.append(client.v1.checkout.sessions.create(params, options).id)
        except stripe.StripeError as error:
            results.append((error.http_status, error.error.code))

    slow = threading.Thread(target=create)
    slow.start()
    wait_for(lambda: standin._api.keys._records)
    create()
    slow.join()

    assert results[0] == (409, "idempotency_key_in_use")
    assert results[1] == standin.checkout_sessions()[0]["id"]


def test_many_at_once_with_one_key_make_one_session(standin):
    ids, threads = set(), []
    for _ in range(8):
        client = client_of(standin, max_network_retries=5)

        def create(client=client):
            params, options = checkout_params(), {"idempotency_key": "order-1"}
            ids.add(client.v1.checkout.sessions.create(params, options).id)

        threads.append(threading.Thread(target=create))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ids == {made["id"] for made in standin.checkout_sessions()}
    assert len(ids) == 1


def test_a_key_has_a_longest_length(new_checkout):
    with pytest.raises(stripe.IdempotencyError, match="at most 255"):
        new_checkout({"idempotency_key": "k" * 256})
