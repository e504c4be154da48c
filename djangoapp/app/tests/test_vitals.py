"""Vital signs: each tells what is in the tables, at the same cost however much that is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from djstripe.models import Event
from prometheus_client import CollectorRegistry, generate_latest

from app import vitals
from core.models import Mail, MailStatus
from shop.enums import OrderStatus
from shop.models import Order, Payment, Session
from shop.services import refunds
from shop.tests.factories import SessionFactory, cart_with, order_for, paid_order_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten():
    cache.clear()


def minutes_ago(minutes: float):
    return timezone.now() - timedelta(minutes=minutes)


def exposed() -> str:
    """What Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(vitals.VitalSigns())
    return generate_latest(registry).decode()


def test_an_empty_shop_has_nothing_to_tell():
    signs = vitals.take()

    assert set(signs.orders.values()) == {0}
    assert (signs.oversold_sessions, signs.tasks_waiting, signs.refunds_unsettled) == (0, 0, 0)
    assert (signs.mail_oldest_seconds, signs.webhook_last_seconds, signs.worker_late_seconds) == (None,) * 3


def test_orders_are_counted_by_state_and_places_by_hold():
    session = SessionFactory(capacity=9)
    paid_order_for((session, 2))
    paid_order_for((SessionFactory(), 1))
    expired = order_for((SessionFactory(), 1))
    Order.objects.filter(pk=expired.pk).update(status=OrderStatus.EXPIRED)
    order_for((SessionFactory(), 1))
    cart_with((session, 2))
    lapsed = cart_with((session, 1))
    lapsed.lines.update(held_until=minutes_ago(1))

    signs = vitals.take()

    assert signs.orders == dict.fromkeys(OrderStatus.values, 0) | {"paid": 2, "pending": 1, "expired": 1}
    assert signs.held_places == {"active": 2, "lapsed": 1}


def test_a_session_with_more_places_sold_than_there_are_is_told():
    session = SessionFactory(capacity=2)
    paid_order_for((session, 2))
    assert vitals.take().oversold_sessions == 0

    Session.objects.filter(pk=session.pk).update(capacity=1, seats_taken=1)  # behind the rules' back

    assert vitals.take().oversold_sessions == 1


def test_money_without_news_and_on_its_way_back_is_told():
    paid = paid_order_for((SessionFactory(), 1)).payments.get()
    order_for((SessionFactory(), 1), provider="stripe")
    refund = refunds.request(paid, Decimal("5.00"), reason="Rain")
    order_for((SessionFactory(), 1))  # waits at the desk, where nobody asks
    Payment.objects.update(checked_at=minutes_ago(11))
    type(refund).objects.update(created_at=minutes_ago(30), status="pending")

    signs = vitals.take()

    assert (signs.payments_quiet, signs.refunds_unsettled) == (1, 1)
    assert signs.refund_oldest_seconds == pytest.approx(1800, abs=60)


def test_mails_that_wait_and_that_were_given_up_are_told():
    for number, (status, written) in enumerate(
        [("queued", 50), ("sending", 20), ("failed", 900), ("sent", 990)]
    ):
        Mail.objects.create(
            kind="order_paid",
            to="ana@example.org",
            dedupe_key=str(number),
            status=MailStatus(status),
            created_at=minutes_ago(written),
            next_attempt_at=minutes_ago(written / 2),
        )

    signs = vitals.take()

    assert signs.mails == {"waiting": 2, "failed": 1}
    assert signs.mail_oldest_seconds == pytest.approx(50 * 60, abs=60)
    assert signs.mail_overdue_seconds == pytest.approx(25 * 60, abs=60)


def test_a_mail_that_is_to_be_tried_again_later_is_not_overdue():
    Mail.objects.create(kind="x", to="a@example.org", dedupe_key="x", next_attempt_at=minutes_ago(-60))

    assert vitals.take().mail_overdue_seconds == 0


def test_a_worker_that_stands_still_shows_in_its_plan_and_its_queue():
    Schedule.objects.create(func="a", schedule_type=Schedule.MINUTES, minutes=1, next_run=minutes_ago(7))
    Schedule.objects.create(func="b", schedule_type=Schedule.DAILY, next_run=minutes_ago(-700))
    OrmQ.objects.create(key="x", payload="x", lock=minutes_ago(5))
    OrmQ.objects.create(key="x", payload="x", lock=minutes_ago(-1))  # being worked on

    signs = vitals.take()

    assert signs.worker_late_seconds == pytest.approx(420, abs=30)
    assert signs.tasks_waiting == 1
    assert signs.task_oldest_seconds == pytest.approx(300, abs=30)


def test_how_long_stripes_notifications_take_is_told():
    now = timezone.now()
    for number, seconds in enumerate((2, 95, 1)):
        event = Event.objects.create(
            id=f"evt_{number}", livemode=False, created=now, data={}, type="charge.refunded"
        )
        Event.objects.filter(pk=event.pk).update(djstripe_created=now + timedelta(seconds=seconds))

    signs = vitals.take()

    assert signs.webhook_delay_seconds == 95
    assert signs.webhook_last_seconds == 0


def test_prometheus_reads_every_sign(settings):
    settings.VERSION, settings.COMMIT = "1.2.3", "0123abc"
    paid_order_for((SessionFactory(), 1))

    told = exposed()

    assert 'shop_info{chart="",commit="0123abc",version="1.2.3"} 1.0' in told
    assert "shop_vitals_up 1.0" in told
    assert 'shop_orders{state="paid"} 1.0' in told
    assert 'shop_held_places{state="active"} 0.0' in told
    assert 'shop_mails{state="failed"} 0.0' in told
    assert "shop_oversold_sessions 0.0" in told


def test_looking_costs_the_same_however_much_there_is_and_is_remembered(django_assert_num_queries):
    paid_order_for((SessionFactory(), 1))
    with django_assert_num_queries(14):
        vitals.take()
    for _ in range(3):
        paid_order_for((SessionFactory(), 1))
    with django_assert_num_queries(14):
        vitals.read()
    with django_assert_num_queries(0):
        exposed()


def test_without_the_database_prometheus_still_gets_an_answer(monkeypatch):
    def refuse(*_args):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", refuse)

    assert "shop_vitals_up 0.0" in exposed()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: Mail.objects.filter(status__in=[MailStatus.QUEUED, MailStatus.SENDING]), "core_mail_unsent"),
        (lambda: Mail.objects.filter(status=MailStatus.FAILED), "core_mail_failed"),
        (lambda: Payment.objects.unsettled(timezone.now()), "shop_payment_live"),
        (lambda: Payment.objects.stranded(), "shop_payment_stranded"),
    ],
)
def test_signs_are_found_by_an_index(rows, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert index in rows().explain()
