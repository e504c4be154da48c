"""Cancelling a session: everybody is told and refunded once, wherever the work is interrupted."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from core.mail import deliver, send_due_mails
from core.models import Mail
from core.money import display
from shop.calendars import feed_calendar, order_calendar
from shop.enums import DisputeStatus, OrderStatus, PaymentStatus, RefundStatus, WaitingStatus
from shop.exceptions import NotBookable, ProviderUnavailable, SessionOver
from shop.models import Dispute, Order, Refund, Session, SessionCancellation
from shop.providers import DisputeFact
from shop.services import cancelling, disputes, own_orders, payments, refunds, waiting
from shop.services.integrity import problems
from shop.session_mails import session_cancelled
from shop.tests.factories import SessionFactory, cart_with, order_for, paid_order_for
from shop.tests.queues import full_session, wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_adds_up():
    yield
    assert problems() == []


def cancel(session: Session, **more) -> SessionCancellation:
    cancellation = cancelling.begin(session, **more)
    cancelling.work(cancellation.pk)
    cancellation.refresh_from_db()
    return cancellation


def test_everybody_is_refunded_and_told():
    session = SessionFactory()
    paid = [paid_order_for((session, 2), email=f"{number}@example.org") for number in range(3)]

    cancellation = cancel(session, words="The kiln is broken.")

    session.refresh_from_db()
    assert (session.is_cancelled, session.seats_taken) == (True, 0)
    assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.CANCELLED}
    assert sum(Refund.objects.values_list("amount", flat=True)) == 6 * session.base_price
    letters = Mail.objects.filter(kind="session_cancelled")
    assert {mail.to for mail in letters} == {order.email for order in paid}
    assert cancellation.finished_at


def test_only_the_places_of_this_session_are_given_up():
    session, other = SessionFactory(), SessionFactory(base_price=Decimal(20))
    order = paid_order_for((session, 1), (other, 1))

    cancel(session)

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert [line.session for line in order.lines.kept()] == [other]
    assert Refund.objects.get().amount == session.base_price


def test_nobody_can_book_it_any_more_and_nothing_is_reopened():
    session = full_session(2)
    entry = wait_for(session)

    cancel(session)

    with pytest.raises(NotBookable):
        cart_with((session, 1))
    with pytest.raises(NotBookable):
        wait_for(session)
    entry.refresh_from_db()
    assert (entry.status, entry.offers) == (WaitingStatus.OVER, 0)
    assert Mail.objects.filter(kind="waiting_cancelled", to=entry.email).count() == 1


def test_an_open_offer_ends_with_the_session():
    session = full_session(1)
    entry = wait_for(session)
    Session.objects.filter(pk=session.pk).update(capacity=2)
    waiting.sweep()

    cancel(session)

    entry.refresh_from_db()
    session.refresh_from_db()
    assert (entry.status, session.seats_taken, session.seats_wanted) == (WaitingStatus.OVER, 0, 0)


def test_carts_let_go_of_it():
    session, other = SessionFactory(), SessionFactory()
    cart = cart_with((session, 2), (other, 1))

    cancel(session)

    assert [line.session for line in cart.lines.all()] == [other]


def test_an_order_that_is_not_paid_is_closed_at_its_provider_and_told(provider):
    session = SessionFactory()
    order = order_for((session, 1), provider="scripted")
    payments.start(order.payments.get())

    cancel(session)

    order.refresh_from_db()
    assert (order.status, order.payments.get().status) == (OrderStatus.CANCELLED, PaymentStatus.EXPIRED)
    assert Mail.objects.filter(kind="session_cancelled", to=order.email).exists()
    assert not Refund.objects.exists()


def test_an_order_that_turns_out_to_be_paid_is_refunded(provider):
    session = SessionFactory()
    order = order_for((session, 1), provider="scripted")
    payments.start(order.payments.get())
    provider.say(order.payments.get(), PaymentStatus.PAID)

    cancel(session)

    refund = Refund.objects.get()
    refunds.push(refund.pk)
    refund.refresh_from_db()
    assert (refund.amount, refund.status) == (order.total, RefundStatus.DONE)


def test_a_provider_that_does_not_answer_is_asked_again(provider):
    session = SessionFactory()
    order = order_for((session, 1), provider="scripted")
    payments.start(order.payments.get())
    provider.trouble = ProviderUnavailable()

    cancellation = cancel(session)
    assert cancellation.finished_at is None

    provider.trouble = None
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert cancelling.resume() == 1
        assert cancelling.resume() == 0
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED


def test_money_that_comes_after_all_goes_back(provider):
    session = SessionFactory()
    order = order_for((session, 1), provider="scripted")
    payments.start(order.payments.get())
    Order.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    payments.expire_overdue()
    cancel(session)
    provider.say(order.payments.get(), PaymentStatus.PAID)

    payments.look_at(order.payments.get().pk)

    order.refresh_from_db()
    assert order.status in {OrderStatus.UNFULFILLABLE, OrderStatus.REFUNDED}
    assert Refund.objects.get().amount == order.total


def test_money_that_a_bank_claims_already_is_left_for_people():
    session = SessionFactory()
    order = paid_order_for((session, 1))
    Dispute.objects.create(payment=order.payments.get(), reference="du_1")

    cancellation = cancel(session)

    assert cancelling.progress_of(cancellation).unpaid_back == [order]
    assert not Refund.objects.exists()
    assert cancellation.finished_at


def test_money_that_a_bank_has_taken_back_is_nobodys_work_any_more():
    session = SessionFactory()
    order = paid_order_for((session, 1))
    disputes.settle(order.payments.get(), DisputeFact(DisputeStatus.OPEN, "du_1", order.total))
    disputes.settle(order.payments.get(), DisputeFact(DisputeStatus.LOST, "du_1", order.total))

    told = cancelling.affected_by(session).going_back
    cancellation = cancel(session)

    assert told == 0
    assert cancelling.progress_of(cancellation).unpaid_back == []


@pytest.fixture
def moved_to_a_cheaper_date() -> Order:
    """Sold for 100 and paid at the desk, moved to a date for 80; the difference went back long ago."""
    session = SessionFactory(base_price=Decimal(100))
    cheaper = SessionFactory(project=session.project, base_price=Decimal(80))
    order = paid_order_for((session, 1))
    own_orders.move(order, order.lines.all(), cheaper, expected=Decimal(20))
    return order


def test_a_place_that_moved_gives_back_what_is_left_of_it(moved_to_a_cheaper_date):
    session = moved_to_a_cheaper_date.lines.kept().get().session

    told = cancelling.affected_by(session).going_back
    cancellation = cancel(session)

    assert told == Refund.objects.latest("pk").amount == 80
    assert f"You get back {display(Decimal(80))}" in letter_of(moved_to_a_cheaper_date)
    assert cancelling.progress_of(cancellation).unpaid_back == []


def test_the_letter_leaves_out_what_went_back_before():
    session = SessionFactory(base_price=Decimal(100))
    order = paid_order_for((session, 1))
    refunds.request(order.payments.get(), Decimal(30), reason="The kiln was cold")

    cancel(session)

    assert f"You get back {display(Decimal(70))}" in letter_of(order)


def test_money_that_a_bank_claims_is_not_hidden_by_what_went_back_before():
    session = SessionFactory(base_price=Decimal(100))
    order = paid_order_for((session, 1))
    refunds.request(order.payments.get(), Decimal(30), reason="The kiln was cold")
    Dispute.objects.create(payment=order.payments.get(), reference="du_1")

    cancel(session)

    assert "We look into your payment" in letter_of(order)


def letter_of(order: Order) -> str:
    cancellation = SessionCancellation.objects.get()
    return session_cancelled(cancellation_id=cancellation.pk, order_id=order.pk).text


def test_a_free_session_is_cancelled_too():
    session = SessionFactory(base_price=Decimal(0))
    order = order_for((session, 2))

    cancel(session)

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert Mail.objects.filter(kind="session_cancelled").count() == 1


def test_deciding_twice_changes_nothing():
    session = SessionFactory()
    paid_order_for((session, 1))

    first, again = cancel(session), cancel(session)

    assert first == again
    assert (Refund.objects.count(), Mail.objects.filter(kind="session_cancelled").count()) == (1, 1)


def test_what_has_taken_place_cannot_be_cancelled():
    session = SessionFactory(starts_at=timezone.now() - timedelta(days=1))

    with pytest.raises(SessionOver):
        cancelling.begin(session)


def test_before_deciding_staff_sees_whom_it_concerns_and_what_it_costs(django_assert_num_queries):
    session = SessionFactory(capacity=20)
    paid_order_for((session, 2), email="a@example.org")
    order_for((session, 1), email="b@example.org")
    cart_with((session, 2))

    with django_assert_num_queries(8):
        affected = cancelling.affected_by(session)
    for number in range(3):
        paid_order_for((session, 1), email=f"{number}@example.org")
    with django_assert_num_queries(8):
        more = cancelling.affected_by(session)

    assert (affected.places, affected.going_back, affected.in_carts) == (3, 2 * session.base_price, 2)
    assert (more.places, more.going_back) == (6, 5 * session.base_price)


def test_progress_is_told_in_a_fixed_number_of_queries(django_assert_num_queries):
    session = SessionFactory(capacity=20)
    for number in range(3):
        paid_order_for((session, 1), email=f"{number}@example.org")
    cancellation = cancelling.begin(session)
    before = cancelling.progress_of(cancellation)
    cancelling.work(cancellation.pk)

    with django_assert_num_queries(7):
        after = cancelling.progress_of(cancellation)

    assert (before.places_done, after.places_done, after.places) == (0, 3, 3)
    assert (after.at_desk, after.orders_at_desk) == (3 * session.base_price, 3)
    assert (after.refunded, after.on_its_way, after.failed) == (0, 0, 0)


def test_the_letter_tells_what_goes_back_and_crosses_the_session_out(mailoutbox):
    session = SessionFactory()
    SessionFactory(project=session.project)
    order = paid_order_for((session, 2))
    cancel(session, words="The *kiln* is broken.")
    send_due_mails()

    letter = next(mail for mail in mailoutbox if mail.subject.startswith("Cancelled:"))
    assert "170" in letter.body
    assert "at our desk" in letter.body  # it was paid there
    assert "The next dates" in letter.body
    assert "<em>kiln</em>" in letter.alternatives[0][0]
    [(_name, calendar, _type)] = letter.attachments
    assert "STATUS:CANCELLED" in calendar
    assert order.get_absolute_url() in letter.body


def test_calendars_believe_the_cancellation():
    session = SessionFactory()
    order = paid_order_for((session, 1))
    before = order_calendar(order)

    cancel(session)

    session.refresh_from_db()
    after, feed = order_calendar(order), feed_calendar([session], name="Feed")
    assert b"SEQUENCE:0" in before
    assert b"SEQUENCE:1" in after
    assert b"STATUS:CANCELLED" in after
    assert b"STATUS:CANCELLED" in feed


KILLED_IN_THE_MIDDLE = """
import django
django.setup()
from shop.services import cancelling
enqueue_mail = cancelling.enqueue_mail
done = []

