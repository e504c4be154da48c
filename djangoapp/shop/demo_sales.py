"""The demo's buyers at work: they put places into carts, order, pay at the desk, and sometimes think again."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from core.models import Mail, MailStatus
from shop import demo_story as story
from shop.demo_changes import Changes
from shop.enums import Subject
from shop.exceptions import CouponNotApplicable
from shop.models import (
    Cart,
    CouponRedemption,
    Order,
    OrderLine,
    Payment,
    Refund,
    RefundRequest,
    Session,
    Transition,
)
from shop.services import cart as carts
from shop.services import ledger, orders, payments, refunds
from shop.services.orders import Attendee, BillingAddress, Purchase
from shop.services.policy import promise, terms_of

PARTIES = (1, 2, 1, 2, 3, 1, 2)  # how many come together
STREETS = (
    "Lindenstrasse",
    "Birkenweg",
    "Ahornplatz",
    "Eibenstieg",
    "Obstgartenweg",
    "Ulmenhalde",
    "Weidengasse",
)
TOWNS = (("8004", "Zürich"), ("8400", "Winterthur"), ("5000", "Aarau"), ("6300", "Zug"), ("8610", "Uster"))
DATES = ("starts_at", "ends_at", "sales_start_at", "sales_end_at", "is_published")


@dataclass(frozen=True)
class Buyer:
    first_name: str
    last_name: str
    email: str
    user: User | None = None
    company: str = ""


@dataclass(frozen=True)
class Plan:
    """One order of the story: placed so long ago, and then this happens to it."""

    age: timedelta
    session: Session
    places: int
    buyer: Buyer
    ending: Callable[["Till", Order], timedelta]


class Till(Changes):
    """Where the story's places are sold. ``coupons`` says how often each code is still to be used.

    Sales are planned session by session and then made in the order of their dates, as a shop's orders would be.
    """

    def __init__(self, users: dict[str, User], *, cashier: User, coupons: dict[str, int]) -> None:
        self.cashier = cashier
        self.coupons = coupons
        self.regulars = [
            Buyer(person.first_name, person.last_name, person.email, users[person.email], person.organisation)
            for person in story.PEOPLE
            if person.role == "buyer"
        ]
        self.guests = [Buyer(guest.first_name, guest.last_name, guest.email) for guest in story.GUESTS]
        self.plans: list[Plan] = []
        self.filled: dict[Session, int] = {}

    def plan_sales(self, session: Session, quantity: int) -> None:
        """Fill so many places of a new session. In every fourth one the last party has not paid yet."""
        days_since = max(0, (timezone.now() - session.starts_at).days)
        is_owed = session.starts_at > timezone.now() and len(self.filled) % 4 == 0
        self.filled[session] = quantity
        dice = _dice(session.slug)
        buyers = self._queue(dice)
        while quantity:
            party = min(dice.choice(PARTIES), quantity, settings.SHOP_MAX_PLACES_PER_BUYER)
            quantity -= party
            age = timedelta(days=days_since + dice.randint(2, 20), minutes=dice.randint(0, 700))
            ending = Till.pay
            if is_owed and not quantity and session.base_price:
                age, ending = timedelta(minutes=dice.randint(60, 1700)), Till.owe
            self.plans.append(Plan(age, session, party, next(buyers), ending))

    def plan_exceptions(self) -> None:
        """What happens in every shop: orders that lapse, are cancelled or refunded."""
        dice = _dice("exceptions")
        now = timezone.now()
        roomy = [
            session
            for session, sold in self.filled.items()
            if session.capacity - sold >= 2 and session.base_price and not session.why_not_bookable(now)
        ]
        roomy.sort(key=lambda session: session.starts_at)
        self._plan_requests(now)
        for session, ending in zip(roomy, ENDINGS, strict=False):
            been = {plan.buyer for plan in self.plans if plan.session == session}
            buyer = next(guest for guest in dice.sample(self.guests, len(self.guests)) if guest not in been)
            days = 1 if ending in LATELY else dice.randint(6, 14)
            age = timedelta(days=days, minutes=dice.randint(0, 700))
            self.plans.append(Plan(age, session, 2, buyer, ending))

    def _plan_requests(self, now: datetime) -> None:
        """Of those who come in the next days, one asks for money back, and another got some."""
        endings = [Till.ask, Till.ask_and_get_half]
        for number, plan in enumerate(self.plans):
            session = plan.session
            is_late = terms_of(session).cancel_until < now < session.starts_at - timedelta(hours=6)
            if endings and is_late and plan.ending == Till.pay and session.base_price:
                self.plans[number] = replace(plan, ending=endings.pop(0), age=timedelta(days=1, hours=3))

    def make_sales(self) -> list[int]:
        """Place all planned orders, the oldest first, without booking them. Returns their primary keys."""
        placed = []
        with ledger.postponed(), ExitStack() as stack:
            opened = {session: stack.enter_context(on_sale(session)) for session in self.filled}
            for plan in sorted(self.plans, key=lambda plan: plan.age, reverse=True):
                order = self.book(opened[plan.session], plan.places, plan.buyer)
                promise_then(order, plan)
                pass_time(order, plan.age - plan.ending(self, order))
                placed.append(order.pk)
        return placed

    def book(self, session: Session, places: int, buyer: Buyer) -> Order:
        """Let somebody order so many places, to be paid at the desk."""
        dice = _dice(f"{session.slug} {buyer.email}")
        cart = carts.open_cart(buyer.user or AnonymousUser())
        carts.add_places(cart, session, places)
        self._use_coupon(cart)
        postcode, city = dice.choice(TOWNS)
        purchase = Purchase(
            email=buyer.email,
            billing=BillingAddress(
                name=f"{buyer.first_name} {buyer.last_name}",
                street=f"{dice.choice(STREETS)} {dice.randint(1, 90)}",
                postcode=postcode,
                city=city,
                country="CH",
                company=buyer.company,
            ),
            attendees={
                session.pk: [
                    Attendee(person.first_name, person.last_name)
                    for person in (buyer, *dice.sample(self.guests, places - 1))
                ]
            },
            provider="desk",
        )
        return orders.place_order(cart, purchase, user=buyer.user)

    def return_a_mail(self) -> None:
        """Let the confirmation of one order come back, for staff to see."""
        confirmation = Mail.objects.filter(kind="order_paid").order_by("-pk").first()
        if confirmation is not None:
            confirmation.status = MailStatus.FAILED
            confirmation.attempts = 7
            confirmation.sent_at = None
            confirmation.error = "SMTPRecipientsRefused: 550 5.1.1 There is no mailbox of this name"
            confirmation.save()

    def _queue(self, dice: random.Random) -> Iterator[Buyer]:
        """Buyers for one session, nobody twice; people with an account come often."""
        guests = dice.sample(self.guests, len(self.guests))
        regulars = dice.sample(self.regulars, len(self.regulars))
        yield from guests[:1]
        yield from regulars[: dice.randint(0, 2)]
        yield from guests[1:]

    def _use_coupon(self, cart: Cart) -> None:
        code = next((code for code, uses in self.coupons.items() if uses), None)
        if code is None:
            return
        try:
            carts.redeem(cart, code)
        except CouponNotApplicable:
            return  # it is for another project, or for more than this
        self.coupons[code] -= 1

    # What happens to an order. Each way returns how long it took, and leaves its last step at this moment.

    def owe(self, order: Order) -> timedelta:
        """It waits to be paid at the desk."""
        payments.start(order.payments.get())
        return timedelta(0)

    def pay(self, order: Order) -> timedelta:
        """It is paid at the desk while it is written; a free one is confirmed already."""
        if order.is_pending:
            payments.mark_paid_at_desk(order, actor=self.cashier)
        return timedelta(0)

    def pay_later(self, order: Order) -> timedelta:
        """Somebody comes in to pay."""
        self.owe(order)
        took = pass_time(order, timedelta(hours=20))
        payments.mark_paid_at_desk(order, actor=self.cashier)
        return took

    def lapse(self, order: Order) -> timedelta:
        """Nobody came to pay."""
        self.owe(order)
        took = pass_time(order, timedelta(hours=settings.SHOP_DESK_DEADLINE_HOURS + 1))
        payments.close_live(order)
        orders.expire(order)
        return took

    def give_up(self, order: Order) -> timedelta:
        """The buyer thought again before paying."""
        self.owe(order)
        took = pass_time(order, timedelta(hours=5))
        payments.cancel_unpaid(order)
        return took

    def cancel_paid(self, order: Order) -> timedelta:
        """Cancelled after paying; the money is still here."""
        took = self.pay_later(order) + pass_time(order, timedelta(days=1, hours=2))
        orders.cancel(order, actor=self.cashier, note="Broke a leg, asked by telephone")
        return took

    def refund(self, order: Order) -> timedelta:
        """Cancelled after paying, and paid out at the desk."""
        took = self.cancel_paid(order) + pass_time(order, timedelta(hours=1))
        payment = order.payments.get()
        refund = refunds.request(
            payment, payment.received_amount, reason="Paid out at the desk", by=self.cashier
        )
        refunds.pay_out(refund, actor=self.cashier)
        return took


# For the sessions with room, the soonest first. Whoever changes something has booked two days ago.
ENDINGS = (
    Till.lapse,
    Till.cancel_one,
    Till.give_up,
    Till.refund,
    Till.cancel_one,
    Till.lapse,
    Till.cancel_paid,
    Till.move_one,
    Till.lapse,
    Till.send_somebody_else,
    Till.give_up,
)
LATELY = {Till.cancel_one, Till.move_one, Till.send_somebody_else}


def _dice(seed: str) -> random.Random:
    """Chance that falls the same way each time, so that the story stays the same."""
    return random.Random(seed)  # noqa: S311


@contextmanager
def on_sale(session: Session) -> Iterator[Session]:
    """Let people book a session as they did before it was over, closed or hidden; then it is so again."""
    weeks = max(0, (timezone.now() - session.starts_at) // timedelta(weeks=1) + 1)
    shift = timedelta(weeks=weeks)
    Session.objects.filter(pk=session.pk).update(
        starts_at=session.starts_at + shift,
        ends_at=session.ends_at + shift,
        sales_start_at=None,
        sales_end_at=None,
        is_published=True,
    )
    yield Session.objects.select_related("project").get(pk=session.pk)
    Session.objects.filter(pk=session.pk).update(**{name: getattr(session, name) for name in DATES})
    if weeks:
        OrderLine.objects.filter(session=session).update(description=session.as_sold)


def promise_then(order: Order, plan: Plan) -> None:
    """Promise what was promised when the order was placed, with the dates that the session has in truth."""
    for line in order.lines.all():
        line.policy = promise(plan.session, line.price, at=timezone.now() - plan.age)
        line.save(update_fields=["policy"])


def mails_about(order: Order) -> Q:
    """The letters that an order has led to, by what their contexts name."""
    asked = list(order.refund_requests.values_list("pk", flat=True))
    return Q(to=order.email, context__order_id=order.pk) | Q(context__request_id__in=asked)


def pass_time(order: Order, by: timedelta) -> timedelta:
    """Let time pass for an order: move everything that is written down about it into the past. Returns how far."""
    # Rows are found by keys: on a database that has just been filled, a planner without statistics joins badly.
    payments = list(order.payments.values_list("pk", flat=True))
    rows = (
        (Order.objects.filter(pk=order.pk), "created_at terms_accepted_at expires_at paid_at closed_at"),
        (OrderLine.objects.filter(order=order), "cancelled_at"),
        (Payment.objects.filter(order=order), "created_at checked_at expires_at paid_at"),
        (Refund.objects.filter(payment__in=payments), "created_at checked_at done_at"),
        (Transition.objects.filter(order=order), "at"),
        (Transition.objects.filter(subject=Subject.CART, subject_id=order.cart_id), "at"),
        (CouponRedemption.objects.filter(order=order), "redeemed_at"),
        (RefundRequest.objects.filter(order=order), "created_at decided_at"),
        (Cart.objects.filter(pk=order.cart_id), "created_at updated_at held_until hold_ceiling_at"),
        (
            Mail.objects.filter(mails_about(order)),
            "created_at sent_at next_attempt_at",
        ),
    )
    for found, names in rows:
        found.update(**{name: F(name) - by for name in names.split()})
    return by
