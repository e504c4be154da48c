"""Do places, orders, coupons and money agree? A list that is empty when all is well.

Read only, in a fixed number of queries. Run it whenever you like: holds and payments under way are not problems, and
what is compared is read in one statement, so that whatever others write meanwhile is seen whole or not at all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Round
from django.utils import timezone

from core.money import ZERO, rounded
from shop.enums import RECEIVED, OrderStatus, PaymentStatus, WaitingStatus
from shop.models import (
    CartLine,
    Coupon,
    CouponRedemption,
    Order,
    OrderLine,
    Payment,
    Refund,
    RefundShare,
    Session,
    WaitingEntry,
)

# What the reconcile job mends within a few minutes is not yet a problem.
PATIENCE = timedelta(minutes=15)
MOST = 100  # of each kind; one is as alarming as a hundred


@dataclass(frozen=True)
class Problem:
    """One thing that does not add up. ``kind`` is stable, ``about`` names the row, ``text`` explains."""

    kind: str
    about: str
    text: str


Check = Callable[[], Iterable[Problem]]
_more_checks: list[Check] = []


def register(check: Check) -> None:
    """Add what an app above the shop knows to agree.

    It reads only, compares within one statement, and yields at most ``MOST`` problems of a kind.
    """
    _more_checks.append(check)


def problems() -> list[Problem]:
    """Everything that does not add up, at most ``MOST`` of each kind."""
    checks = (
        places,
        money_without_place,
        place_without_money,
        amounts,
        refunds_beyond_payment,
        refund_shares,
        money_kept,
        coupon_uses,
    )
    return [problem for check in (*checks, *_more_checks) for problem in check()]


def places() -> Iterator[Problem]:
    """``seats_taken`` is what carts hold, plus what is offered to the waiting list, plus what orders keep."""
    held = _sum(CartLine.objects.filter(session=OuterRef("pk"), is_held=True), "session", Sum("quantity"))
    kept_lines = OrderLine.objects.places().filter(session=OuterRef("pk"))
    entries = WaitingEntry.objects.filter(session=OuterRef("pk"))
    sessions = Session.objects.annotate(
        held=held,
        offered=_sum(entries.filter(status=WaitingStatus.OFFERED), "session", Sum("offered")),
        kept=_sum(kept_lines, "session", Count("pk")),
        waited_for=_sum(entries.filter(status=WaitingStatus.WAITING), "session", Sum("quantity")),
    )
    counted = {"seats_taken": F("held") + F("offered") + F("kept"), "seats_wanted": F("waited_for")}
    for session in sessions.exclude(**counted).select_related("project")[:MOST]:
        yield Problem(
            "places",
            f"session {session.slug}",
            f"{session.seats_taken} places taken, but {session.held} held in carts, {session.offered} offered "
            f"to the waiting list and {session.kept} ordered; {session.seats_wanted} waited for, "
            f"but {session.waited_for} on the list",
        )


def oversold() -> QuerySet[Session]:
    """Sessions to come for which orders keep more places than there are. There is none, ever."""
    kept = _sum(OrderLine.objects.places().filter(session=OuterRef("pk")), "session", Count("pk"))
    return (
        Session.objects.filter(starts_at__gt=timezone.now()).alias(kept=kept).filter(kept__gt=F("capacity"))
    )


def money_without_place() -> Iterator[Problem]:
    """Money that was received has a confirmed order, or is on its way back; or a bank has it."""
    since = timezone.now() - PATIENCE
    here = Payment.objects.still_here().exclude(
        Exists(Refund.objects.counting().filter(payment=OuterRef("pk")))
    )
    stranded = here.filter(status=PaymentStatus.PAID, is_fulfilling=False, paid_at__lte=since)
    mismatched = here.filter(status=PaymentStatus.MISMATCHED)
    fulfilling_nothing = Payment.objects.filter(is_fulfilling=True).exclude(
        order__status__in=(OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED)
    )
    for payments in (stranded, mismatched, fulfilling_nothing):
        for payment in payments.select_related("order")[:MOST]:
            yield Problem(
                "money without a place",
                f"order {payment.order.code}",
                f"{payment.received_amount} {payment.received_currency} came by {payment.provider}, "
                f"and the order is {payment.order.status}",
            )


def place_without_money() -> Iterator[Problem]:
    """A confirmed order was paid, unless it cost nothing; a pending one is waited for, but not for ever."""
    paid = Payment.objects.filter(order=OuterRef("pk"), is_fulfilling=True)
    unpaid = Order.objects.filter(status=OrderStatus.PAID, total__gt=0).exclude(Exists(paid))
    for order in unpaid[:MOST]:
        yield Problem("place without money", f"order {order.code}", "confirmed, but no payment paid for it")
    live = Payment.objects.live().filter(order=OuterRef("pk"))
    forgotten = Order.objects.filter(
        status=OrderStatus.PENDING, expires_at__lte=timezone.now() - PATIENCE
    ).exclude(Exists(live.filter(status=PaymentStatus.PROCESSING)))
    for order in forgotten[:MOST]:
        yield Problem("place without money", f"order {order.code}", "overdue, and its places are still kept")


def amounts() -> Iterator[Problem]:
    """An order's total is the sum of the lines that were sold first, and what was received for it is its total.

    A place that moves takes its money along, so the line to which it moved was not paid anew.
    """
    lines = OrderLine.objects.filter(order=OuterRef("pk"), moved_from=None)
    orders = Order.objects.annotate(lines_total=to_the_cent(_amount(lines, "order", F("price"))))
    for order in orders.exclude(lines_total=F("total"))[:MOST]:
        yield Problem("amounts", f"order {order.code}", f"total {order.total}, lines {order.lines_total}")
    wrong = Payment.objects.filter(is_fulfilling=True).exclude(
        received_amount=F("order__total"), received_currency__iexact=F("order__currency")
    )
    for payment in wrong.select_related("order")[:MOST]:
        yield Problem(
            "amounts",
            f"order {payment.order.code}",
            f"received {payment.received_amount}, asked {payment.order.total}",
        )


def refunds_beyond_payment() -> Iterator[Problem]:
    """No more goes back than came in."""
    counting = Refund.objects.counting().filter(payment=OuterRef("pk"))
    returned = to_the_cent(_amount(counting, "payment", F("amount")))
    payments = Payment.objects.filter(status__in=RECEIVED).annotate(returned=returned)
    for payment in payments.filter(returned__gt=F("received_amount")).select_related("order")[:MOST]:
        yield Problem(
            "refunds",
            f"order {payment.order.code}",
            f"{payment.returned} goes back, {payment.received_amount} came in",
        )


def refund_shares() -> Iterator[Problem]:
    """Every refund of money that paid for places says for which places it is, to the last coin."""
    shares = RefundShare.objects.filter(refund=OuterRef("pk"))
    refunds = Refund.objects.counting().filter(payment__is_fulfilling=True)
    refunds = refunds.annotate(for_places=to_the_cent(_amount(shares, "refund", F("amount"))))
    for refund in refunds.exclude(for_places=F("amount")).select_related("payment__order")[:MOST]:
        yield Problem(
            "refunds",
            f"order {refund.payment.order.code}",
            f"{refund.amount} goes back, {rounded(refund.for_places)} of it for places",
        )


def money_kept() -> Iterator[Problem]:
    """What is not given back of a payment covers the places that are kept and the fees of those that are not.

    Whatever is more than that is owed to the buyer (see ``services.balance``).
    """
    lines = OrderLine.objects.filter(order=OuterRef("order"))
    returned = Refund.objects.counting().filter(payment=OuterRef("pk"))
    places = Case(
        When(
            order__status=OrderStatus.PAID,
            then=_amount(lines.kept(), "order", F("price") - F("allowance")),
        ),
        default=Value(ZERO),
        output_field=Payment.amount.field,
    )
    payments = Payment.objects.filter(is_fulfilling=True).annotate(
        left=to_the_cent(F("received_amount") - _amount(returned, "payment", F("amount"))),
        kept=to_the_cent(places + _amount(lines, "order", F("fee"))),
    )
    for payment in payments.filter(left__lt=F("kept")).select_related("order")[:MOST]:
        yield Problem(
            "refunds",
            f"order {payment.order.code}",
            f"{payment.left} is left, and {payment.kept} is kept of it by right",
        )


def coupon_uses() -> Iterator[Problem]:
    """A coupon's counter is the number of its uses that were not given back."""
    uses = CouponRedemption.objects.filter(coupon=OuterRef("pk"), released_at__isnull=True)
    coupons = Coupon.objects.annotate(found=_sum(uses, "coupon", Count("pk")))
    for coupon in coupons.filter(~Q(uses=F("found")))[:MOST]:
        yield Problem(
            "coupon", f"coupon {coupon.code}", f"counter says {coupon.uses}, uses are {coupon.found}"
        )


def to_the_cent(amount) -> Round:
    """What is compared. SQLite adds up in binary fractions, where three times 66.60 is not 199.80."""
    return Round(amount, precision=2)


def _sum(rows, group: str, aggregate) -> Coalesce:
    """Aggregate the rows of a correlated subquery, zero where there are none."""
    found = rows.order_by().values(group).annotate(result=aggregate).values("result")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)


def _amount(rows, group: str, amount) -> Coalesce:
    """Sum an amount over the rows of a correlated subquery, zero where there are none."""
    field = Payment.amount.field
    found = rows.order_by().values(group).annotate(result=Sum(amount, output_field=field)).values("result")
    return Coalesce(Subquery(found, output_field=field), ZERO, output_field=field)
