"""Take the money: payment intents, charges and what arrives on the balance."""

from .currencies import ZERO_DECIMAL
from .errors import documentation_url
from .objects import payments as build


def start_intent(core, checkout_session):
    """The session's payment intent; it comes into being at the first attempt to pay."""
    store = core.store
    if checkout_session["payment_intent"]:
        return store.get("payment_intent", checkout_session["payment_intent"])
    data = store.checkout_details[checkout_session["id"]]["payment_intent_data"]
    intent = store.put(build.payment_intent(store, checkout_session, data))
    checkout_session["payment_intent"] = intent["id"]
    core.emit("payment_intent.created", intent)
    return intent


def succeed(core, checkout_session):
    """A card is charged at once. The fee is known a moment later, as on the real account."""
    store = core.store
    intent = start_intent(core, checkout_session)
    method = _method(core, checkout_session, is_delayed=False)
    charge = store.put(build.charge(store, intent, method, status="succeeded"))
    core.emit("charge.succeeded", charge)
    _settle_intent(core, intent, method["id"], charge)
    return charge


def decline(core, checkout_session):
    store = core.store
    intent = start_intent(core, checkout_session)
    method = _method(core, checkout_session, is_delayed=False)
    charge = store.put(build.charge(store, intent, method, status="failed"))
    core.emit("charge.failed", charge)
    _fail_intent(core, intent, method, charge)


def start_delayed(core, checkout_session):
    """A direct debit: promised now, settled days later by ``finish_delayed``."""
    store = core.store
    intent = start_intent(core, checkout_session)
    method = _method(core, checkout_session, is_delayed=True)
    charge = store.put(build.charge(store, intent, method, status="pending"))
    intent.update(
        status="processing",
        latest_charge=charge["id"],
        payment_method=method["id"],
        last_payment_error=None,
    )
    core.emit("charge.pending", charge)
    core.emit("payment_intent.processing", intent)


def finish_delayed(core, checkout_session, *, is_successful):
    store = core.store
    intent = store.get("payment_intent", checkout_session["payment_intent"])
    charge = store.get("charge", intent["latest_charge"])
    if is_successful:
        charge.update(status="succeeded", paid=True, captured=True)
        charge["amount_captured"] = charge["amount"]
        book_charge(core, charge)
        core.emit("charge.succeeded", charge)
        _settle_intent(core, intent, charge["payment_method"], charge)
        return
    charge.update(
        status="failed",
        failure_code="insufficient_funds",
        failure_message="The customer's account has insufficient funds.",
    )
    core.emit("charge.failed", charge)
    method = store.get("payment_method", charge["payment_method"])
    _fail_intent(core, intent, method, charge)


def cancel_intent(core, checkout_session):
    """The intent of an expired session, if somebody had tried to pay."""
    if not checkout_session["payment_intent"]:
        return
    intent = core.store.get("payment_intent", checkout_session["payment_intent"])
    intent.update(status="canceled", canceled_at=core.now(), cancellation_reason="automatic")
    core.emit("payment_intent.canceled", intent)


def book_charge(core, charge):
    """Put the charge on the balance, less Stripe's fee."""
    transaction = core.store.put(
        build.balance_transaction(
            core.store,
            kind="charge",
            amount=charge["amount"],
            currency=charge["currency"],
            source=charge["id"],
            fee=fee(core.settings, charge["amount"], charge["currency"]),
            note=charge["description"],
        )
    )
    charge["balance_transaction"] = transaction["id"]


def fee(settings, amount, currency):
    fixed = settings.fee_fixed // 100 if currency in ZERO_DECIMAL else settings.fee_fixed
    return min(amount, int(amount * settings.fee_percent / 100 + 0.5) + fixed)


def _method(core, checkout_session, *, is_delayed):
    store = core.store
    details = checkout_session["customer_details"]
    return store.put(
        build.payment_method(store, details, checkout_session["customer"], is_delayed=is_delayed)
    )


def _settle_intent(core, intent, method_id, charge):
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        payment_method=method_id,
        last_payment_error=None,
    )
    core.emit("payment_intent.succeeded", intent)


def _fail_intent(core, intent, method, charge):
    intent.update(
        status="requires_payment_method",
        latest_charge=charge["id"],
        payment_method=None,
        last_payment_error={
            "charge": charge["id"],
            "code": charge["failure_code"],
            "decline_code": "generic_decline",
            "doc_url": documentation_url(charge["failure_code"]),
            "message": charge["failure_message"],
            "payment_method": method,
            "type": "card_error",
        },
    )
    core.emit("payment_intent.payment_failed", intent)
