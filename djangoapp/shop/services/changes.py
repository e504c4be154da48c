"""What changes in an order after it was paid: places that are given up, one by one.

These services are for staff and for buyers alike; what buyers may do is decided in ``services.own_orders``.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.mail import enqueue_mail
from core.money import ZERO
from shop.enums import LineStatus, OrderStatus
from shop.exceptions import FeeTooHigh, OrderNotCancellable
from shop.models import Order, OrderLine, Refund
from shop.services import history, orders, places, refunds
from shop.services.orders import Attendee
from shop.signals import order_changed


@transaction.atomic
@history.in_one_go()
def cancel_lines(
    order: Order,
    lines: Iterable[OrderLine],
    *,
    actor=None,
    note: str = "",
    fees: Mapping[int, Decimal] | None = None,
) -> list[OrderLine]:
    """Give up places of a confirmed order: free them, write it down and announce it, all or nothing.

    ``fees`` says what is kept of a place's price, by the line's primary key; nothing where it says nothing. The rest is
    owed to the buyer until it is refunded, which this call does not do. When the last place goes the order is
    cancelled, and ``order_cancelled`` is sent; before that it is ``order_changed``.

    Returns the lines that this call gave up. Lines given up before are left as they are, so repeating the call is
    harmless and returns an empty list. An order that is not paid yet is cancelled as a whole, by
    ``services.payments.cancel_unpaid``.
    Raises ``OrderNotCancellable``, ``FeeTooHigh`` or ``OrderChanged``; then nothing has happened.
    """
    at = timezone.now()
    wanted = order.lines.kept().filter(pk__in=[line.pk for line in lines])
    sessions = places.lock(set(wanted.values_list("session", flat=True)), at=at)
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    given_up = list(wanted.select_related("session__project"))
    if not given_up:
        return []
    if order.status != OrderStatus.PAID:
        raise OrderNotCancellable(_("Single places are given up once the order is paid."))
    for line in given_up:
        line.order = order
        line.cancelled_at = at
        line.fee = (fees or {}).get(line.pk, ZERO)
        if not ZERO <= line.fee <= line.final_price:
            raise FeeTooHigh(line.final_price)
        history.tell(line, LineStatus.BOOKED, LineStatus.CANCELLED, actor=actor, note=note)
    if len(given_up) == order.lines.kept().count():
        orders.close(order, OrderStatus.CANCELLED, sessions, given_up, actor=actor, note=note)
        return given_up
    orders.free_places(sessions, given_up)
    OrderLine.objects.bulk_update(given_up, ["cancelled_at", "fee"])
    order_changed.send(sender=Order, order=order, added=[], cancelled=given_up)
    return given_up


@transaction.atomic
def cancel_and_refund(order: Order, *, actor=None, note: str = "") -> Refund | None:
    """Cancel all places of a confirmed order without a fee, refund what was paid and tell the buyer.

    Returns the refund, if anything had been paid. Repeating the call is harmless. Raises as ``cancel_lines``, and
    ``PaymentDisputed``; then nothing has happened.
    """
    gone = cancel_lines(order, order.lines.kept(), actor=actor, note=note)
    if not gone:
        return None
    refund = refunds.refund_owed(order, reason=note, by=actor, lines=gone)
    tell_given_up(order, gone, refund)
    return refund


@transaction.atomic
@history.in_one_go()
def rename_lines(lines: QuerySet[OrderLine], names: Mapping[int, Attendee], *, actor=None) -> list[OrderLine]:
    """Write who comes instead, by the line's primary key. Returns the lines that changed.

    The order of the lines is locked. Tickets and calendar files read the name where it stands, and the history tells
    no names: it is kept when a person is to be forgotten.
    """
    changed = []
    for line in lines:
        before, new = line.attendee_name, names[line.pk]
        line.attendee_first_name, line.attendee_last_name = new.first_name, new.last_name
        if line.attendee_name != before:
            changed.append(line)
            history.tell(line, LineStatus.BOOKED, LineStatus.BOOKED, actor=actor, note="Another name")
    OrderLine.objects.bulk_update(changed, ["attendee_first_name", "attendee_last_name"])
    return changed


def tell_given_up(order: Order, lines: list[OrderLine], refund: Refund | None) -> None:
    """Write to the buyer that places were given up, what was kept of them and what goes back.

    To be called in the transaction of ``cancel_lines``, with the lines that it returned, or in that in which an order
    was cancelled before it was paid.
    """
    enqueue_mail(
        "places_given_up",
        to=order.email,
        dedupe_key=f"places-given-up:{lines[0].pk}",
        context={
            "order_id": order.pk,
            "line_ids": [line.pk for line in lines],
            "refund_id": refund and refund.pk,
        },
    )
