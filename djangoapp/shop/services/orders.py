"""Orders: from a cart to a booking, and out of it again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import membership_of
from core.mail import enqueue_mail
from shop.enums import CartStatus, OrderStatus
from shop.exceptions import (
    AttendeesMissing,
    CartClosed,
    CartEmpty,
    OrderChanged,
    OrderNotCancellable,
    OrderNotPayable,
    PriceChanged,
)
from shop.models import Cart, Order, OrderLine, Payment, Session
from shop.providers import get_provider
from shop.services import coupons, history, places
from shop.services.places import Wanted
from shop.services.policy import promise
from shop.services.pricing import PricedPlace, Quote, as_present, price_cart, why_dearer
from shop.signals import order_cancelled, order_paid

GRACE = timedelta(minutes=5)  # between the end of a payment attempt and the end of waiting for it


@dataclass(frozen=True)
class BillingAddress:
    name: str
    street: str
    postcode: str
    city: str
    country: str  # ISO 3166 alpha-2
    company: str = ""


@dataclass(frozen=True)
class Attendee:
    first_name: str
    last_name: str


@dataclass(frozen=True)
class Purchase:
    """What a buyer tells at the checkout."""

    email: str
    billing: BillingAddress
    attendees: dict[int, list[Attendee]]  # by the session's primary key, one for each place
    provider: str
    expected_total: Decimal | None = None  # what the buyer saw; None skips the comparison


@dataclass(frozen=True)
class ByStaff:
    """Who of the studio books for the buyer, and the reason if the places are a present."""

    actor: User
    complimentary: str = ""


@transaction.atomic
@history.in_one_go()
def place_order(cart: Cart, purchase: Purchase, *, user=None, by: ByStaff | None = None) -> Order:
    """Turn the cart into an order that keeps its places and is to be paid, with the attempt to pay prepared.

    Places whose hold has run out are taken again if there still are any. An order of total zero is paid at once and
    has no payment. Repeating the call for the same cart returns the order that it became. ``by`` says that the studio
    books for the buyer: sales window and limits per buyer then do not count, and the terms are not accepted yet.
    Raises ``CartEmpty``, ``NotBookable``, ``TooManyPlaces``, ``SessionFull``, ``AttendeesMissing``,
    ``CouponInvalid`` or ``PriceChanged``; then nothing has happened.
    """
    at = timezone.now()
    cart = Cart.objects.select_for_update(of=("self",), no_key=True).select_related("coupon").get(pk=cart.pk)
    if cart.status != CartStatus.OPEN:
        order = Order.objects.filter(cart=cart).first()
        if order is None:
            raise CartClosed
        return order
    sessions = places.lock([], at=at, cart=cart)
    lines = list(cart.lines.select_related("offer", "access_code").order_by("session__starts_at", "pk"))
    if not lines:
        raise CartEmpty
    wanted = [
        Wanted(sessions[line.session_id], line.quantity, line.is_opened(at), by_staff=by is not None)
        for line in lines
    ]
    booked = places.booked_places(sessions, user=user, email=purchase.email)
    places.validate_lines(wanted, at=at, booked=booked)
    places.validate_total(wanted)
    offered = [line for line in lines if line.is_offered(at)]
    for line in lines:
        # An offer that was renewed may have fewer places than the line was given by the one before.
        missing = line.quantity - (line.offer.offered if line in offered else 0)
        if not line.is_held and missing > 0:
            places.take(sessions[line.session_id], missing)

    membership = membership_of(user) if user is not None else ""
    quote = price_cart(wanted, cart.coupon, membership=membership, at=at)
    if by is not None and by.complimentary:
        quote = as_present(quote, by.complimentary)
    if purchase.expected_total is not None and purchase.expected_total != quote.total:
        raise PriceChanged(quote.total, [why_dearer(quote.of(line.session), at=at) for line in wanted])
    pay_by = (
        _pay_by(purchase.provider, [line.session.starts_at for line in wanted], at) if quote.total else None
    )
    order = _write_order(cart, purchase, quote, membership, user, None if by else at, pay_by)
    _write_lines(order, quote, purchase.attendees, at)
    if quote.coupon is not None:
        coupons.take_use(quote.coupon, order)
    cart.lines.update(is_held=False)  # the order keeps the places from here on
    history.move(cart, CartStatus.ORDERED)
    history.begin(order, actor=by.actor if by else user, note="Booked by the studio" if by else "")
    for line in offered:
        kept = min(line.quantity, line.offer.offered)
        places.hand_over(sessions[line.session_id], line.offer, order, kept)
    if pay_by is None:
        return become_paid(order, actor=by and by.actor, note="Nothing to pay")
    _write_payment(order, purchase.provider, 1, pay_by)
    return order


def prepare_payment(order: Order, provider_name: str, *, at: datetime) -> Payment:
    """Write the next attempt to pay the (locked, pending) order; the provider is called after the commit.

    However often somebody tries, places are kept for as long as for payment at the desk, and for one attempt online
    that begins within that time. Raises ``OrderNotPayable`` for one that would begin later.
    """
    pay_by = _pay_by(provider_name, order.lines.values_list("session__starts_at", flat=True), at)
    latest = order.created_at + timedelta(hours=settings.SHOP_DESK_DEADLINE_HOURS)
    if not get_provider(provider_name).is_online:
        pay_by = min(pay_by, max(latest, order.expires_at - GRACE))
    elif at > latest:
        raise OrderNotPayable(
            _("We have kept these places for as long as we can. Please pay at our desk now, or book again.")
        )
    payment = _write_payment(order, provider_name, order.payments.count() + 1, pay_by)
    order.expires_at = pay_by + GRACE
    order.save(update_fields=["expires_at", "updated_at"])
    return payment


@transaction.atomic
def mark_paid(order: Order, *, actor=None, note: str = "") -> Order:
    """Move a pending order to paid, announce it and write the confirmation.

    Repeating the call is harmless: several notifications tell of the same payment.
    Raises ``OrderNotPayable`` if the order was cancelled or has expired.
    """
    # Lock, then look: the copy we were handed may be stale by now.
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    if order.status == OrderStatus.PAID:
        return order
    if order.status != OrderStatus.PENDING:
        raise OrderNotPayable(_("This order can no longer be paid."))
    return become_paid(order, actor=actor, note=note)


@transaction.atomic
def revive(payment: Payment) -> bool:
    """Take the places of an expired order again, because its money came late, and mark it paid.

    All places or none: returns False, and changes nothing, when one is gone or its session has begun.
    """
    at = timezone.now()
    counts = _places_by_session(payment.order)
    sessions = places.lock(counts, at=at)
    order = Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
    can_have = all(
        session.starts_at > at
        and not session.is_cancelled
        and session.seats_taken + counts[pk] <= session.capacity
        for pk, session in sessions.items()
    )
    if order.status != OrderStatus.EXPIRED or not can_have:
        return False
    for session_id, quantity in counts.items():
        places.take(sessions[session_id], quantity)
    coupons.retake_use(order)
    Payment.objects.filter(pk=payment.pk).update(is_fulfilling=True)
    become_paid(order, note="Paid late, places were left")
    return True


@transaction.atomic
def expire(order: Order) -> bool:
    """Stop waiting for the money of an overdue order and free its places. Safe to repeat.

    Nothing happens while a payment of the order is live: its provider must have said first that nobody can pay.
    Returns whether the order expired by this call.
    """
    at = timezone.now()
    sessions = places.lock(_places_by_session(order), at=at)
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    is_overdue = order.status == OrderStatus.PENDING and order.expires_at <= at
    if not is_overdue or order.payments.live().exists():
        return False
    close(order, OrderStatus.EXPIRED, sessions, list(order.lines.kept()), note="Not paid in time")
    return True


@transaction.atomic
def cancel(order: Order, *, only_unpaid: bool = False, actor=None, note: str = "") -> Order:
    """Cancel a pending or paid order, free its places and announce it. Money paid stays until it is refunded.

    A pending order must have no live payment left; ``services.payments.cancel_unpaid`` sees to that. With
    ``only_unpaid`` a paid one is refused. Single places are given up by ``services.changes.cancel_lines``.
    Repeating the call is harmless. Raises ``OrderNotCancellable`` or ``OrderChanged``.
    """
    sessions = places.lock(_places_by_session(order), at=timezone.now())
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    if order.status == OrderStatus.CANCELLED:
        return order
    if only_unpaid and order.status == OrderStatus.PAID:
        raise OrderNotCancellable(_("Your payment has just arrived: the order is confirmed."))
    if order.payments.live().exists():
        raise OrderNotCancellable(
            _("A payment of this order is being confirmed; it cannot be cancelled now.")
        )
    if not order.holds_places:
        raise OrderNotCancellable(_("This order is over already."))
    close(order, OrderStatus.CANCELLED, sessions, list(order.lines.kept()), actor=actor, note=note)
    return order


def _pay_by(provider_name: str, starts: Iterable[datetime], at: datetime) -> datetime:
    """Until when an attempt to pay stays open: in person at the latest when the first session starts."""
    provider = get_provider(provider_name)
    pay_by = at + timedelta(minutes=provider.minutes_to_pay)
    if provider.is_online:
        return pay_by
    return max(min(pay_by, *starts), at + timedelta(hours=1))


def _write_payment(order: Order, provider_name: str, attempt: int, pay_by: datetime) -> Payment:
    payment = Payment.objects.create(
        order=order,
        attempt=attempt,
        provider=provider_name,
        amount=order.total,
        currency=order.currency,
        idempotency_key=f"order-{order.code}-attempt-{attempt}",
        expires_at=pay_by,
    )
    history.begin(payment)
    return payment


def _write_order(
    cart: Cart,
    purchase: Purchase,
    quote: Quote,
    membership: str,
    user,
    terms_accepted_at: datetime | None,
    pay_by: datetime | None,
) -> Order:
    billing = purchase.billing
    return Order.objects.create(
        cart=cart,
        customer=user,
        membership=membership or Order._meta.get_field("membership").default,
        email=purchase.email.lower(),
        billing_name=billing.name,
        billing_company=billing.company,
        billing_street=billing.street,
        billing_postcode=billing.postcode,
        billing_city=billing.city,
        billing_country=billing.country,
        currency=settings.SHOP_CURRENCY,
        subtotal=quote.subtotal,
        discount=quote.discount,
        total=quote.total,
        tax=quote.tax,
        coupon_code=quote.coupon.code if quote.coupon else "",
        terms_accepted_at=terms_accepted_at,
        expires_at=pay_by and pay_by + GRACE,
    )


def line_of(order: Order, place: PricedPlace, person: Attendee, *, position: int, at: datetime) -> OrderLine:
    """The line of a place, not saved, with all that its buyer was told. ``person`` needs a first and a last name."""
    return OrderLine(
        order=order,
        position=position,
        session=place.session,
        description=place.session.as_sold,
        attendee_first_name=person.first_name,
        attendee_last_name=person.last_name,
        list_price=place.list_price,
        unit_price=place.unit_price,
        price_reason=place.reason,
        discount=place.discount,
        price=place.price,
        tax_name=place.tax_name,
        tax_rate=place.tax_rate,
        tax=place.tax,
        policy=promise(place.session, place.price, at=at),
    )


def _write_lines(order: Order, quote: Quote, attendees: dict[int, list[Attendee]], at: datetime) -> None:
    names = {session_id: list(people) for session_id, people in attendees.items()}
    lines = []
    for position, place in enumerate(quote.places, start=1):
        people = names.get(place.session.pk)
        if not people:
            raise AttendeesMissing
        lines.append(line_of(order, place, people.pop(0), position=position, at=at))
    if any(names.values()):
        raise AttendeesMissing
    OrderLine.objects.bulk_create(lines)


def _places_by_session(order: Order) -> dict[int, int]:
    """How many places the order's lines stand for, by session."""
    return Counter(order.lines.kept().values_list("session", flat=True))