def third_time_unlucky(*arguments, **more):
    done.append(1)
    if len(done) == 3:  # places are given up and the refund is written, and nothing of it is committed
        print("here", flush=True)
        import time
        time.sleep(60)
    return enqueue_mail(*arguments, **more)

cancelling.enqueue_mail = third_time_unlucky
cancelling.work({pk})
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done(monkeypatch):
    session = SessionFactory(capacity=20)
    for number in range(6):
        paid_order_for((session, 2), email=f"{number}@example.org")
    monkeypatch.setattr(cancelling, "enqueue", lambda *arguments: None)  # nobody is at work yet
    cancellation = cancelling.begin(session)

    kill_a_worker(KILLED_IN_THE_MIDDLE.format(pk=cancellation.pk))
    given_up = Order.objects.filter(status=OrderStatus.CANCELLED).count()
    refunded = Refund.objects.count()
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        cancelling.resume()

    cancellation.refresh_from_db()
    assert (given_up, refunded) == (2, 2)
    assert cancellation.finished_at
    assert Order.objects.filter(status=OrderStatus.CANCELLED).count() == 6
    assert Refund.objects.count() == 6
    assert sum(Refund.objects.values_list("amount", flat=True)) == 12 * session.base_price
    assert Mail.objects.filter(kind="session_cancelled").count() == 6


def kill_a_worker(script: str) -> None:
    """Run a script on this test's database in a process of its own, and kill it where it says "here"."""
    name = str(connection.settings_dict["NAME"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "app.settings.test",
        "DATABASE_NAME": name,
        "DJANGOAPP_SQLITE_PATH": name,
        "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.dirname(__file__))),
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    )
    said = worker.stdout.readline()
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    assert said == "here\n"


def test_the_letter_of_an_order_that_was_not_paid_promises_no_money(mailoutbox):
    session = SessionFactory()
    order_for((session, 1))
    cancel(session)
    for pk in Mail.objects.filter(kind="session_cancelled").values_list("pk", flat=True):
        deliver(pk)

    assert "not paid yet" in mailoutbox[-1].body
    assert "get back" not in mailoutbox[-1].body
