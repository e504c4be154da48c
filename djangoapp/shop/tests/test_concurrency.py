"""Races, on a real PostgreSQL. Each lock is shown to matter: without it, the same race ends wrong."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, models, transaction
from django.db.models import Sum
from django.db.models.deletion import Collector
from django.utils import timezone

from accounts.services import delete_account
from core.mail import deliver
from core.models import Mail
from shop.enums import OrderStatus, PaymentStatus
from shop.exceptions import OrderNotCancellable
from shop.models import Cart, CartLine, Coupon, Order, OrderLine, Payment, Refund, Session
from shop.providers import PaymentFact
from shop.querysets import CartQuerySet, SessionQuerySet
from shop.services import cart as carts
from shop.services import orders, payments, places, refunds
from shop.services.integrity import problems
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    order_for,
    purchase_for,
)
from tests.support.races import THREADS, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def buyers(session: Session, number: int) -> list[Callable]:
    """So many visitors who each put one place into a cart of their own."""
    visitors = [Cart.objects.create() for _buyer in range(number)]
    return [lambda cart=cart: carts.add_places(cart, session, 1) for cart in visitors]


@pytest.fixture
def slow_change(monkeypatch):
    """Widen the gap between looking and taking, where a race would hide."""
    change = places._change

    def slowly(session, by):
        time.sleep(0.01)
        change(session, by)

    monkeypatch.setattr(places, "_change", slowly)


def meeting(number: int) -> Callable[[], None]:
    """A place where so many threads wait for one another, once; whoever comes later passes by."""
    barrier = threading.Barrier(number)

    def wait() -> None:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=10)
        barrier.abort()

    return wait


@pytest.fixture
def all_look_first(monkeypatch):
    """As many as there are threads have looked before the first of them takes: the race as it is at its worst."""
    change, meet = places._change, meeting(THREADS)

    def after_all_looked(session, by):
        meet()
        change(session, by)

    monkeypatch.setattr(places, "_change", after_all_looked)


@pytest.fixture
def without_lock(monkeypatch):
    """Session rows are read without locking them."""
    monkeypatch.setattr(SessionQuerySet, "select_for_update", lambda self, **options: self.all())


@pytest.fixture
def without_constraint():
    """The table forgets for a while that it must not be oversold."""
    name = "shop_session_never_oversold"
    constraint = next(found for found in Session._meta.constraints if found.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Session, constraint)
    yield
    Session.objects.update(seats_taken=0)
    with connection.schema_editor() as editor:
        editor.add_constraint(Session, constraint)


def test_a_hundred_buyers_get_fifty_places(slow_change):
    session = SessionFactory(capacity=50)

    ended = at_once(buyers(session, 100))

    session.refresh_from_db()
    assert ended == {"ok": 50, "SessionFull": 50}
    assert session.seats_taken == 50
    assert CartLine.objects.aggregate(places=Sum("quantity"))["places"] == 50


def test_without_the_lock_and_the_constraint_the_session_is_oversold(
    all_look_first, without_lock, without_constraint
):
    session = SessionFactory(capacity=10)

    at_once(buyers(session, 40))

    session.refresh_from_db()
    assert session.seats_taken > 10


def test_without_the_lock_the_constraint_still_refuses_though_not_politely(all_look_first, without_lock):
    session = SessionFactory(capacity=10)

    ended = at_once(buyers(session, 40))

    session.refresh_from_db()
    assert session.seats_taken == 10
    assert ended["IntegrityError"] > 0


def test_carts_that_want_the_same_two_sessions_do_not_wait_for_each_other_for_ever(slow_change):
    first, second = SessionFactory(capacity=100), SessionFactory(capacity=100)
    crossing = [cart_with((first, 1), (second, 1)) for _cart in range(10)]
    crossing += [cart_with((second, 1), (first, 1)) for _cart in range(10)]
    purchases = [(cart, purchase_for(cart, email=f"{cart.pk}@example.org")) for cart in crossing]

    ended = at_once(
        [
            lambda cart=cart, purchase=purchase: orders.place_order(cart, purchase)
            for cart, purchase in purchases
        ]
    )

    assert ended == {"ok": 20}
    assert set(Session.objects.values_list("seats_taken", flat=True)) == {20}


def crossing(choose: Callable, number: int) -> Counter:
    """Visitors choose places in the same two sessions, every other one in the other order."""
    first, second = SessionFactory(capacity=100), SessionFactory(capacity=100)
    wishes = [{first: 1, second: 1}, {second: 1, first: 1}]
    visitors = [Cart.objects.create() for _visitor in range(number)]
    return at_once([lambda cart=cart, n=n: choose(cart, wishes[n % 2]) for n, cart in enumerate(visitors)])


def test_places_of_several_sessions_are_chosen_at_once_without_a_deadlock(slow_change):
    assert crossing(carts.set_many, 20) == {"ok": 20}
    assert set(Session.objects.values_list("seats_taken", flat=True)) == {20}


def test_sessions_that_are_locked_one_by_one_end_in_a_deadlock(monkeypatch):
    change, meet = places._change, meeting(2)

    def after_both_have_one(session, by):
        change(session, by)
        meet()

    monkeypatch.setattr(places, "_change", after_both_have_one)

    @transaction.atomic
    def one_by_one(cart, wanted):
        for session, quantity in wanted.items():
            carts.set_places(cart, session, quantity)

    assert crossing(one_by_one, 2) == {"ok": 1, "OperationalError": 1}


def test_a_double_click_orders_once(slow_change):
    session = SessionFactory()
    cart = cart_with((session, 2))
    purchase = purchase_for(cart)

    ended = at_once([lambda: orders.place_order(cart, purchase)] * 8)

    session.refresh_from_db()
    assert ended == {"ok": 8}
    assert (Order.objects.count(), OrderLine.objects.count(), session.seats_taken) == (1, 2, 2)


def checkouts_with(coupon: Coupon, number: int) -> list[Callable]:
    ready = [cart_with((SessionFactory(), 1), coupon=coupon) for _cart in range(number)]
    purchases = [(cart, purchase_for(cart, email=f"{cart.pk}@example.org")) for cart in ready]
    return [
        lambda cart=cart, purchase=purchase: orders.place_order(cart, purchase)
        for cart, purchase in purchases
    ]


@pytest.fixture
def all_price_first(monkeypatch):
    """All five have been told a price with the coupon before the first of them takes its use."""
    write, meet = orders._write_lines, meeting(5)

    def after_all_priced(*arguments):
        meet()
        write(*arguments)

    monkeypatch.setattr(orders, "_write_lines", after_all_priced)


def test_a_coupon_with_three_uses_is_used_three_times_by_five_checkouts(all_price_first):
    coupon = CouponFactory(max_uses=3)

    ended = at_once(checkouts_with(coupon, 5))

    coupon.refresh_from_db()
    assert ended == {"ok": 3, "CouponExhausted": 2}
    assert (coupon.uses, coupon.redemptions.count(), Order.objects.count()) == (3, 3, 3)


def test_without_the_condition_on_the_update_the_constraint_refuses(all_price_first, monkeypatch):
    """The check is then only the earlier look at the coupon, before the race."""
    coupon = CouponFactory(max_uses=3)

    def careless(coupon, order):
        Coupon.objects.filter(pk=coupon.pk).update(uses=models.F("uses") + 1)

    monkeypatch.setattr("shop.services.coupons.take_use", careless)

    ended = at_once(checkouts_with(coupon, 5))

    assert ended["IntegrityError"] == 2


def test_notifications_at_the_same_moment_confirm_once(provider):
    session = SessionFactory()
    order = order_for((session, 1), provider="scripted")
    payment = order.payments.get()
    payments.start(payment)
    provider.say(payment, PaymentStatus.PAID)

    ended = at_once([lambda: payments.look_at(payment.pk)] * 12)

    order.refresh_from_db()
    assert ended == {"ok": 12}
    assert order.status == OrderStatus.PAID
    assert Mail.objects.filter(kind="order_paid").count() == 1
    assert order.history.filter(subject="order", to_status="paid").count() == 1


def test_money_and_expiry_at_the_same_moment_never_lose_place_or_money(provider):
    session = SessionFactory(capacity=200)
    late = []
    for number in range(10):
        order = order_for((session, 1), provider="scripted", email=f"{number}@example.org")
        payments.start(order.payments.get())
        provider.say(order.payments.get(), PaymentStatus.PAID)
        late.append(order)
    Order.objects.update(expires_at="2026-01-01T00:00Z")

    jobs = []
    for order in late:
        jobs += [lambda order=order: payments.look_at(order.payments.get().pk), payments.expire_overdue]
    ended = at_once(jobs)

    session.refresh_from_db()
    assert ended == {"ok": 20}
    assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.PAID}
    assert (session.seats_taken, Refund.objects.count()) == (10, 0)


def test_late_payments_share_the_last_places(provider):
    session = SessionFactory(capacity=6)
    late = [order_for((session, 1), provider="scripted", email=f"{n}@example.org") for n in range(6)]
    for order in late:
        payments.start(order.payments.get())
    Order.objects.update(expires_at="2026-01-01T00:00Z")
    payments.expire_overdue()
    cart_with((session, 3))
    for payment in Payment.objects.all():
        provider.say(payment, PaymentStatus.PAID)

    ended = at_once(
        [lambda pk=pk: payments.look_at(pk) for pk in Payment.objects.values_list("pk", flat=True)]
    )

    session.refresh_from_db()
    assert ended == {"ok": 6}
    assert session.seats_taken == 6
    assert Order.objects.filter(status=OrderStatus.PAID).count() == 3
    assert Refund.objects.count() == 3


def test_two_clicks_on_refund_return_the_money_once(provider):
    order = order_for((SessionFactory(), 1), provider="scripted")
    payment = order.payments.get()
    payments.start(payment)
    provider.say(payment, PaymentStatus.PAID)
    payment = payments.look_at(payment.pk)

    ended = at_once([lambda: refunds.request(payment, payment.amount, reason="Ill")] * 6)

    assert ended == {"ok": 1, "RefundTooHigh": 5}
    assert Refund.objects.count() == 1


def confirmed_while_somebody_books(session: Session) -> Counter:
    """Money arrives for one order while the session is locked for another, which lasts longer than one may wait."""
    payment = order_for((session, 1)).payments.get()
    fact = PaymentFact(PaymentStatus.PAID, amount=payment.amount, currency=payment.currency)
    is_locked, is_settled = threading.Event(), threading.Event()

    def somebody_books():
        with transaction.atomic():
            places.lock([session.pk], at=timezone.now())
            is_locked.set()
            is_settled.wait(timeout=10)

    def money_arrives():
        is_locked.wait(timeout=10)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
            payments.settle(payment, fact)
        finally:
            is_settled.set()

    return at_once([somebody_books, money_arrives])


def test_an_order_is_confirmed_while_others_book_the_same_session():
    """Its entries in the books refer to the session, but change nothing in it: waiting could end in a deadlock."""
    assert confirmed_while_somebody_books(SessionFactory()) == {"ok": 2}
    assert Order.objects.get().is_paid


def test_a_lock_against_new_references_would_keep_confirmations_waiting(monkeypatch):
    lock = SessionQuerySet.select_for_update
    monkeypatch.setattr(
        SessionQuerySet, "select_for_update", lambda self, **options: lock(self, of=("self",))
    )

    assert confirmed_while_somebody_books(SessionFactory()) == {"ok": 1, "OperationalError": 1}


def test_what_is_paid_at_the_desk_while_the_cancelling_waits_is_not_cancelled(monkeypatch):
    """A colleague takes the money after all attempts were closed, while the order's places are being locked."""
    order, cashier = order_for((SessionFactory(), 1)), UserFactory()
    ended = when(monkeypatch, places, "lock", lambda: payments.mark_paid_at_desk(order, actor=cashier))

    with pytest.raises(OrderNotCancellable, match="has just arrived"):
        payments.cancel_unpaid(order, is_told=True)

    order.refresh_from_db()
    assert (ended, order.status) == ({"ok": 1}, OrderStatus.PAID)
    assert not Mail.objects.filter(kind="places_given_up").exists()