def become_paid(order: Order, *, actor=None, note: str = "") -> Order:
    """Confirm an order that the caller has locked and that may be paid: ``mark_paid`` looks first, this does not."""
    order.paid_at = timezone.now()
    order.closed_at = None
    history.move(order, OrderStatus.PAID, actor=actor, note=note, also=("paid_at", "closed_at"))
    prefetch_related_objects([order], "lines")  # read once, for all who listen
    order_paid.send(sender=Order, order=order)
    enqueue_mail(
        "order_paid", to=order.email, dedupe_key=f"order-paid:{order.pk}", context={"order_id": order.pk}
    )
    return order


def free_places(sessions: dict[int, Session], lines: list[OrderLine]) -> None:
    """Give back the places of lines that the caller gives up; sessions (by primary key) and order are locked.

    A place that moved after the caller had looked where to lock is in none of these sessions: ``OrderChanged``.
    """
    counts = Counter(line.session_id for line in lines)
    if not counts.keys() <= sessions.keys():
        raise OrderChanged
    for session_id, quantity in counts.items():
        places.free(sessions[session_id], quantity)


def close(
    order: Order,
    status: OrderStatus,
    sessions: dict[int, Session],
    lines: list[OrderLine],
    *,
    actor=None,
    note: str = "",
) -> None:
    """End an order that the caller has locked, with the sessions of ``lines``: all that it still keeps.

    Their places are free again. An order that is cancelled has given them up; one that expired may yet revive.
    """
    was_paid = order.status == OrderStatus.PAID
    free_places(sessions, lines)
    order.closed_at = timezone.now()
    history.move(order, status, actor=actor, note=note, also=("closed_at",))
    if status == OrderStatus.CANCELLED:
        for line in lines:
            line.cancelled_at = order.closed_at
        OrderLine.objects.bulk_update(lines, ["cancelled_at", "fee"])
    if not was_paid:
        coupons.release_use(order)
    order_cancelled.send(sender=Order, order=order, lines=lines)
