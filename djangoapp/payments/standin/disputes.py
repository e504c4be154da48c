"""Disputes: the buyer's bank takes the money back, and perhaps returns it."""

from .errors import refused
from .objects import payments
from .objects import refunds as build


def create(core, charge, *, amount=None, reason="fraudulent"):
    """Dispute a charge: the amount and a fee leave the balance at once."""
    if charge["status"] != "succeeded":
        raise refused(f"Charge {charge['id']} has not succeeded.")
    if charge["disputed"]:
        raise refused(f"Charge {charge['id']} is disputed already.", code="charge_disputed")
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise refused(f"Only {left} of charge {charge['id']} can be disputed.", param="amount")
    store = core.store
    dispute = store.put(build.dispute(store, charge, amount=amount, reason=reason))
    charge["disputed"] = True
    core.emit("charge.dispute.created", dispute)
    _book(core, dispute, -amount, category="dispute", fee=core.settings.dispute_fee)
    core.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(core, dispute, *, is_won):
    """End the dispute. When it is won the amount comes back; the fee is gone in any case."""
    if dispute["status"] in ("won", "lost"):
        raise refused(f"This dispute is already closed: it was {dispute['status']}.")
    dispute["status"] = "won" if is_won else "lost"
    if is_won:
        _book(core, dispute, dispute["amount"], category="dispute_reversal")
        core.emit("charge.dispute.funds_reinstated", dispute)
    core.emit("charge.dispute.closed", dispute)
    return dispute


def _book(core, dispute, amount, *, category, fee=0):
    transaction = core.store.put(
        payments.balance_transaction(
            core.store,
            kind="adjustment",
            amount=amount,
            currency=dispute["currency"],
            source=dispute["id"],
            fee=fee,
            category=category,
            note=f"Chargeback for {dispute['charge']}",
        )
    )
    dispute["balance_transactions"].append(transaction)
