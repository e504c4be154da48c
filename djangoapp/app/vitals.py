"""Vital signs of the whole: how much waits, how long, and what must never be.

Prometheus and the page for staff read the same. Each sign comes from few rows found by an index, and all of them are
remembered for a moment in the cache that all processes share, so that watching costs next to nothing.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import Error
from django.db.models import Count, Min, Sum
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.models import Mail, MailStatus
from core.schema import missing_migrations
from payments import notifications
from shop.enums import UNSETTLED_REFUNDS, OrderStatus
from shop.models import CartLine, Order, Payment, Refund
from shop.services import integrity

REMEMBERED_SECONDS = 15
QUIET = timedelta(minutes=10)  # the job looks at open payments every few minutes


@dataclass(frozen=True)
class Vitals:
    """One reading. Seconds are counted up to ``taken_at``; ``None`` says that there is nothing to count from."""

    taken_at: datetime
    took_seconds: float
    orders: dict[str, int] = field(default_factory=dict)  # by state
    held_places: dict[str, int] = field(default_factory=dict)  # active or lapsed
    oversold_sessions: int = 0
    payments_quiet: int = 0  # open, and nobody has had news of them for a while
    payments_stranded: int = 0  # money that paid for nothing, and is not on its way back
    refunds_unsettled: int = 0
    refund_oldest_seconds: float | None = None
    webhook_last_seconds: float | None = None
    webhook_delay_seconds: float = 0
    mails: dict[str, int] = field(default_factory=dict)  # waiting or failed
    mail_oldest_seconds: float | None = None  # since the oldest of those that wait was written
    mail_overdue_seconds: float | None = None  # since the first of them should have been sent
    tasks_waiting: int = 0
    task_oldest_seconds: float | None = None
    worker_late_seconds: float | None = (
        None  # since a periodic job should have been begun; None: never planned
    )
    migrations_missing: int = 0


def read() -> Vitals:
    """The signs, at most ``REMEMBERED_SECONDS`` old. Raises ``django.db.Error`` when the database does not answer."""
    known = cache.get("vitals")
    if known is None:
        known = asdict(take())
        cache.set("vitals", known, REMEMBERED_SECONDS)
    return Vitals(**known)


def take() -> Vitals:
    """Take the signs afresh, in a dozen queries."""
    began, now = time.monotonic(), timezone.now()

    def age(instant: datetime | None) -> float | None:
        return max((now - instant).total_seconds(), 0) if instant else None

    arrived = notifications.arrivals()
    mails = Mail.objects.filter(status__in=[MailStatus.QUEUED, MailStatus.SENDING]).aggregate(
        many=Count("pk"), oldest=Min("created_at"), first=Min("next_attempt_at")
    )
    refunds = Refund.objects.filter(status__in=UNSETTLED_REFUNDS).aggregate(
        many=Count("pk"), oldest=Min("created_at")
    )
    tasks = OrmQ.objects.filter(lock__lte=now).aggregate(many=Count("pk"), oldest=Min("lock"))
    planned = Schedule.objects.exclude(repeats=0).aggregate(first=Min("next_run"))
    return Vitals(
        orders=_orders_by_state(),
        held_places={
            "active": _places(CartLine.objects.holding(now)),
            "lapsed": _places(CartLine.objects.lapsed(now)),
        },
        oversold_sessions=integrity.oversold().count(),
        payments_quiet=Payment.objects.without_news(now - QUIET).count(),
        payments_stranded=Payment.objects.stranded().count(),
        refunds_unsettled=refunds["many"],
        refund_oldest_seconds=age(refunds["oldest"]),
        webhook_last_seconds=age(arrived.last_at),
        webhook_delay_seconds=arrived.delay.total_seconds(),
        mails={
            "waiting": mails["many"],
            "failed": Mail.objects.filter(status=MailStatus.FAILED).count(),
        },
        mail_oldest_seconds=age(mails["oldest"]),
        mail_overdue_seconds=age(mails["first"]),
        tasks_waiting=tasks["many"],
        task_oldest_seconds=age(tasks["oldest"]),
        worker_late_seconds=age(planned["first"]),
        migrations_missing=len(missing_migrations()),
        taken_at=now,
        took_seconds=time.monotonic() - began,
    )


def _orders_by_state() -> dict[str, int]:
    """All but the confirmed, of which there are most, are found by an index of their own."""
    others = [state for state in OrderStatus.values if state != OrderStatus.PAID]
    counted = (
        Order.objects.filter(status__in=others).order_by().values_list("status").annotate(many=Count("pk"))
    )
    found = dict.fromkeys(OrderStatus.values, 0) | dict(counted)
    found[OrderStatus.PAID] = Order.objects.count() - sum(found.values())
    return found


def _places(lines) -> int:
    return lines.aggregate(places=Sum("quantity"))["places"] or 0


class VitalSigns(Collector):
    """The signs as Prometheus reads them; see docs/operators/observability.md."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge(
            "shop_info",
            "What is running.",
            {(settings.VERSION, settings.COMMIT, settings.CHART_VERSION): 1},
            "version",
            "commit",
            "chart",
        )
        try:
            vitals = read()
        except Error:
            yield _gauge("shop_vitals_up", "Whether the signs below could be taken.", {(): 0})
            return
        yield _gauge("shop_vitals_up", "Whether the signs below could be taken.", {(): 1})
        yield from signs(vitals)


def signs(vitals: Vitals) -> Iterator[GaugeMetricFamily]:
    """Each sign with its name, in the order in which the handbook has them."""

    def by_state(values: dict[str, int]) -> dict[tuple, float]:
        return {(state,): number for state, number in values.items()}

    yield _gauge("shop_vitals_seconds", "How long taking the signs took.", {(): vitals.took_seconds})
    yield _gauge("shop_orders", "Orders by state.", by_state(vitals.orders), "state")
    yield _gauge("shop_held_places", "Places held in carts.", by_state(vitals.held_places), "state")
    yield _gauge("shop_mails", "Mails that wait, and that were given up.", by_state(vitals.mails), "state")
    for name, told in SIGNS.items():
        value = getattr(vitals, name)
        if value is not None:
            yield _gauge(f"shop_{name}", told, {(): value})


SIGNS = {
    "oversold_sessions": "Sessions to come with more places sold than there are. Always 0.",
    "payments_quiet": "Open payments of which nobody has had news for ten minutes.",
    "payments_stranded": "Payments that paid for nothing and are not on their way back.",
    "refunds_unsettled": "Refunds that are not done.",
    "refund_oldest_seconds": "How long the oldest of them has been under way.",
    "webhook_last_seconds": "How long ago the last notification of Stripe's came.",
    "webhook_delay_seconds": "How long the slowest of the latest notifications was under way.",
    "mail_oldest_seconds": "How long ago the oldest mail that waits was written.",
    "mail_overdue_seconds": "For how long the first of them should have been sent.",
    "tasks_waiting": "Tasks that wait for the worker.",
    "task_oldest_seconds": "How long the oldest of them has waited.",
    "worker_late_seconds": "For how long a periodic job should have been begun. Grows when no worker runs.",
    "migrations_missing": "Migrations that this version knows and the database has not had.",
}


def _gauge(name: str, told: str, values: dict[tuple, float], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=labels)
    for of, value in values.items():
        family.add_metric(of, value)
    return family
