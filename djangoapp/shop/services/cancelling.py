"""Cancelling a session: its places are given up, its money goes back, and everybody is told.

``begin`` decides it and closes the sale, in one transaction. ``work`` then goes from order to order: each is one
transaction that gives up the places, writes the refund and the letter, and ends with nothing left to do for that
order. Whoever is killed in between leaves no order half done, and ``resume`` goes on where the work was left.
"""

import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.exceptions import DomainError
from core.jobs import enqueue
from core.mail import enqueue_mail
from core.money import ZERO
from shop.enums import UNSETTLED_REFUNDS, OrderStatus, RefundStatus
from shop.exceptions import SessionOver
from shop.models import CartLine, Order, OrderLine, Refund, RefundShare, Session, SessionCancellation
from shop.services import changes, orders, payments, places, refunds, waiting
from shop.services.balance import Balance, balances_of

logger = logging.getLogger(__name__)

WORK_SECONDS = 20.0  # well below the queue's own limit; the rest is queued anew
IDLE = timedelta(minutes=2)  # longer than a batch takes: then nobody is working on it any more


@dataclass(frozen=True)
class AffectedOrder:
    """What cancelling a session means for one order."""

    order: Order
    places: int
    going_back: Decimal  # nothing for an order that is not paid yet: it is only cancelled
    is_at_desk: bool  # the money is paid out by hand


@dataclass(frozen=True)
class Affected:
    """Whom cancelling a session concerns, and what it costs."""

    orders: list[AffectedOrder]
    waiting: int
    in_carts: int

    @property
    def places(self) -> int:
        return sum(affected.places for affected in self.orders)

    @property
    def going_back(self) -> Decimal:
        return sum((affected.going_back for affected in self.orders), ZERO)

    @property
    def at_desk(self) -> Decimal:
        """What of it somebody has to pay out by hand."""
        return sum((affected.going_back for affected in self.orders if affected.is_at_desk), ZERO)


@dataclass(frozen=True)
class Progress:
    """How far a cancellation has come. Amounts are of refunds for the session's places since it was decided."""

    places: int
    places_left: int
    refunded: Decimal
    on_its_way: Decimal
    at_desk: Decimal  # to be paid out by hand
    orders_at_desk: int
    failed: Decimal
    unpaid_back: list[Order]  # orders whose money is still here, for people to look at

    @property
    def places_done(self) -> int:
        return self.places - self.places_left

    @property
    def needs_people(self) -> bool:
        """Whether somebody has to see to money by hand."""
        return bool(self.at_desk or self.failed or self.unpaid_back)


def affected_by(session: Session) -> Affected:
    """Tell whom it would concern if the session were cancelled now. In a fixed number of queries."""
    lines: dict[int, list[int]] = defaultdict(list)
    for order_id, pk in session.order_lines.places().values_list("order", "pk"):
        lines[order_id].append(pk)
    balances = balances_of(lines)
    concerned = Order.objects.filter(pk__in=lines).order_by("billing_name", "pk")
    return Affected(
        orders=[
            AffectedOrder(
                order,
                places=len(lines[order.pk]),
                going_back=_all_of(balances[order.pk], lines[order.pk]),
                is_at_desk=balances[order.pk].is_at_desk,
            )
            for order in concerned
        ],
        waiting=session.waiting.on_the_list().count(),
        in_carts=session.cart_lines.holding().aggregate(places=Sum("quantity"))["places"] or 0,
    )


@transaction.atomic
def begin(session: Session, *, words: str = "", actor=None) -> SessionCancellation:
    """Decide that the session does not take place: from this instant nobody books it, and nobody waits for it.

    Places leave all carts; the waiting list is told. What orders have of it is worked on afterwards. Repeating the
    call is harmless. Raises ``SessionOver``.
    """
    at = timezone.now()
    session = places.lock([session.pk], at=at)[session.pk]
    known = SessionCancellation.objects.filter(session=session).first()
    if known is not None:
        return known
    if session.ends_at <= at:
        raise SessionOver
    session.cancelled_at = at
    session.sequence += 1
    session.save(update_fields=["cancelled_at", "sequence", "updated_at"])
    cancellation = SessionCancellation.objects.create(
        session=session, words=words, by=actor, places=session.order_lines.places().count()
    )
    _empty_carts(session)
    waiting.close(session, actor=actor, letter="waiting_cancelled")
    enqueue("shop.services.cancelling.work", cancellation.pk)
    return cancellation


def work(cancellation_id: int) -> bool:
    """Do what is left for a while, order by order, and queue the rest. Returns whether all is done.

    Safe to repeat, and to run in several workers at once. An order that cannot be given up now, because a payment is
    just being confirmed or its provider does not answer, is tried again by ``resume``.
    """
    cancellation = SessionCancellation.objects.select_related("session", "by").get(pk=cancellation_id)
    if cancellation.finished_at:
        return True
    SessionCancellation.objects.filter(pk=cancellation.pk).update(worked_at=timezone.now())
    until = time.monotonic() + WORK_SECONDS
    for order_id in _orders_left(cancellation.session):
        if time.monotonic() > until:
            enqueue("shop.services.cancelling.work", cancellation.pk)
            return False
        try:
            _give_up(cancellation, Order.objects.get(pk=order_id))
        except DomainError as refusal:
            logger.warning("Session %s: order %s waits: %s", cancellation.session_id, order_id, refusal)
    return _finish(cancellation)


