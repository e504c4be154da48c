"""The year before the demo's story: sessions that are over, and who bought what, so that reports have much to tell.

A thousand sales by the services would take minutes. These are written as rows, many at a time, priced by the shop's own
``price_cart``; the books and the invoices follow from them as they do for every other sale of the demo. The list of
what does not add up (``services.integrity``) is empty afterwards, as a test holds.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Model
from django.utils import timezone

from core.money import ZERO, rounded
from shop import demo_story as story
from shop.demo_sales import PARTIES, STREETS, TOWNS, Buyer
from shop.enums import CouponKind, OrderStatus, PaymentStatus, RefundStatus, Subject
from shop.models import (
    Coupon,
    CouponRedemption,
    Order,
    OrderLine,
    Payment,
    Refund,
    RefundShare,
    Session,
    Transition,
)
from shop.services.orders import line_of
from shop.services.places import Wanted
from shop.services.pricing import price_cart

ROUND_DAYS = 42
COUPON = "NEWLEAF-10"
COUPON_RATE, CANCELLED_RATE, LAPSED_RATE, DESK_RATE = 0.08, 0.06, 0.03, 0.3
FEE_PERCENT = 20  # kept of every other cancelled order
QUIET_MONTHS = (7, 8)  # people are at the lake
MakeSession = Callable[[story.DemoProject, story.DemoSession, date], Session | None]


@dataclass
class Sale:
    """One order with all that hangs on it, not written yet."""

    order: Order
    lines: list[OrderLine]
    payment: Payment | None = None
    refund: Refund | None = None
    shares: list[RefundShare] = field(default_factory=list)
    moves: list[Transition] = field(default_factory=list)


def load(first_day: date, buyers: list[Buyer], make_session: MakeSession) -> list[int]:
    """Write the sales before ``first_day``, as far back as the settings say. Returns the orders' primary keys.

    ``make_session`` makes a session of the story, not saved yet, as of the first day of a round. The books are not
    written here.
    """
    if settings.DEMO_HISTORY_DAYS < ROUND_DAYS:
        return []
    coupon = _coupon()
    sessions = list(_sessions(first_day, make_session))
    Session.objects.bulk_create(sessions)
    sales = [sale for session in sessions for sale in _sales_of(session, buyers, coupon)]
    sales.sort(key=lambda sale: sale.order.created_at)
    _write(sales, coupon)
    Session.objects.bulk_update(sessions, ["seats_taken"], batch_size=200)
    return [sale.order.pk for sale in sales]


def _coupon() -> Coupon:
    now = timezone.now()
    return Coupon.objects.create(
        code=COUPON,
        kind=CouponKind.PERCENT,
        value=Decimal(10),
        valid_from=now - timedelta(days=settings.DEMO_HISTORY_DAYS + 60),
        valid_until=now - timedelta(days=20),
    )


def _sessions(first_day: date, make_session: MakeSession) -> Iterator[Session]:
    """Sessions of the rounds before the first, fewer the longer ago: the studio was smaller then."""
    known = set(Session.objects.values_list("slug", flat=True))
    rounds = settings.DEMO_HISTORY_DAYS // ROUND_DAYS
    for number in range(rounds, 0, -1):
        share = 0.75 - 0.4 * number / rounds
        begins_on = first_day - timedelta(days=ROUND_DAYS * number)
        for project in story.PROJECTS:
            for told in project.sessions:
                if (
                    not 0 <= told.day < ROUND_DAYS
                    or told.minutes_from_now is not None
                    or not told.is_published
                ):
                    continue
                session = make_session(project, told, begins_on)
                dice = _dice(session.slug)
                is_quiet = session.starts_at.month in QUIET_MONTHS
                if session.slug in known or dice.random() > share * (0.5 if is_quiet else 1):
                    continue
                session.thanked_at = session.ends_at
                session.sales_start_at = session.sales_end_at = None
                yield session


def _sales_of(session: Session, buyers: list[Buyer], coupon: Coupon) -> Iterator[Sale]:
    dice = _dice(f"sales of {session.slug}")
    months_ago = (timezone.now() - session.starts_at).days / 30
    fill = min(1.0, max(0.15, dice.gauss(0.85 - 0.03 * months_ago, 0.18)))
    left = round(session.capacity * fill)
    coming = dice.sample(buyers, len(buyers))
    moments = sorted((_placed_at(session, dice) for _buyer in coming), reverse=True)
    while left > 0 and coming:
        party = min(dice.choice(PARTIES), left, settings.SHOP_MAX_PLACES_PER_BUYER)
        sale = _sale(session, coming.pop(), party, moments.pop(), coupon, dice, buyers)
        kept = [line for line in sale.lines if line.cancelled_at is None]
        if sale.order.status == OrderStatus.PAID:
            session.seats_taken += len(kept)
            left -= len(kept)
        yield sale


def _placed_at(session: Session, dice: random.Random) -> datetime:
    return session.starts_at - timedelta(days=dice.randint(1, 26), minutes=dice.randint(0, 900))


def _sale(
    session: Session,
    buyer: Buyer,
    places: int,
    at: datetime,
    coupon: Coupon,
    dice: random.Random,
    buyers: list[Buyer],
) -> Sale:
    profile = buyer.user.profile if buyer.user else None
    used = coupon if dice.random() < COUPON_RATE else None
    membership = profile.membership if profile else ""
    quote = price_cart([Wanted(session, places)], used, membership=membership, at=at)
    postcode, city = dice.choice(TOWNS)
    order = Order(
        created_at=at,
        status=OrderStatus.PAID,
        customer=buyer.user,
        membership=membership or Order._meta.get_field("membership").default,
        email=buyer.email,
        billing_name=f"{buyer.first_name} {buyer.last_name}",
        billing_company=buyer.company,
        billing_street=f"{dice.choice(STREETS)} {dice.randint(1, 90)}",
        billing_postcode=postcode,
        billing_city=city,
        currency=settings.SHOP_CURRENCY,
        subtotal=quote.subtotal,
        discount=quote.discount,
        total=quote.total,
        tax=quote.tax,
        coupon_code=quote.coupon.code if quote.coupon else "",
        terms_accepted_at=at,
    )
    guests = [buyer, *dice.sample([other for other in buyers if other is not buyer], places - 1)]
    lines = [
        line_of(order, place, guest, position=position, at=at)
        for position, (place, guest) in enumerate(zip(quote.places, guests, strict=True), start=1)
    ]
    sale = Sale(order, lines)
    _move(sale, Subject.ORDER, order, "", OrderStatus.PENDING, at)
    _ending(dice)(sale, dice)
    return sale


# What became of an order.


def _ending(dice: random.Random) -> Callable[[Sale, random.Random], None]:
    chance = dice.random()
    if chance < LAPSED_RATE:
        return _lapse
    return _cancel if chance < LAPSED_RATE + CANCELLED_RATE else _pay


def _pay(sale: Sale, dice: random.Random) -> None:
    """It was paid: by card at once, or at the desk within two days. A free one is confirmed as it is placed."""
    order = sale.order
    order.paid_at = order.created_at
    if order.total:
        is_card = dice.random() >= DESK_RATE
        took = timedelta(minutes=dice.randint(1, 9)) if is_card else timedelta(hours=dice.randint(2, 20))
        order.paid_at = order.created_at + took
        sale.payment = _payment(order, "stripe" if is_card else "desk")
        sale.payment.status = PaymentStatus.PAID
        sale.payment.paid_at = order.paid_at
        sale.payment.received_amount, sale.payment.received_currency = order.total, order.currency
        sale.payment.is_fulfilling = True
        sale.payment.charge_reference = f"demo-charge-{order.code}" if is_card else ""
        for before, after in (("", "created"), ("created", "open")):
            _move(sale, Subject.PAYMENT, sale.payment, before, after, order.created_at)
        _move(sale, Subject.PAYMENT, sale.payment, "open", "paid", order.paid_at)
    _move(sale, Subject.ORDER, order, OrderStatus.PENDING, OrderStatus.PAID, order.paid_at)


def _lapse(sale: Sale, dice: random.Random) -> None:
    """Nobody came to pay at the desk."""
    order = sale.order
    order.status = OrderStatus.EXPIRED
    order.expires_at = order.closed_at = order.created_at + timedelta(hours=settings.SHOP_DESK_DEADLINE_HOURS)
    if order.total:
        sale.payment = _payment(order, "desk")
        sale.payment.status = PaymentStatus.EXPIRED
        sale.payment.expires_at = order.expires_at
        for before, after, at in (
            ("", "created", order.created_at),
            ("created", "open", order.created_at),
            ("open", "expired", order.closed_at),
        ):
            _move(sale, Subject.PAYMENT, sale.payment, before, after, at)
    _move(sale, Subject.ORDER, order, OrderStatus.PENDING, OrderStatus.EXPIRED, order.closed_at)


def _cancel(sale: Sale, dice: random.Random) -> None:
    """It was paid, cancelled some hours later, and the money went back: all of it, or less a fee."""
    _pay(sale, dice)
    order = sale.order
    order.status = OrderStatus.CANCELLED
    order.closed_at = order.paid_at + timedelta(hours=dice.randint(1, 3))
    has_fee = dice.random() < 0.5
    for line in sale.lines:
        line.cancelled_at = order.closed_at
        line.fee = rounded(line.price * FEE_PERCENT / 100) if has_fee else ZERO
    _move(sale, Subject.ORDER, order, OrderStatus.PAID, OrderStatus.CANCELLED, order.closed_at)
    amount = sum((line.price - line.fee for line in sale.lines), ZERO)
    if not amount:
        return
    done_at = order.closed_at + timedelta(minutes=20)
    sale.refund = Refund(
        payment=sale.payment,
        provider=sale.payment.provider,
        status=RefundStatus.DONE,
        amount=amount,
        reason="Cancelled by the buyer",
        idempotency_key=f"refund-{sale.payment.idempotency_key}-1",
        reference=f"demo-refund-{order.code}",
        created_at=order.closed_at,
        checked_at=done_at,
        done_at=done_at,
    )
    sale.shares = [
        RefundShare(refund=sale.refund, line=line, amount=line.price - line.fee)
        for line in sale.lines
        if line.price > line.fee
    ]
    _move(sale, Subject.REFUND, sale.refund, "", "created", order.closed_at)
    _move(sale, Subject.REFUND, sale.refund, "created", "done", done_at)
    if amount == order.total:
        order.status = OrderStatus.REFUNDED
        _move(sale, Subject.ORDER, order, OrderStatus.CANCELLED, OrderStatus.REFUNDED, done_at)


def _payment(order: Order, provider: str) -> Payment:
    return Payment(
        order=order,
        attempt=1,
        provider=provider,
        amount=order.total,
        currency=order.currency,
        idempotency_key=f"order-{order.code}-attempt-1",
        reference=f"demo-{provider}-{order.code}",
        created_at=order.created_at,
        checked_at=order.paid_at or order.created_at,
    )


def _move(sale: Sale, subject: Subject, thing: Model, before: str, after: str, at: datetime) -> None:
    row = Transition(subject=subject, from_status=before, to_status=after, at=at)
    row.thing = thing  # whose key is known once it is written
    sale.moves.append(row)


def _write(sales: list[Sale], coupon: Coupon) -> None:
    Order.objects.bulk_create([sale.order for sale in sales], batch_size=200)
    _create(OrderLine, (line for sale in sales for line in sale.lines), "order")
    _create(Payment, (sale.payment for sale in sales if sale.payment), "order")
    _create(Refund, (sale.refund for sale in sales if sale.refund), "payment")
    _create(RefundShare, (share for sale in sales for share in sale.shares), "refund", "line")
    for sale in sales:
        for move in sale.moves:
            move.subject_id, move.order_id = move.thing.pk, sale.order.pk
    Transition.objects.bulk_create([move for sale in sales for move in sale.moves], batch_size=500)
    uses = [
        CouponRedemption(
            coupon=coupon,
            order=sale.order,
            buyer_email=sale.order.email,
            amount=sale.order.discount,
            released_at=sale.order.closed_at if sale.order.paid_at is None else None,
        )
        for sale in sales
        if sale.order.coupon_code
    ]
    CouponRedemption.objects.bulk_create(uses)
    for use in uses:
        use.redeemed_at = use.order.created_at
    CouponRedemption.objects.bulk_update(uses, ["redeemed_at"])
    coupon.uses = sum(use.released_at is None for use in uses)
    coupon.save(update_fields=["uses"])


def _create(model: type[Model], rows: Iterable[Model], *keys: str) -> None:
    """Write rows whose foreign keys were not written yet when they were made."""
    rows = list(rows)
    for row in rows:
        for key in keys:
            setattr(row, key, getattr(row, key))
    model.objects.bulk_create(rows, batch_size=200)


def _dice(seed: str) -> random.Random:
    """Chance that falls the same way each time, so that the year stays the same."""
    return random.Random(seed)  # noqa: S311
