"""Refunds and disputes: how much, when, and what the shop is told."""

import pytest
import stripe

from payments.standin.errors import ApiError


@pytest.fixture
def charge(new_checkout, standin, receiver) -> dict:
    """A paid charge of 85 francs; its webhooks are out of the way."""
    paid = standin.pay(new_checkout().id)
    standin.wait_until_idle()
    receiver.requests.clear()
    return standin.get(standin.get(paid["payment_intent"])["latest_charge"])


def test_a_whole_refund(client, charge, standin, receiver):
    refund = client.v1.refunds.create(
        {
            "payment_intent": charge["payment_intent"],
            "reason": "requested_by_customer",
            "metadata": {"refund": "7"},
        }
    )

    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 8500, charge["id"])
    assert (refund.reason, refund.metadata["refund"]) == ("requested_by_customer", "7")
    after = client.v1.charges.retrieve(charge["id"], {"expand": ["refunds"]})
    assert (after.refunded, after.amount_refunded) == (True, 8500)
    assert [found.id for found in after.refunds.data] == [refund.id]
    transaction = client.v1.balance_transactions.retrieve(refund.balance_transaction)
    assert (transaction.amount, transaction.fee, transaction.type) == (-8500, 0, "refund")
    standin.wait_until_idle()
    assert receiver.types == ["charge.refunded", "refund.created"]
    assert receiver.events[0]["data"]["previous_attributes"] == {"amount_refunded": 0, "refunded": False}


def test_partial_refunds_add_up_to_the_charge_and_no_further(client, charge):
    create = client.v1.refunds.create
    create({"charge": charge["id"], "amount": 3000})
    create({"charge": charge["id"], "amount": 3000})

    with pytest.raises(stripe.InvalidRequestError, match=r"CHF 30\.00.*CHF 25\.00") as refusal:
        create({"charge": charge["id"], "amount": 3000})
    assert refusal.value.param == "amount"

    assert create({"charge": charge["id"]}).amount == 2500
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        create({"charge": charge["id"], "amount": 1})
    assert refusal.value.code == "charge_already_refunded"
    found = client.v1.refunds.list({"charge": charge["id"]}).data
    assert [refund.amount for refund in found] == [2500, 3000, 3000]
    assert found == client.v1.refunds.list({"payment_intent": charge["payment_intent"]}).data


@pytest.mark.parametrize("amount", [0, -5, 8501])
def test_an_impossible_amount_is_refused(client, charge, amount):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"charge": charge["id"], "amount": amount})

    assert client.v1.refunds.list().data == []


def test_a_refund_needs_something_to_refund(client, new_checkout, standin):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"amount": 100})
    assert refusal.value.code == "parameter_missing"

    declined = standin.decline(new_checkout().id)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": declined["payment_intent"]})


def test_charge_and_intent_must_belong_together(client, charge, new_checkout, standin):
    other = standin.pay(new_checkout().id)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"charge": charge["id"], "payment_intent": other["payment_intent"]})

    assert refusal.value.param == "charge"


def test_a_refund_may_wait_and_then_arrive(client, charge, standin, receiver):
    standin.hold_refunds()
    refund = client.v1.refunds.create({"charge": charge["id"]})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")

    standin.settle_refund(refund.id)

    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert receiver.types == ["charge.refunded", "refund.created", "refund.updated"]


@pytest.mark.parametrize("waits", [True, False])
def test_a_failed_refund_frees_its_amount(client, charge, standin, receiver, waits):
    standin.hold_refunds(waits)
    refund = client.v1.refunds.create({"charge": charge["id"], "amount": 8500})

    standin.settle_refund(refund.id, succeed=False)

    failed = client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert failed.failure_balance_transaction.amount == 8500
    after = client.v1.charges.retrieve(charge["id"])
    assert (after.refunded, after.amount_refunded) == (False, 0)
    assert receiver.types[-3:] == ["refund.updated", "refund.failed", "charge.refund.updated"]
    standin.hold_refunds(False)
    assert client.v1.refunds.create({"charge": charge["id"], "amount": 8500}).status == "succeeded"