def resume() -> int:
    """Go on with cancellations that nobody works on. Returns how many there were."""
    idle = Q(worked_at__isnull=True) | Q(worked_at__lt=timezone.now() - IDLE)
    left = SessionCancellation.objects.filter(idle, finished_at__isnull=True).order_by("pk")
    ids = list(left.values_list("pk", flat=True))
    for cancellation_id in ids:
        work(cancellation_id)
    return len(ids)


def progress_of(cancellation: SessionCancellation) -> Progress:
    """How far it has come, in a fixed number of queries."""
    lines = cancellation.session.order_lines
    shares = RefundShare.objects.filter(line__in=lines.all(), refund__created_at__gte=cancellation.created_at)
    is_open = Q(refund__status__in=UNSETTLED_REFUNDS)
    is_at_desk = is_open & Q(refund__provider="desk")
    money = shares.aggregate(
        refunded=Sum("amount", filter=Q(refund__status=RefundStatus.DONE), default=ZERO),
        on_its_way=Sum("amount", filter=is_open & ~is_at_desk, default=ZERO),
        at_desk=Sum("amount", filter=is_at_desk, default=ZERO),
        orders_at_desk=Count("line__order", filter=is_at_desk, distinct=True),
        failed=Sum("amount", filter=Q(refund__status=RefundStatus.FAILED), default=ZERO),
    )
    left = lines.places().count()
    return Progress(
        places=max(cancellation.places, left),
        places_left=left,
        unpaid_back=_unpaid_back(cancellation),
        **money,
    )


def _give_up(cancellation: SessionCancellation, order: Order) -> None:
    """Give up the session's places in one order, send its money back and write to its buyer, all or nothing.

    An order that is not paid yet is cancelled as a whole: nobody shall pay for what does not take place.
    Raises ``OrderNotCancellable`` or ``ProviderUnavailable``.
    """
    if order.is_pending:
        payments.close_live(order)  # asks the provider, so it comes before the transaction
    note = _("The session does not take place")
    with transaction.atomic():
        session_ids = order.lines.kept().values_list("session", flat=True)
        places.lock(set(session_ids), at=timezone.now())
        order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        if order.status == OrderStatus.PAID:
            lines = list(order.lines.kept().filter(session=cancellation.session))
            if not changes.cancel_lines(order, lines, actor=cancellation.by, note=note):
                return  # somebody else was quicker
            _send_money_back(order, lines, note, cancellation.by)
        elif order.status == OrderStatus.PENDING:
            orders.cancel(order, actor=cancellation.by, note=note)
        else:
            return
        enqueue_mail(
            "session_cancelled",
            to=order.email,
            dedupe_key=f"session-cancelled:{cancellation.pk}:{order.pk}",
            context={"cancellation_id": cancellation.pk, "order_id": order.pk},
        )


def _send_money_back(order: Order, lines: list[OrderLine], reason: str, by) -> Refund | None:
    try:
        with transaction.atomic():
            return refunds.refund_owed(order, reason=reason, by=by, lines=lines)
    except DomainError as refusal:  # a bank claims the money already, say; the page names the order
        logger.warning("Order %s: nothing is refunded: %s", order.pk, refusal)
        return None


@transaction.atomic
def _finish(cancellation: SessionCancellation) -> bool:
    """Note that all is done, unless somebody has paid for the session in the meantime."""
    places.lock([cancellation.session_id], at=timezone.now())
    if cancellation.session.order_lines.places().exists():
        return False
    SessionCancellation.objects.filter(pk=cancellation.pk, finished_at=None).update(
        finished_at=timezone.now()
    )
    return True


def _empty_carts(session: Session) -> None:
    """Take a locked session out of all carts."""
    lines = CartLine.objects.filter(session=session, cart__status="open")
    held = lines.filter(is_held=True).aggregate(places=Sum("quantity"))["places"] or 0
    if held:
        places.free(session, held)
    lines.delete()


def _orders_left(session: Session) -> list[int]:
    lines = session.order_lines.places().order_by()
    return sorted(set(lines.values_list("order", flat=True)))


def _all_of(balance: Balance, lines: list[int]) -> Decimal:
    """What goes back if nothing is kept of these lines."""
    return sum(balance.owed_if(dict.fromkeys(lines, ZERO)).values(), ZERO)


def _unpaid_back(cancellation: SessionCancellation) -> list[Order]:
    """Orders to which something is owed for the session: the money is still here, or a bank has yet to decide."""
    given_up = cancellation.session.order_lines.filter(
        cancelled_at__gte=cancellation.created_at, order__paid_at__isnull=False, moved_to__isnull=True
    )
    lines = dict(given_up.values_list("pk", "order"))
    still_here = set()
    for order_id, balance in balances_of(set(lines.values())).items():
        is_owed = any(money.owed for money in balance.lines if money.line.pk in lines)
        if is_owed and (balance.left or balance.is_disputed):
            still_here.add(order_id)
    return list(Order.objects.filter(pk__in=still_here).order_by("pk"))
