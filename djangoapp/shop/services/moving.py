"""Moving places to another date of the same project: one transaction, both sessions locked, the money goes along.

A line never changes its session. The old line is given up without a fee and a new one, at a price of its own, carries
the money on; whatever is left of it is owed to the buyer (see ``services.balance``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.mail import enqueue_mail
from core.money import ZERO, rounded, tax_included
from shop.enums import LineStatus, OrderStatus
from shop.exceptions import DearerDate, NotMovable, OrderChanged
from shop.models import Order, OrderLine, Refund, Session
from shop.services import history, orders, places
from shop.services.places import Wanted
from shop.services.policy import in_words, terms_for, terms_of
from shop.services.pricing import price_for
from shop.signals import order_changed


@dataclass(frozen=True)
class NewPrice:
    """What a place would cost on another date: the coupon of the order lowers it as it lowered the old one."""

    list_price: Decimal
    unit_price: Decimal
    reason: str
    discount: Decimal

    @property
    def price(self) -> Decimal:
        return self.unit_price - self.discount


@transaction.atomic
@history.in_one_go()
def move_lines(
    order: Order,
    lines: Iterable[OrderLine],
    to: Session,
    *,
    actor=None,
    note: str = "",
    keeps_price: bool = False,
    is_staff: bool = False,
) -> list[OrderLine]:
    """Move places of a confirmed order to another date of their project, all or none, and announce it.

    Each costs what it costs there; with ``keeps_price`` what was paid. Staff moves also to dates that are hidden, not
    on sale, or beyond the buyer's limit of places. Nothing is refunded here: ``refunds.refund_owed`` does that for the
    lines that are returned, which are the new ones. Places that are given up or have moved already are left as they
    are, so repeating the call is harmless and returns an empty list.
    Raises ``NotMovable``, ``DearerDate``, ``NotBookable``, ``TooManyPlaces``, ``SessionFull`` or ``OrderChanged``; then
    nothing has happened.
    """
    at = timezone.now()
    wanted = order.lines.kept().filter(pk__in=[line.pk for line in lines])
    sessions = places.lock({to.pk, *wanted.values_list("session", flat=True)}, at=at)
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    leaving = list(wanted.select_related("session__project__policy").order_by("position"))
    if not leaving:
        return []
    to = sessions[to.pk]
    _check(order, leaving, to, at, is_staff=is_staff)
    if not {line.session_id for line in leaving} <= sessions.keys():
        raise OrderChanged
    places.take(to, len(leaving))
    arriving = _arrivals(order, leaving, to, at, keeps_price=keeps_price)
    for line in leaving:
        line.order = order
        line.cancelled_at = at
        history.tell(line, LineStatus.BOOKED, LineStatus.MOVED, actor=actor, note=note)
    orders.free_places(sessions, leaving)
    OrderLine.objects.bulk_update(leaving, ["cancelled_at"])
    OrderLine.objects.bulk_create(arriving)
    _take_request_along(order, arriving)
    for line in arriving:
        history.tell(line, "", LineStatus.BOOKED, actor=actor)
    order_changed.send(sender=Order, order=order, added=arriving, cancelled=leaving)
    return arriving


def new_price(
    line: OrderLine, to: Session, membership: str, *, at: datetime, number: int = 0, together: int = 1
) -> NewPrice:
    """What a place of an order costs on another date, as of ``at`` (aware); see ``pricing.price_for``."""
    price = price_for(to, membership, at=at, number=number, together=together)
    discount = ZERO
    if line.discount:
        discount = rounded(price.price * line.discount / line.unit_price)
    return NewPrice(price.list_price, price.price, price.reason, discount)


def kept_after(line: OrderLine, price: Decimal) -> Decimal:
    """What is kept of a place that costs so much on its new date; what was taken off it before stays off."""
    return price - min(line.allowance, price)


def tell_moved(order: Order, lines: list[OrderLine], refund: Refund | None) -> None:
    """Write to the buyer where places have moved to, and what goes back.

    To be called in the transaction of ``move_lines``, with the lines that it returned.
    """
    enqueue_mail(
        "places_moved",
        to=order.email,
        dedupe_key=f"places-moved:{lines[0].pk}",
        context={
            "order_id": order.pk,
            "line_ids": [line.pk for line in lines],
            "refund_id": refund and refund.pk,
        },
    )


def _take_request_along(order: Order, arriving: list[OrderLine]) -> None:
    """What the buyer has asked for, and nobody has answered yet, is asked for the places where they are now."""
    for request in order.refund_requests.open():
        asked = set(request.lines.values_list("pk", flat=True))
        moved = {line.moved_from_id: line for line in arriving if line.moved_from_id in asked}
        request.lines.remove(*moved)
        request.lines.add(*moved.values())


def _check(order: Order, leaving: list[OrderLine], to: Session, at: datetime, *, is_staff: bool) -> None:
    if order.status != OrderStatus.PAID:
        raise NotMovable(_("Only a confirmed booking can be moved."))
    if any(line.session_id == to.pk for line in leaving):
        raise NotMovable(_("The place is on that date already."))
    if any(line.session.project_id != to.project_id for line in leaving):
        raise NotMovable(_("Places move between dates of the same workshop only."))
    if not is_staff:
        booked = places.booked_places([to.pk], user=order.customer, email=order.email)
        places.validate_lines([Wanted(to, len(leaving))], at=at, booked=booked)
    elif to.is_cancelled or to.starts_at <= at:
        raise NotMovable(_("That date is over, or does not take place."))


def _arrivals(
    order: Order, leaving: list[OrderLine], to: Session, at: datetime, *, keeps_price: bool
) -> list[OrderLine]:
    """The lines of the new date. Raises ``DearerDate``."""
    last = order.lines.aggregate(last=Max("position"))["last"]
    lines = []
    for number, line in enumerate(leaving):
        if keeps_price:
            price = NewPrice(to.base_price, line.unit_price, _("As it was paid for"), line.discount)
        else:
            price = new_price(line, to, order.membership, at=at, number=number, together=len(leaving))
            if price.price > line.price:
                raise DearerDate(price.price - line.price)
        rule = to.project.tax_rule
        lines.append(
            OrderLine(
                order=order,
                position=last + 1 + number,
                session=to,
                description=to.as_sold,
                attendee_first_name=line.attendee_first_name,
                attendee_last_name=line.attendee_last_name,
                list_price=price.list_price,
                unit_price=price.unit_price,
                price_reason=price.reason,
                discount=price.discount,
                price=price.price,
                tax_name=rule.name,
                tax_rate=rule.rate,
                tax=tax_included(price.price, rule.rate),
                policy=_promise(line, to, price.price, at),
                allowance=min(line.allowance, price.price),
                moved_from=line,
            )
        )
    return lines


def _promise(line: OrderLine, to: Session, price: Decimal, at: datetime) -> dict:
    """What holds on the new date. Who moves when cancelling costs a fee does not get out of it by moving far ahead."""
    terms, before = terms_of(to), terms_for(line)
    if at > before.free_until:
        terms = replace(terms, free_until=min(terms.free_until, before.free_until))
    return terms.frozen() | {"words": in_words(terms, to.tz, price, at=at)}
