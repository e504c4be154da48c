"""Checkout Sessions over their life, and the payment that belongs to each."""

import pytest
import stripe
import time_machine

from payments.standin.errors import ApiError

from .conftest import line_item, wait_for

MINUTE = 60
HOUR = 60 * MINUTE


def test_a_new_session_is_open_and_unpaid(new_checkout, standin):
    checkout_session = new_checkout(line_items=[line_item(8500, 2), line_item(550, 1)])

    assert checkout_session.id.startswith("cs_test_")
    assert checkout_session.url == f"{standin.url}/pay/{checkout_session.id}"
    assert (checkout_session.status, checkout_session.payment_status) == ("open", "unpaid")
    assert (checkout_session.amount_total, checkout_session.currency) == (17550, "chf")
    assert checkout_session.livemode is False
    assert checkout_session.client_reference_id == "ABCD-EFGH-JKLM"
    assert checkout_session.metadata.to_dict() == {"order": "ABCD-EFGH-JKLM"}
    assert checkout_session.customer_email == "ada@example.com"
    # Since 2022 a payment intent comes into being only when somebody tries to pay.
    assert checkout_session.payment_intent is None


def test_without_a_wish_it_stays_open_for_a_day(new_checkout):
    checkout_session = new_checkout()

    assert checkout_session.expires_at - checkout_session.created == 24 * HOUR


@pytest.mark.parametrize("seconds", [30 * MINUTE + 5, 31 * MINUTE, 24 * HOUR - 5])
def test_expiry_lies_between_half_an_hour_and_a_day(new_checkout, standin, seconds):
    expires_at = standin.now() + seconds

    assert new_checkout(expires_at=expires_at).expires_at == expires_at


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (-1, "at least 30 minutes"),
        (15 * MINUTE, "at least 30 minutes"),
        (30 * MINUTE - 5, "at least 30 minutes"),
        (24 * HOUR + 5, "less than 24 hours"),
    ],
)
def test_an_expiry_outside_is_refused(new_checkout, standin, seconds, message):
    with pytest.raises(stripe.InvalidRequestError, match=message):
        new_checkout(expires_at=standin.now() + seconds)


def test_half_an_hour_counts_from_the_moment_of_creation(new_checkout, standin):
    expires_at = standin.now() + 31 * MINUTE
    new_checkout(expires_at=expires_at)
    standin.advance(2 * MINUTE)

    with pytest.raises(stripe.InvalidRequestError, match="at least 30 minutes"):
        new_checkout(expires_at=expires_at)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"line_items": [line_item(49)]}, "amount_too_small"),
        ({"line_items": [line_item(49, currency="jpy")]}, "amount_too_small"),
        ({"line_items": [line_item(299, currency="sek")]}, "amount_too_small"),
        ({"line_items": [line_item(99_999_999), line_item(100)]}, "amount_too_large"),
        ({"line_items": [line_item(), line_item(currency="eur")]}, None),
        ({"currency": "eur"}, None),
        ({"line_items": [line_item(currency="xyz")]}, None),
        ({"mode": "subscription"}, None),
        ({"ui_mode": "elements"}, None),
        ({"automatic_tax": {"enabled": True}}, None),
        ({"customer": "cus_1"}, None),
        ({"customer": "cus_1", "customer_email": None}, "resource_missing"),
    ],
)
def test_what_stripe_or_the_standin_cannot_do_is_refused(new_checkout, changes, code):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        new_checkout(**changes)

    assert refusal.value.code == code


@pytest.mark.parametrize(("amount", "currency"), [(50, "chf"), (50, "jpy"), (300, "sek")])
def test_the_smallest_charge_is_allowed(new_checkout, amount, currency):
    assert new_checkout(line_items=[line_item(amount, 1, currency)]).amount_total == amount