def test_a_settled_refund_is_settled(charge, standin):
    refund = standin.refund(charge["id"])
    with pytest.raises(ApiError, match="`succeeded`"):
        standin.settle_refund(refund["id"])
    standin.settle_refund(refund["id"], succeed=False)

    with pytest.raises(ApiError, match="`failed`"):
        standin.settle_refund(refund["id"], succeed=False)


def test_a_refund_from_the_dashboard_has_no_request_behind_it(charge, standin, receiver):
    refund = standin.refund(charge["payment_intent"], amount=1000, reason="duplicate")

    assert (refund["amount"], refund["reason"], refund["metadata"]) == (1000, "duplicate", {})
    assert receiver.types == ["charge.refunded", "refund.created"]
    assert receiver.events[0]["request"] == {"id": None, "idempotency_key": None}


@pytest.mark.parametrize("amount", [0, -1, 8501])
def test_nor_does_the_dashboard_refund_an_impossible_amount(charge, standin, amount):
    with pytest.raises(ApiError):
        standin.refund(charge["id"], amount=amount)

    assert standin.get(charge["id"]) == charge


def test_an_event_names_the_request_behind_it(client, charge, standin, receiver):
    client.v1.refunds.create({"charge": charge["id"]}, {"idempotency_key": "refund-7"})

    standin.wait_until_idle()
    request = receiver.events[0]["request"]
    assert request["idempotency_key"] == "refund-7"
    assert request["id"] == standin.requests("/v1/refunds")[-1]["id"]


def test_a_dispute_takes_the_money_and_stops_refunds(client, charge, standin, receiver):
    dispute = standin.dispute(charge["id"])

    assert (dispute["status"], dispute["amount"]) == ("needs_response", 8500)
    [withdrawn] = client.v1.disputes.retrieve(dispute["id"]).balance_transactions
    assert (withdrawn.amount, withdrawn.fee, withdrawn.net) == (-8500, 2000, -10500)
    assert client.v1.charges.retrieve(charge["id"]).disputed is True
    assert receiver.types == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"charge": charge["id"]})
    assert refusal.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("won", "status", "types"),
    [
        (True, "won", ["charge.dispute.funds_reinstated", "charge.dispute.closed"]),
        (False, "lost", ["charge.dispute.closed"]),
    ],
)
def test_a_dispute_is_won_or_lost(client, charge, standin, receiver, won, status, types):
    dispute = standin.dispute(charge["id"])
    receiver.requests.clear()

    standin.close_dispute(dispute["id"], won=won)

    [found] = client.v1.disputes.list({"charge": charge["id"]}).data
    assert found.status == status
    assert sum(entry.amount for entry in found.balance_transactions) == (0 if won else -8500)
    assert receiver.types == types
    with pytest.raises(ApiError, match="already closed"):
        standin.close_dispute(dispute["id"], won=won)


def test_after_a_won_dispute_a_refund_is_possible(client, charge, standin):
    standin.close_dispute(standin.dispute(charge["id"])["id"], won=True)

    assert client.v1.refunds.create({"charge": charge["id"]}).status == "succeeded"


def test_through_the_api_a_dispute_can_only_be_given_up(client, charge, standin):
    dispute = standin.dispute(charge["id"], amount=500, reason="product_not_received")

    closed = client.v1.disputes.close(dispute["id"])

    assert (closed.status, closed.amount, closed.reason) == ("lost", 500, "product_not_received")


def test_a_charge_is_disputed_once_and_for_what_is_left(charge, standin):
    standin.refund(charge["id"], amount=8000)
    with pytest.raises(ApiError, match="Only 500"):
        standin.dispute(charge["id"], amount=501)
    assert standin.dispute(charge["id"])["amount"] == 500

    with pytest.raises(ApiError, match="already"):
        standin.dispute(charge["id"])


def test_a_session_without_a_charge_has_nothing_to_dispute(new_checkout, standin):
    with pytest.raises(ApiError, match="no charge"):
        standin.dispute(new_checkout().id)
