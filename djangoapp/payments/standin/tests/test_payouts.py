"""Payouts and the movements on the balance that lead to them."""

import pytest

from payments.standin.errors import ApiError

from .conftest import line_item


def test_a_payout_empties_the_balance(new_checkout, client, standin):
    paid = standin.pay(new_checkout(line_items=[line_item(10000)]).id)
    standin.refund(paid["id"], amount=4000)

    payout = standin.pay_out()

    moved = client.v1.balance_transactions.list({"expand": ["data.source"]}).data
    # 2.9 % and 30 for the charge; nothing comes back of it.
    assert [(each.type, each.amount, each.fee) for each in moved] == [
        ("payout", -5680, 0),
        ("refund", -4000, 0),
        ("charge", 10000, 320),
    ]
    assert (moved[0].source.id, payout["amount"], payout["status"]) == (payout["id"], 5680, "paid")


@pytest.mark.parametrize("amount", [None, 9681, 0])
def test_no_more_than_there_is_can_be_paid_out(amount, new_checkout, standin):
    if amount is not None:
        standin.pay(new_checkout(line_items=[line_item(10000)]).id)

    with pytest.raises(ApiError, match="insufficient funds"):
        standin.pay_out(amount)
