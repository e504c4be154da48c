"""Payouts: what is on the balance goes to the studio's bank account."""

from .errors import refused
from .objects import payments
from .objects import payouts as build


def create(core, amount=None):
    """Pay out what the balance holds in the account's currency, or part of it."""
    store = core.store
    currency = core.settings.currency
    held = sum(
        each["net"] for each in store.objects["balance_transaction"].values() if each["currency"] == currency
    )
    amount = held if amount is None else amount
    if not 0 < amount <= held:
        raise refused(
            "You have insufficient funds in your Stripe account for this transfer.",
            code="balance_insufficient",
        )
    payout = store.put(build.payout(store, amount=amount, currency=currency))
    transaction = store.put(
        payments.balance_transaction(
            store,
            kind="payout",
            amount=-amount,
            currency=currency,
            source=payout["id"],
            note=payout["description"],
        )
    )
    payout["balance_transaction"] = transaction["id"]
    core.emit("payout.created", payout)
    payout["status"] = "paid"
    core.emit("payout.paid", payout)
    return payout