def test_paying_completes_it(new_checkout, client, standin):
    checkout_session = new_checkout()

    standin.pay(checkout_session.id)

    paid = client.v1.checkout.sessions.retrieve(
        checkout_session.id,
        {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]},
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details.email == "ada@example.com"
    assert paid.line_items.data[0].description == "Spoon carving"
    intent = paid.payment_intent
    assert (intent.status, intent.amount_received) == ("succeeded", 8500)
    assert intent.metadata.to_dict() == {"order": "ABCD-EFGH-JKLM"}
    charge = intent.latest_charge
    assert (charge.status, charge.paid, charge.captured, charge.amount) == ("succeeded", True, True, 8500)
    assert charge.metadata.to_dict() == {"order": "ABCD-EFGH-JKLM"}
    transaction = charge.balance_transaction
    assert (transaction.amount, transaction.fee, transaction.net) == (8500, 277, 8223)
    assert transaction.source == charge.id


def test_paying_announces_everything_in_order(new_checkout, standin, receiver):
    checkout_session = new_checkout()

    standin.pay(checkout_session.id)

    assert receiver.types == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.updated",
    ]
    charge, updated = receiver.events[1]["data"], receiver.events[4]["data"]
    # The fee is known a moment after the charge.
    assert charge["object"]["balance_transaction"] is None
    assert updated["object"]["balance_transaction"].startswith("txn_")
    assert updated["previous_attributes"] == {"balance_transaction": None}


def test_a_total_of_zero_needs_no_payment(new_checkout, standin, client, receiver):
    checkout_session = new_checkout(line_items=[line_item(0)])
    assert checkout_session.payment_status == "no_payment_required"

    standin.pay(checkout_session.id)

    done = client.v1.checkout.sessions.retrieve(checkout_session.id)
    assert (done.status, done.payment_status) == ("complete", "no_payment_required")
    assert done.payment_intent is None
    # Stripe makes a customer for an order that costs nothing.
    assert client.v1.customers.retrieve(done.customer).email == "ada@example.com"
    assert receiver.types == ["customer.created", "checkout.session.completed"]


def test_a_declined_card_leaves_it_open(new_checkout, standin, client, receiver):
    checkout_session = new_checkout()

    standin.decline(checkout_session.id)

    still = client.v1.checkout.sessions.retrieve(checkout_session.id, {"expand": ["payment_intent"]})
    assert (still.status, still.payment_status) == ("open", "unpaid")
    assert still.payment_intent.status == "requires_payment_method"
    assert still.payment_intent.last_payment_error.code == "card_declined"
    assert receiver.types == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


