"""Whose money it is, place by place: what the studio keeps, what went back, what it owes to the buyer.

Everything follows from facts that are written down once: a line's price and what was taken off it, that it was given up
and with which fee, to which line it moved, and the shares of refunds. Nothing here changes anything.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, rounded
from shop.enums import TAKEN_BACK, DisputeStatus, RefundStatus
from shop.models import Order, OrderLine, Payment
from shop.querysets import lines_with_money


@dataclass(frozen=True)
class LineMoney:
    """The money of one place: of its line, and of those on which it was before it moved."""

    line: OrderLine
    worth: Decimal  # what was paid for the place when it was sold
    refunded: Decimal  # of that: back with the buyer, or on its way

    @property
    def kept(self) -> Decimal:
        """What stays with the studio by right: the price while the place is kept, the fee once it is given up."""
        return self.line.final_price if self.line.cancelled_at is None else self.line.fee

    @property
    def owed(self) -> Decimal:
        """What is still to go back."""
        return self.due_with(self.kept)

    @property
    def refundable(self) -> Decimal:
        """What could go back at most."""
        return self.due_with(ZERO)

    def due_with(self, kept: Decimal) -> Decimal:
        """What would still go back if so much were kept."""
        return max(ZERO, self.worth - kept - self.refunded)


@dataclass(frozen=True)
class Balance:
    """The money of an order. ``payment`` is the one that paid for its places, ``left`` what of it is still here."""

    lines: list[LineMoney]
    payment: Payment | None
    left: Decimal

    @property
    def owed(self) -> Decimal:
        return sum(self.owed_by_line.values(), ZERO)

    @property
    def owed_by_line(self) -> dict[int, Decimal]:
        """What is still to go back, by the line's primary key, as far as it is here to go back."""
        return self.take(self.left, {money.line.pk: money.owed for money in self.lines})

    def owed_if(self, kept: Mapping[int, Decimal], *, is_move: bool = False) -> dict[int, Decimal]:
        """What would be owed for some lines, by primary key, if so much were kept of each: as ``owed_by_line``.

        Places that move come last: their new lines are the youngest.
        """
        lines = sorted(self.lines, key=lambda money: is_move and money.line.pk in kept)
        due = {money.line.pk: money.due_with(kept.get(money.line.pk, money.kept)) for money in lines}
        return {pk: part for pk, part in self.take(self.left, due).items() if pk in kept}

    @property
    def is_at_desk(self) -> bool:
        """Whether the money was taken at the desk, and goes back over it by hand."""
        return self.payment is not None and self.payment.provider == "desk"

    @property
    def is_disputed(self) -> bool:
        """Whether a bank claims the money at this moment."""
        return self.payment is not None and any(
            dispute.status == DisputeStatus.OPEN for dispute in self.payment.disputes.all()
        )

    def of(self, line: OrderLine) -> LineMoney:
        return next(money for money in self.lines if money.line.pk == line.pk)

    def spread(self, amount: Decimal) -> dict[int, Decimal]:
        """For which lines an amount is that names none: what is owed comes first, the rest goes line by line."""
        shares = self.take(amount, {money.line.pk: money.owed for money in self.lines})
        rest = amount - sum(shares.values(), ZERO)
        room = {money.line.pk: money.refundable - shares.get(money.line.pk, ZERO) for money in self.lines}
        for pk, more in self.take(rest, room).items():
            shares[pk] = shares.get(pk, ZERO) + more
        return shares

    @staticmethod
    def take(amount: Decimal, room: dict[int, Decimal]) -> dict[int, Decimal]:
        """Fill the rooms one after the other until the amount is used up; lines that get nothing are left out."""
        taken = {}
        for pk, most in room.items():
            part = min(amount, most)
            if part > 0:
                taken[pk] = part
                amount -= part
        return taken


def balance_of(order: Order, *, also: Iterable[str] = ()) -> Balance:
    """The order's money as it is now, in a fixed number of queries. Exact only under the order's lock.

    ``also`` names what else is fetched with each line.
    """
    payment = order.payments.filter(is_fulfilling=True).first()
    lines = lines_with_money(order.lines.select_related(*also) if also else order.lines.all())
    return Balance(money_of(lines), payment, refundable(payment) if payment else ZERO)


def balances_of(orders: Collection[int]) -> dict[int, Balance]:
    """The money of several orders, by primary key, in a fixed number of queries."""
    lines = defaultdict(list)
    for line in lines_with_money(OrderLine.objects.filter(order__in=orders)):
        lines[line.order_id].append(line)
    payments = Payment.objects.filter(order__in=orders, is_fulfilling=True)
    by_order = {payment.order_id: payment for payment in payments.prefetch_related("refunds", "disputes")}
    balances = {}
    for pk in orders:
        payment = by_order.get(pk)
        balances[pk] = Balance(money_of(lines[pk]), payment, refundable(payment) if payment else ZERO)
    return balances


def money_of(lines: Iterable[OrderLine]) -> list[LineMoney]:
    """The money of an order's places. Its lines come in order, each ``lines_with_money``."""
    lines = list(lines)
    moved_on = {line.moved_from_id for line in lines}
    came_along: dict[int, tuple[Decimal, Decimal]] = {}
    found = []
    for line in lines:
        worth, refunded = came_along.get(line.moved_from_id, (line.price, ZERO))
        refunded += rounded(line.given_back)
        if line.pk in moved_on:
            came_along[line.pk] = (worth, refunded)
        else:
            found.append(LineMoney(line, worth, refunded))
    return found


def refundable(payment: Payment) -> Decimal:
    """How much of a payment is still here: not given back, nor on its way, nor taken back by the buyer's bank."""
    return max(ZERO, left_of(payment))


def left_of(payment: Payment) -> Decimal:
    """The same, below zero where more goes back than came in: somebody else gave back what was on its way already."""
    # Summed here, not by the database, so that it costs nothing for payments whose rows were fetched together.
    refunds, disputes = payment.refunds.all(), payment.disputes.all()
    gone = sum((refund.amount for refund in refunds if refund.status != RefundStatus.FAILED), ZERO)
    taken_back = sum((dispute.amount for dispute in disputes if dispute.status in TAKEN_BACK), ZERO)
    return payment.received_amount - gone - taken_back
