"""Refunds: never more than was charged and not yet refunded, whoever asks."""

from .currencies import show
from .errors import invalid, refused
from .objects import payments
from .objects import refunds as build


def create(core, params):
    """Refund a charge, in whole or in part; it succeeds at once unless refunds are told to wait."""
    charge = _find_charge(core, params)
    amount = _check_amount(charge, params.get("amount"))
    store = core.store
    status = "pending" if core.refunds_wait else "succeeded"
    refund = store.put(build.refund(store, charge, params, amount=amount, status=status))
    refund["balance_transaction"] = _book(core, refund, -amount, "refund")
    before = {key: charge[key] for key in ("amount_refunded", "refunded")}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    core.emit("charge.refunded", charge, previous=before)
    core.emit("refund.created", refund)
    return refund


def succeed(core, refund):
    """Let a waiting refund arrive."""
    if refund["status"] != "pending":
        raise refused(f"This refund has a status of `{refund['status']}`.")
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    core.emit("refund.updated", refund, previous={"status": "pending"})
    return refund


def fail(core, refund, reason="expired_or_canceled_card"):
    """Let a refund come back, waiting or already reported as succeeded: its amount is free again."""
    if refund["status"] not in ("pending", "succeeded"):
        raise refused(f"This refund has a status of `{refund['status']}`.")
    before = refund["status"]
    refund.pop("pending_reason", None)
    refund.update(status="failed", failure_reason=reason)
    refund["failure_balance_transaction"] = _book(core, refund, refund["amount"], "refund_failure")
    charge = core.store.get("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    core.emit("refund.updated", refund, previous={"status": before})
    core.emit("refund.failed", refund)
    core.emit("charge.refund.updated", refund, previous={"status": before})
    return refund


def _book(core, refund, amount, kind):
    transaction = core.store.put(
        payments.balance_transaction(
            core.store,
            kind=kind,
            amount=amount,
            currency=refund["currency"],
            source=refund["id"],
            note="REFUND FOR CHARGE",
        )
    )
    return transaction["id"]


def _find_charge(core, params):
    store = core.store
    if "payment_intent" in params:
        intent = store.get("payment_intent", params["payment_intent"], param="payment_intent")
        latest = intent["latest_charge"]
        charge = store.find("charge", latest) if latest else None
        if charge is None or charge["status"] != "succeeded":
            raise refused(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        if params.get("charge", charge["id"]) != charge["id"]:
            raise invalid(
                f"The charge does not belong to the PaymentIntent {intent['id']}.",
                param="charge",
            )
    elif "charge" in params:
        charge = store.get("charge", params["charge"], param="charge")
        if charge["status"] != "succeeded":
            raise refused(f"Charge {charge['id']} has not succeeded.", param="charge")
    else:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if charge["disputed"] and not _dispute_was_won(core, charge):
        raise refused(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    return charge


def _dispute_was_won(core, charge):
    return all(
        dispute["status"] == "won"
        for dispute in core.store.objects["dispute"].values()
        if dispute["charge"] == charge["id"]
    )


def _check_amount(charge, amount):
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise refused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount is None:
        return left
    if amount < 1:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > left:
        currency = charge["currency"]
        raise refused(
            f"Refund amount ({show(amount, currency)}) is greater than unrefunded amount on charge"
            f" ({show(left, currency)})",
            param="amount",
        )
    return amount