def test_after_a_decline_the_same_intent_can_be_paid(new_checkout, standin, client):
    checkout_session = new_checkout()
    declined = standin.decline(checkout_session.id)

    paid = standin.pay(checkout_session.id)

    assert paid["payment_intent"] == declined["payment_intent"]
    intent = client.v1.payment_intents.retrieve(paid["payment_intent"])
    assert (intent.status, intent.last_payment_error) == ("succeeded", None)
    charges = client.v1.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@pytest.mark.parametrize(
    ("succeed", "payment_status", "intent_status", "last_type"),
    [
        (True, "paid", "succeeded", "checkout.session.async_payment_succeeded"),
        (
            False,
            "unpaid",
            "requires_payment_method",
            "checkout.session.async_payment_failed",
        ),
    ],
)
def test_paying_later_completes_it_before_the_money_is_there(
    new_checkout, standin, client, receiver, succeed, payment_status, intent_status, last_type
):
    checkout_session = new_checkout()

    standin.pay_later(checkout_session.id)

    waiting = client.v1.checkout.sessions.retrieve(checkout_session.id, {"expand": ["payment_intent"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    assert receiver.types[-1] == "checkout.session.completed"
    assert receiver.events[-1]["data"]["object"]["payment_status"] == "unpaid"

    standin.settle(checkout_session.id, succeed=succeed)

    settled = client.v1.checkout.sessions.retrieve(checkout_session.id, {"expand": ["payment_intent"]})
    assert (settled.status, settled.payment_status) == ("complete", payment_status)
    assert settled.payment_intent.status == intent_status
    assert receiver.types[-1] == last_type


@pytest.mark.parametrize("action", ["pay", "decline", "pay_later", "expire"])
@pytest.mark.parametrize("before", ["pay", "pay_later", "expire"])
def test_what_is_complete_or_expired_stays_so(new_checkout, standin, receiver, before, action):
    checkout_session = new_checkout()
    was = getattr(standin, before)(checkout_session.id)
    sent = len(receiver.requests)

    with pytest.raises(ApiError, match="status of"):
        getattr(standin, action)(checkout_session.id)

    assert standin.get(checkout_session.id) == was
    assert len(receiver.requests) == sent


def test_only_a_payment_under_way_can_be_settled(new_checkout, standin):
    checkout_session = new_checkout()
    with pytest.raises(ApiError, match="under way"):
        standin.settle(checkout_session.id)

    standin.pay_later(checkout_session.id)
    standin.settle(checkout_session.id, succeed=False)

    with pytest.raises(ApiError, match="under way"):
        standin.settle(checkout_session.id)


def test_expiring_ends_it(new_checkout, client, receiver, standin):
    checkout_session = new_checkout()

    expired = client.v1.checkout.sessions.expire(checkout_session.id)

    assert (expired.status, expired.payment_status, expired.url) == ("expired", "unpaid", None)
    standin.wait_until_idle()
    assert receiver.types == ["checkout.session.expired"]


def test_expiring_what_is_paid_is_refused(new_checkout, client, standin):
    checkout_session = new_checkout()
    standin.pay(checkout_session.id)

    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        client.v1.checkout.sessions.expire(checkout_session.id)

    assert client.v1.checkout.sessions.retrieve(checkout_session.id).payment_status == "paid"


def test_expiring_cancels_the_intent_of_a_declined_attempt(new_checkout, client, standin, receiver):
    checkout_session = new_checkout()
    standin.decline(checkout_session.id)

    expired = standin.expire(checkout_session.id)

    assert client.v1.payment_intents.retrieve(expired["payment_intent"]).status == "canceled"
    assert receiver.types[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


def test_time_alone_expires_it(new_checkout, client, standin, receiver):
    checkout_session = new_checkout(expires_at=standin.now() + 31 * MINUTE)

    standin.advance(30 * MINUTE)
    assert client.v1.checkout.sessions.retrieve(checkout_session.id).status == "open"

    standin.advance(MINUTE)
    assert client.v1.checkout.sessions.retrieve(checkout_session.id).status == "expired"
    standin.wait_until_idle()
    assert receiver.types == ["checkout.session.expired"]
    assert receiver.events[0]["request"] == {"id": None, "idempotency_key": None}


def test_it_expires_without_anybody_asking(new_checkout, standin, receiver):
    new_checkout(expires_at=standin.now() + 31 * MINUTE)

    # Move the clock behind the stand-in's back, as time itself does.
    standin._store.offset_seconds += 31 * MINUTE

    wait_for(lambda: receiver.types == ["checkout.session.expired"])


def test_a_clock_that_a_test_moves_is_its_clock_too(new_checkout, client):
    checkout_session = new_checkout()

    with time_machine.travel(checkout_session.expires_at + 1):
        expired = client.v1.checkout.sessions.retrieve(checkout_session.id)

    assert expired.status == "expired"


def test_an_expired_session_cannot_be_paid_in_the_same_moment(new_checkout, standin):
    checkout_session = new_checkout(expires_at=standin.now() + 31 * MINUTE)
    standin._store.offset_seconds += 31 * MINUTE

    with pytest.raises(ApiError, match="status of `expired`"):
        standin.pay(checkout_session.id)


def test_the_fee_of_currencies_without_cents(new_checkout, standin):
    checkout_session = new_checkout(line_items=[line_item(8500, 1, "jpy")])
    paid = standin.pay(checkout_session.id)

    charge = standin.get(standin.get(paid["payment_intent"])["latest_charge"])

    # 2.9 % of 8500 is 246.5, rounded half up, and the fixed part is in whole units here.
    assert standin.get(charge["balance_transaction"])["fee"] == 247


def test_money_becomes_available_by_time_alone(new_checkout, standin, client):
    standin.pay(new_checkout().id)
    [transaction] = client.v1.balance_transactions.list({"type": "charge"}).data
    assert transaction.status == "pending"

    standin.advance(2 * 24 * HOUR)

    assert client.v1.balance_transactions.retrieve(transaction.id).status == "available"
