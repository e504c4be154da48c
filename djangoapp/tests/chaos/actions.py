"""What can happen to orders until they are paid, and to the machines, each as a function of the world."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import F
from django.test import Client

from payments.standin import CommandRefused
from payments.standin.errors import ApiError
from shop.enums import OrderStatus, PaymentStatus
from shop.models import CartLine, Order, Payment, Refund
from shop.services import cart as carts
from shop.services import orders, payments
from shop.tests.factories import purchase_for

from . import breakage
from .drawn import often

# Buyers


@often(24)
def book(world) -> None:
    """Somebody orders one or two places, to be paid by card or at the desk."""
    session = world.a_session()
    cart, _choice = carts.begin_cart(AnonymousUser(), session, world.random.choice([1, 1, 2]))
    provider = world.random.choice(["stripe"] * 9 + ["desk"])
    order = orders.place_order(
        cart, purchase_for(cart, email=f"buyer{world.count()}@example.org", provider=provider)
    )
    payments.start(order.payments.get())


@often(14)
def go_to_pay(world) -> None:
    """A buyer opens the payment page, again perhaps."""
    if payment := world.a_payment(status__in=[PaymentStatus.CREATED, PaymentStatus.OPEN]):
        payments.start(payment)


@often(30)
def pay(world) -> None:
    if checkout_session := world.an_open_checkout():
        world.standin.pay(checkout_session["id"], wait=world.random.random() < 0.3)


@often(3)
def be_declined(world) -> None:
    if checkout_session := world.an_open_checkout():
        world.standin.decline(checkout_session["id"], wait=False)


@often(3)
def pay_slowly(world) -> None:
    """The buyer completes the page; the money arrives later, or never."""
    if checkout_session := world.an_open_checkout():
        world.standin.pay_later(checkout_session["id"], wait=False)
        world.slow_money.append(checkout_session["id"])


@often(3)
def slow_money_is_settled(world) -> None:
    if world.slow_money:
        world.standin.settle(world.slow_money.pop(0), succeed=world.random.random() < 0.7, wait=False)


@often(10)
def return_to_the_shop(world) -> None:
    if order := world.an_order():
        # A client that raises would also raise what fails in the server's other threads at that moment.
        browser = Client(raise_request_exception=False)
        for address in (f"{order.get_absolute_url()}return/", order.get_absolute_url()):
            if (status := browser.get(address).status_code) >= 500:
                raise AssertionError(f"{address} answered {status}")


@often(5)
def pay_in_another_tab(world) -> None:
    """A second attempt, by card or at the desk, while the first may be open, or paid."""
    if order := world.an_order(status=OrderStatus.PENDING):
        payment = payments.pay_again(order, world.random.choice(["stripe", "stripe", "desk"]))
        payments.start(payment)


@often(3)
def leave(world) -> None:
    if order := world.an_order(status=OrderStatus.PENDING):
        payments.cancel_unpaid(order)


@often(4)
def everything_at_once(world) -> None:
    """The page to which the buyer returns, the job and a second tab, at the same moment."""
    payment = world.a_payment(status__in=[PaymentStatus.OPEN, PaymentStatus.PROCESSING])
    if payment:
        raised = breakage.at_the_same_moment(
            lambda: payments.look_at(payment.pk),
            lambda: payments.look_at(payment.pk),
            lambda: payments.start(payments.pay_again(payment.order, "stripe")),
        )
        for error in raised:
            world.expect(error)


# Staff


@often(3)
def pay_at_the_desk(world) -> None:
    if order := world.an_order(status=OrderStatus.PENDING):
        payments.mark_paid_at_desk(order, actor=None)


# Stripe


@often(1)
def money_is_not_what_was_asked(world) -> None:
    """Somebody tampered with a session at the provider before it was paid."""
    if checkout_session := world.an_open_checkout():
        change = world.random.choice([{"amount_total": 1}, {"currency": "eur"}])
        world.standin.tamper(checkout_session["id"], change)
        world.tampered.add(checkout_session["id"])


@often(8)
def notifications_go_astray(world) -> None:
    """Set a rule for the notifications to come: twice, late, never, in another order, forged, old."""
    rule = world.random.choice(
        [
            {"duplicate": 3},
            {"duplicate": 1, "reorder": "shuffle"},
            {"reorder": "reverse"},
            {"drop": True},
            {"hold": True},
            {"delay_seconds": 3600},
            {"forge": True},
            {"age_seconds": 400},
        ]
    )
    world.standin.webhooks(count=world.random.randint(1, 12), **rule)


@often(5)
def notifications_behave(world) -> None:
    world.standin.webhooks_normal()


@often(4)
def held_notifications_arrive(world) -> None:
    world.standin.flush(world.random.choice(["forward", "reverse", "shuffle"]), timeout_seconds=5)


@often(20)
def an_old_notification_comes_again(world) -> None:
    """Replayed by Stripe (good), by somebody else (bad signature) or too late (old signature)."""
    event = world.an_event()
    trick = world.random.choice([{}] * 6 + [{"forge": True}, {"age_seconds": 400}])
    if event:
        sent = world.standin.deliver(event["id"], **trick)
        if trick and any(delivery["status"] == 200 for delivery in sent):
            raise AssertionError(f"a notification with {trick} was believed")


@often(6)
def the_api_misbehaves(world) -> None:
    fault = world.random.choice(
        [
            {"kind": "rate_limit"},
            {"kind": "error"},
            {"kind": "error", "performed": True},
            {"kind": "drop"},
            {"kind": "slow", "seconds": 0.5},
        ]
    )
    world.standin.misbehave(**fault, count=world.random.randint(1, 4))


@often(5)
def the_api_behaves(world) -> None:
    world.standin.behave()


# Time, and the machines


@often(40)
def work(world) -> None:
    """A worker takes a task, and may be killed at any of its statements."""
    if task := world.tasks.take():
        if world.random.random() < 0.15:
            with breakage.killed_at_statement(world.random.randint(1, 25)):
                breakage.run(*task)
        else:
            breakage.run(*task)


@often(1)
def the_queue_is_lost(world) -> None:
    world.tasks.lose()


@often(4)
def reconcile(world) -> None:
    if world.random.random() < 0.2:
        with breakage.killed_at_statement(world.random.randint(1, 60)):
            payments.reconcile_open()
    else:
        payments.reconcile_open()


@often(3)
def expire(world) -> None:
    if world.random.random() < 0.2:
        with breakage.killed_at_statement(world.random.randint(1, 40)):
            payments.expire_overdue()
    else:
        payments.expire_overdue()


@often(2)
def sweep(world) -> None:
    carts.sweep_lapsed()


@often(6)
def minutes_pass(world) -> None:
    """For the payments without news; the clock itself moves in ``time_runs_out``."""
    Payment.objects.update(checked_at=F("checked_at") - timedelta(minutes=3))
    Refund.objects.update(checked_at=F("checked_at") - timedelta(minutes=3))


@often(2)
def time_runs_out(world) -> None:
    """For an hour nobody does anything: holds lapse, orders become overdue, sessions at Stripe expire."""
    if world.random.random() < 0.5:
        world.clock.shift(timedelta(hours=1))
        world.standin.advance(0)
    else:
        overdue = Order.objects.filter(status=OrderStatus.PENDING).order_by("?").values("pk")[:3]
        Order.objects.filter(pk__in=list(overdue.values_list("pk", flat=True))).update(
            expires_at=F("expires_at") - timedelta(hours=2)
        )
        CartLine.objects.filter(is_held=True).update(held_until=F("held_until") - timedelta(hours=2))


@often(1)
def the_database_hangs_up(world) -> None:
    """Every connection ends, while a notification and a worker are under way."""
    if event := world.an_event():
        raised = breakage.at_the_same_moment(
            lambda: world.standin.deliver(event["id"]),
            lambda: work(world),
            lambda: work(world),
            breakage.drop_connections,
        )
        connection.close()  # ours was among them
        for error in raised:
            world.expect(error, also_database=True)


REFUSALS = (ApiError, CommandRefused)