def when(monkeypatch, where, name: str, job: Callable) -> Counter:
    """Let somebody else do a job just before the first call of a function. Tells how that ended."""
    function, ended = getattr(where, name), Counter()
    jobs = [job]

    def after_the_other(*arguments, **more):
        if jobs:
            ended.update(at_once([jobs.pop()]))
        return function(*arguments, **more)

    monkeypatch.setattr(where, name, after_the_other)
    return ended


def test_a_cart_that_is_begun_while_the_account_goes_keeps_its_places_until_they_lapse(monkeypatch):
    session, ana = SessionFactory(), UserFactory()
    ended = when(monkeypatch, places, "lock", lambda: carts.begin_cart(ana, session, 2))

    delete_account(ana)

    session.refresh_from_db()
    assert (ended, session.seats_taken, Cart.objects.get().user) == ({"ok": 1}, 2, None)
    assert problems() == []


def test_an_abandoned_cart_that_comes_alive_as_it_is_swept_up_stays(monkeypatch):
    session, cart = SessionFactory(), Cart.objects.create()
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=31))
    ended = when(monkeypatch, CartQuerySet, "select_for_update", lambda: carts.add_places(cart, session, 2))

    carts.sweep_lapsed()

    session.refresh_from_db()
    assert (ended, session.seats_taken, cart.lines.get().quantity) == ({"ok": 1}, 2, 2)
    assert problems() == []


def test_somebody_who_comes_back_to_a_cart_that_is_being_swept_up_waits_and_finds_none(monkeypatch):
    session, cart = SessionFactory(), Cart.objects.create()
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=31))
    delete, is_locked = Collector.delete, threading.Event()

    def slowly(collector):
        is_locked.set()
        time.sleep(0.3)
        return delete(collector)

    def come_back():
        is_locked.wait(timeout=10)
        carts.add_places(cart, session, 2)

    monkeypatch.setattr(Collector, "delete", slowly)

    ended = at_once([carts.sweep_lapsed, come_back])

    session.refresh_from_db()
    assert (ended, session.seats_taken) == ({"ok": 1, "CartClosed": 1}, 0)


def test_one_mail_is_sent_by_one_of_many_workers(mailoutbox):
    order = order_for((SessionFactory(), 1))
    orders.mark_paid(order)
    mail = Mail.objects.get()
    Mail.objects.update(status="queued", attempts=0)
    mailoutbox.clear()

    at_once([lambda: deliver(mail.pk)] * 10)

    assert len(mailoutbox) == 1
