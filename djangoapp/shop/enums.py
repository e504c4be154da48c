"""States and the moves between them, one table for each machine. Services make the moves; nothing else does."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CartStatus(models.TextChoices):
    OPEN = "open", _("Open")
    ORDERED = "ordered", _("Ordered")


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for payment")
    PAID = "paid", _("Confirmed")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    UNFULFILLABLE = "unfulfillable", _("Paid too late, no place left")
    REFUNDED = "refunded", _("Refunded")


class PaymentStatus(models.TextChoices):
    CREATED = "created", _("Prepared")
    OPEN = "open", _("Waiting for the buyer")
    PROCESSING = "processing", _("Being confirmed")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
    MISMATCHED = "mismatched", _("Paid, but not what was asked")


class LineStatus(models.TextChoices):
    """How one place of an order stands, as its history tells it."""

    BOOKED = "booked", _("Booked")
    CANCELLED = "cancelled", _("Given up")
    MOVED = "moved", _("Moved to another date")


class RefundStatus(models.TextChoices):
    CREATED = "created", _("Prepared")
    PENDING = "pending", _("On its way")
    DONE = "done", _("Refunded")
    FAILED = "failed", _("Failed")


class DisputeStatus(models.TextChoices):
    """A bank takes money back on behalf of its customer."""

    OPEN = "open", _("Open")
    WON = "won", _("Won: the money is here again")
    LOST = "lost", _("Lost: the money is gone")


class WaitingStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    OFFERED = "offered", _("Has an offer")
    TAKEN = "taken", _("Booked")
    LAPSED = "lapsed", _("Offer lapsed")
    LEFT = "left", _("Left the list")
    REMOVED = "removed", _("Removed by staff")
    OVER = "over", _("Session is over")


class RequestStatus(models.TextChoices):
    """A buyer asks for money that the policy does not give back by itself."""

    OPEN = "open", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CouponKind(models.TextChoices):
    PERCENT = "percent", _("Percent")
    FIXED = "fixed", _("Amount")


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice")
    CANCELLATION = "cancellation", _("Cancellation")


class LedgerKind(models.TextChoices):
    """What an entry of the ledger is about."""

    SALE = "sale", _("Sale")
    CHANGE = "change", _("Change")
    CANCELLATION = "cancellation", _("Cancellation")
    FEE = "fee", _("Fee kept")
    ALLOWANCE = "allowance", _("Taken off the price")
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    REFUND_FAILED = "refund_failed", _("Refund that came back")
    DISPUTE = "dispute", _("Taken by the buyer’s bank")
    DISPUTE_WON = "dispute_won", _("Returned by the buyer’s bank")


class MovementKind(models.TextChoices):
    """What moved on the account at a payment provider. What the ledger knows too has the same value there."""

    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    REFUND_FAILED = "refund_failed", _("Refund that came back")
    DISPUTE = "dispute", _("Taken by the buyer’s bank")
    DISPUTE_WON = "dispute_won", _("Returned by the buyer’s bank")
    PROVIDER_FEE = "provider_fee", _("Fee of the provider")
    PAYOUT = "payout", _("Paid out to the bank")
    OTHER = "other", _("Something else")


class Subject(models.TextChoices):
    """What a row of the history tells about."""

    CART = "cart", _("Cart")
    ORDER = "order", _("Order")
    LINE = "line", _("Place")
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    DISPUTE = "dispute", _("Dispute")
    REQUEST = "request", _("Refund request")
    WAITING = "waiting", _("Waiting list")


# A machine's legal moves: from each state, the states it may go to. A state without moves is final.

CART_MOVES = {
    CartStatus.OPEN: {CartStatus.ORDERED},
    CartStatus.ORDERED: set(),
}

ORDER_MOVES = {
    OrderStatus.PENDING: {OrderStatus.PAID, OrderStatus.EXPIRED, OrderStatus.CANCELLED},
    OrderStatus.PAID: {OrderStatus.CANCELLED},
    # Money may arrive after we stopped waiting. It is never dropped: the order revives, or the money goes back.
    OrderStatus.EXPIRED: {OrderStatus.PAID, OrderStatus.UNFULFILLABLE},
    OrderStatus.CANCELLED: {OrderStatus.REFUNDED},
    OrderStatus.UNFULFILLABLE: {OrderStatus.REFUNDED},
    OrderStatus.REFUNDED: set(),
}

# Whoever wants a place back that was given up books it anew.
LINE_MOVES = {
    # Somebody else comes: the place stays booked.
    LineStatus.BOOKED: {LineStatus.BOOKED, LineStatus.CANCELLED, LineStatus.MOVED},
    LineStatus.CANCELLED: set(),
    LineStatus.MOVED: set(),
}

PAYMENT_MOVES = {
    PaymentStatus.CREATED: {
        PaymentStatus.OPEN,
        PaymentStatus.PROCESSING,
        PaymentStatus.PAID,
        PaymentStatus.FAILED,
        PaymentStatus.EXPIRED,
        PaymentStatus.MISMATCHED,
    },
    PaymentStatus.OPEN: {
        PaymentStatus.PROCESSING,
        PaymentStatus.PAID,
        PaymentStatus.FAILED,
        PaymentStatus.EXPIRED,
        PaymentStatus.MISMATCHED,
    },
    PaymentStatus.PROCESSING: {
        PaymentStatus.PAID,
        PaymentStatus.FAILED,
        PaymentStatus.MISMATCHED,
    },
    # What the provider says of money wins over what we had concluded before.
    PaymentStatus.FAILED: {PaymentStatus.PAID, PaymentStatus.MISMATCHED},
    PaymentStatus.EXPIRED: {PaymentStatus.PAID, PaymentStatus.MISMATCHED},
    PaymentStatus.PAID: set(),
    PaymentStatus.MISMATCHED: set(),
}

REFUND_MOVES = {
    RefundStatus.CREATED: {RefundStatus.PENDING, RefundStatus.DONE, RefundStatus.FAILED},
    RefundStatus.PENDING: {RefundStatus.DONE, RefundStatus.FAILED},
    # Banks return money weeks later: a refund that was done may still fail.
    RefundStatus.DONE: {RefundStatus.FAILED},
    RefundStatus.FAILED: set(),
}

DISPUTE_MOVES = {
    DisputeStatus.OPEN: {DisputeStatus.WON, DisputeStatus.LOST},
    DisputeStatus.WON: set(),
    DisputeStatus.LOST: set(),
}

WAITING_MOVES = {
    WaitingStatus.WAITING: {
        WaitingStatus.OFFERED,
        WaitingStatus.LEFT,
        WaitingStatus.REMOVED,
        WaitingStatus.OVER,
    },
    WaitingStatus.OFFERED: {
        WaitingStatus.TAKEN,
        WaitingStatus.LAPSED,
        WaitingStatus.LEFT,
        WaitingStatus.REMOVED,
        WaitingStatus.OVER,
    },
    # Staff may offer once more to somebody who was too late.
    WaitingStatus.LAPSED: {WaitingStatus.OFFERED, WaitingStatus.WAITING},
    WaitingStatus.TAKEN: set(),
    WaitingStatus.LEFT: set(),
    WaitingStatus.REMOVED: set(),
    WaitingStatus.OVER: set(),
}

REQUEST_MOVES = {
    RequestStatus.OPEN: {RequestStatus.ACCEPTED, RequestStatus.DECLINED, RequestStatus.WITHDRAWN},
    RequestStatus.ACCEPTED: set(),
    RequestStatus.DECLINED: set(),
    RequestStatus.WITHDRAWN: set(),
}

MOVES = {
    Subject.CART: CART_MOVES,
    Subject.ORDER: ORDER_MOVES,
    Subject.LINE: LINE_MOVES,
    Subject.PAYMENT: PAYMENT_MOVES,
    Subject.REFUND: REFUND_MOVES,
    Subject.DISPUTE: DISPUTE_MOVES,
    Subject.REQUEST: REQUEST_MOVES,
    Subject.WAITING: WAITING_MOVES,
}

# Orders in these states keep their places.
HOLDING = (OrderStatus.PENDING, OrderStatus.PAID)
# Payments in these states may still bring money.
LIVE = (PaymentStatus.CREATED, PaymentStatus.OPEN, PaymentStatus.PROCESSING)
# Payments in these states brought money.
RECEIVED = (PaymentStatus.PAID, PaymentStatus.MISMATCHED)
# Disputes in these states took the money out of our hands.
TAKEN_BACK = (DisputeStatus.OPEN, DisputeStatus.LOST)
# Refunds in these states are on their way.
UNSETTLED_REFUNDS = (RefundStatus.CREATED, RefundStatus.PENDING)
# What buyers owe us: these entries of an order sum to what its places and fees are worth.
TURNOVER = (
    LedgerKind.SALE,
    LedgerKind.CHANGE,
    LedgerKind.CANCELLATION,
    LedgerKind.FEE,
    LedgerKind.ALLOWANCE,
)
# What we have of them: these sum to what came in minus what went out again.
MONEY = (
    LedgerKind.PAYMENT,
    LedgerKind.REFUND,
    LedgerKind.REFUND_FAILED,
    LedgerKind.DISPUTE,
    LedgerKind.DISPUTE_WON,
)
# Of these, what no service of ours has decided.
BY_THE_BANK = (LedgerKind.DISPUTE, LedgerKind.DISPUTE_WON)
# Who is on a waiting list in these states hopes for places, or has an offer.
ON_THE_LIST = (WaitingStatus.WAITING, WaitingStatus.OFFERED)
