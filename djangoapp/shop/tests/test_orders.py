"""From a cart to an order, and how an order ends."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership
from core.models import Mail
from shop.enums import ORDER_MOVES, CartStatus, OrderStatus, PaymentStatus, Subject
from shop.exceptions import (
    AttendeesMissing,
    CartEmpty,
    CouponExhausted,
    IllegalMove,
    NotBookable,
    OrderNotCancellable,
    OrderNotPayable,
    PriceChanged,
    SessionFull,
    TooManyPlaces,
)
from shop.models import Coupon, CouponRedemption, Order, Session, Transition
from shop.services import cart as carts
from shop.services import history, orders, payments
from shop.services.orders import Attendee
from shop.signals import order_cancelled, order_paid
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    member,
    order_for,
    paid_order_for,
    purchase_for,
)
from shop.tests.test_cart import taken
from shop.tests.test_places import lapse

pytestmark = pytest.mark.django_db


def test_an_order_keeps_the_places_that_the_cart_held():
    session = SessionFactory()
    cart = cart_with((session, 2))

    order = orders.place_order(cart, purchase_for(cart))

    cart.refresh_from_db()
    assert (order.status, cart.status, taken(session)) == (OrderStatus.PENDING, CartStatus.ORDERED, 2)
    assert not cart.lines.filter(is_held=True).exists()
    assert [line.attendee_name for line in order.lines.all()] == ["Ana Keller 0", "Ana Keller 1"]


def test_prices_tax_and_words_are_frozen_on_the_lines():
    user = member(Membership.MEMBER)
    session = SessionFactory(base_price=Decimal("108.10"), member_price=Decimal("100.00"))
    cart = cart_with((session, 1), user=user, coupon=CouponFactory(value=Decimal(10)))

    order = orders.place_order(cart, purchase_for(cart), user=user)
    Session.objects.filter(pk=session.pk).update(base_price=Decimal(999), member_price=None)

    line = order.lines.get()
    assert (line.list_price, line.unit_price, line.discount, line.price) == (
        Decimal("108.10"),
        Decimal("100.00"),
        Decimal("10.00"),
        Decimal("90.00"),
    )
    assert (line.price_reason, line.tax_rate, line.tax) == (
        "Member price",
        Decimal("8.10"),
        Decimal("6.74"),
    )
    assert (order.subtotal, order.discount, order.total, order.tax) == (
        Decimal("100.00"),
        Decimal("10.00"),
        Decimal("90.00"),
        Decimal("6.74"),
    )


def test_submitting_twice_makes_one_order():
    cart = cart_with((SessionFactory(), 1))
    purchase = purchase_for(cart)

    first = orders.place_order(cart, purchase)
    second = orders.place_order(cart, purchase)

    assert first == second
    assert Order.objects.count() == 1


def test_places_whose_hold_ran_out_are_taken_again():
    session = SessionFactory(capacity=1)
    cart = cart_with((session, 1))
    lapse(cart)

    orders.place_order(cart, purchase_for(cart))

    assert taken(session) == 1


def test_places_that_somebody_else_took_meanwhile_are_not():
    session = SessionFactory(capacity=1)
    cart = cart_with((session, 1))
    lapse(cart)
    cart_with((session, 1))

    with pytest.raises(SessionFull):
        orders.place_order(cart, purchase_for(cart))

    assert (Order.objects.count(), taken(session)) == (0, 1)


def test_what_may_not_be_booked_is_refused_at_every_step_alike():
    session = SessionFactory()
    cart = cart_with((session, 1))
    Session.objects.filter(pk=session.pk).update(sales_end_at=timezone.now())

    with pytest.raises(NotBookable):
        orders.place_order(cart, purchase_for(cart))
    with pytest.raises(NotBookable):
        carts.add_places(cart, session, 1)
    lapse(cart)
    assert carts.extend_hold(cart) == [session]


def test_the_limit_for_a_person_counts_their_other_orders():
    session = SessionFactory()
    order_for((session, 2))
    cart = cart_with((session, 2))

    with pytest.raises(TooManyPlaces, match="You already have 2"):
        orders.place_order(cart, purchase_for(cart))


def test_an_empty_cart_orders_nothing():
    cart = cart_with()

    with pytest.raises(CartEmpty):
        orders.place_order(cart, purchase_for(cart))


@pytest.mark.parametrize("people", [0, 1, 3])
def test_each_place_needs_exactly_one_name(people):
    session = SessionFactory()
    cart = cart_with((session, 2))
    attendees = {session.pk: [Attendee("Ana", "Keller")] * people}

    with pytest.raises(AttendeesMissing):
        orders.place_order(cart, purchase_for(cart, attendees=attendees))

    assert taken(session) == 2


def test_a_price_that_changed_since_the_buyer_looked_is_shown_first():
    cart = cart_with((SessionFactory(base_price=Decimal(85)), 1))

    with pytest.raises(PriceChanged, match="CHF\xa085"):
        orders.place_order(cart, purchase_for(cart, expected_total=Decimal(80)))
    assert orders.place_order(cart, purchase_for(cart, expected_total=Decimal(85)))


@pytest.mark.parametrize("reason", ["price", "coupon"])
def test_an_order_without_anything_to_pay_is_confirmed_at_once(reason):
    price = Decimal(0) if reason == "price" else Decimal(85)
    coupon = CouponFactory(value=Decimal(100)) if reason == "coupon" else None
    cart = cart_with((SessionFactory(base_price=price), 1), coupon=coupon)

    order = orders.place_order(cart, purchase_for(cart))

    assert (order.status, order.payments.count()) == (OrderStatus.PAID, 0)
    assert Mail.objects.filter(kind="order_paid").count() == 1


def test_a_coupon_with_one_use_is_used_once_and_given_back_when_nothing_was_sold():
    coupon = CouponFactory(max_uses=1)
    first = cart_with((SessionFactory(), 1), coupon=coupon)
    second = cart_with((SessionFactory(), 1), coupon=coupon)
    order = orders.place_order(first, purchase_for(first))
    coupon.refresh_from_db()

    # The second cart's coupon was valid when it was put there; by now it lowers nothing.
    with pytest.raises(PriceChanged):
        orders.place_order(second, purchase_for(second, expected_total=Decimal("76.50")))
    let_expire(order)
    coupon.refresh_from_db()

    assert coupon.uses == 0
    assert CouponRedemption.objects.get(order=order).released_at is not None
    orders.place_order(second, purchase_for(second, expected_total=Decimal("76.50")))


def test_uses_per_buyer_are_counted():
    coupon = CouponFactory(max_uses_per_buyer=1)
    first = cart_with((SessionFactory(), 1), coupon=coupon)
    orders.place_order(first, purchase_for(first))
    second = cart_with((SessionFactory(), 1), coupon=coupon)

    with pytest.raises(CouponExhausted):
        orders.place_order(second, purchase_for(second, email="Ana@example.org"))

    assert Coupon.objects.get().uses == 1


def test_paying_announces_the_order_and_writes_one_mail():
    heard = []
    order_paid.connect(listener := lambda sender, order, **kwargs: heard.append(order))
    order = order_for((SessionFactory(), 1))

    orders.mark_paid(order)
    orders.mark_paid(order)

    order_paid.disconnect(listener)
    assert heard == [order]
    assert list(Mail.objects.filter(kind="order_paid").values_list("to", "dedupe_key")) == [
        (order.email, f"order-paid:{order.pk}")
    ]


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.EXPIRED])
def test_mark_paid_refuses_a_closed_order(status):
    order = order_for((SessionFactory(), 1))
    Order.objects.filter(pk=order.pk).update(status=status)

    with pytest.raises(OrderNotPayable):
        orders.mark_paid(order)

    order.refresh_from_db()
    assert (order.status, order.paid_at) == (status, None)


def test_a_listener_that_fails_undoes_the_payment():
    def no_tickets(sender, order, **kwargs):
        raise RuntimeError("no tickets left to print")

    order_paid.connect(no_tickets)
    order = order_for((SessionFactory(), 1))
    try:
        with pytest.raises(RuntimeError):
            orders.mark_paid(order)
    finally:
        order_paid.disconnect(no_tickets)

    order.refresh_from_db()
    assert (order.status, Mail.objects.count()) == (OrderStatus.PENDING, 0)


def let_expire(order: Order) -> bool:
    """Let the time to pay pass, with nothing left that could still be paid."""
    order.payments.update(status=PaymentStatus.EXPIRED)
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
    return orders.expire(order)


def test_an_order_that_expires_frees_its_places():
    session = SessionFactory()
    order = order_for((session, 2))

    assert let_expire(order)
    assert not let_expire(order)

    order.refresh_from_db()
    assert (order.status, taken(session)) == (OrderStatus.EXPIRED, 0)


def test_an_order_does_not_expire_while_somebody_may_still_pay_it():
    session = SessionFactory()
    order = order_for((session, 1))
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())

    assert not orders.expire(order)
    assert taken(session) == 1


def test_an_order_does_not_expire_early():
    order = order_for((SessionFactory(), 1))
    order.payments.update(status=PaymentStatus.EXPIRED)

    assert not orders.expire(order)


def test_cancelling_frees_the_places_once_and_keeps_the_coupon_used_when_it_was_paid():
    session, coupon = SessionFactory(), CouponFactory()
    cart = cart_with((session, 2), coupon=coupon)
    order = orders.place_order(cart, purchase_for(cart))
    order.payments.update(status=PaymentStatus.PAID)
    orders.mark_paid(order)
    heard = []
    order_cancelled.connect(listener := lambda sender, order, **kwargs: heard.append(order))

    orders.cancel(order)
    orders.cancel(order)

    order_cancelled.disconnect(listener)
    coupon.refresh_from_db()
    assert (taken(session), heard, coupon.uses) == (0, [order], 1)


def test_an_order_that_can_still_be_paid_is_not_cancelled():
    order = order_for((SessionFactory(), 1))

    with pytest.raises(OrderNotCancellable):
        orders.cancel(order)


def test_every_move_is_written_down():
    user = UserFactory()
    order = paid_order_for((SessionFactory(), 1), user=user)
    orders.cancel(order, actor=user, note="Ill")

    moves = Transition.objects.filter(subject=Subject.ORDER, subject_id=order.pk)
    assert list(moves.values_list("from_status", "to_status", "actor", "note")) == [
        ("", "pending", user.pk, ""),
        ("pending", "paid", None, "Paid by desk"),
        ("paid", "cancelled", user.pk, "Ill"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [(before, after) for before in OrderStatus for after in OrderStatus if after not in ORDER_MOVES[before]],
)
def test_moves_outside_the_table_are_refused(before, after):
    order = order_for((SessionFactory(), 1))
    order.status = before

    with pytest.raises(IllegalMove):
        history.move(order, after)


def test_the_desk_is_waited_for_until_the_deadline_or_the_start(settings):
    with time_machine.travel("2026-12-01T10:00:00Z", tick=False):
        now = timezone.now()
        soon = SessionFactory(starts_at=now + timedelta(hours=5))
        later = SessionFactory(starts_at=now + timedelta(days=20))

        waits = [order_for((session, 1)).payments.get().expires_at - now for session in (soon, later)]

    assert waits == [timedelta(hours=5), timedelta(hours=settings.SHOP_DESK_DEADLINE_HOURS)]


def test_the_orders_link_is_secret_and_can_be_revoked():
    order = order_for((SessionFactory(), 1))
    token = order.token

    assert len(token) >= 43  # 256 bits
    assert order.is_token(token)
    assert not order.is_token(token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert not order_for((SessionFactory(), 1)).is_token(token)
    order.link_version += 1
    assert not order.is_token(token)


def test_links_survive_a_new_secret_key(settings):
    order = order_for((SessionFactory(), 1))
    token = order.token

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 8

    assert order.is_token(token)
    assert order.token != token


def test_codes_have_no_letters_that_look_alike():
    codes = {order_for((SessionFactory(), 1)).code for _number in range(5)}

    assert len(codes) == 5
    assert not set("".join(codes)) & set("IO01")


def test_paying_again_and_again_keeps_no_places_for_ever(provider):
    order = order_for((SessionFactory(starts_at=timezone.now() + timedelta(days=60)), 1))
    latest = order.created_at + timedelta(hours=72)

    for hours in range(1, 72, 10):
        with time_machine.travel(order.created_at + timedelta(hours=hours)):
            for way in ("scripted", "desk"):
                payments.start(payments.pay_again(order, way))
                order.refresh_from_db()
                assert order.expires_at <= latest + orders.GRACE
    with time_machine.travel(latest - timedelta(minutes=1)):
        payments.start(payments.pay_again(order, "scripted"))  # whoever still has the place may pay by card
    with time_machine.travel(latest + timedelta(minutes=30)):
        with pytest.raises(OrderNotPayable, match="as long as we can"):
            payments.pay_again(order, "scripted")
        before = Order.objects.get(pk=order.pk).expires_at
        payments.pay_again(order, "desk")

    order.refresh_from_db()
    assert order.expires_at == before < latest + timedelta(hours=1)
