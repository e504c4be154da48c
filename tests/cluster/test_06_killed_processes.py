"""Processes are killed in the middle of a rush: nothing is oversold, and no order that was paid is lost."""

import json
import time

import pytest

from cluster.buyers import Buyers
from cluster.release import eventually, kubectl
from payments.standin.client import StandInClient

# Every process of the container but the first, which nobody can kill from within.
KILL_9 = (
    "for n in $(ls /proc | grep '^[0-9]'); do [ $n = 1 ] || [ $n = $$ ] || kill -9 $n; done 2>/dev/null; true"
)
# What the worker would do two minutes later: ask the provider about payments without news.
SETTLE = """
import json
from django.utils import timezone
from shop.models import Payment
from shop.services.payments import look_at
waiting = list(Payment.objects.unsettled(timezone.now()).filter(provider="stripe").values_list("pk", flat=True))
for payment in waiting:
    look_at(payment)
print(json.dumps(len(waiting)))
"""
BOOKS = """
import json
from attendance.models import Ticket
from shop.models import Order, OrderLine, Payment, Session
lines = OrderLine.objects.filter(cancelled_at__isnull=True, order__status="paid", session__slug__in={slugs!r})
print(json.dumps({{
    "sold": {{slug: lines.filter(session__slug=slug).count() for slug in {slugs!r}}},
    "taken": dict(Session.objects.filter(slug__in={slugs!r}).values_list("slug", "seats_taken")),
    "tickets": Ticket.objects.filter(line__in=lines).count(),
    "paid": list(Order.objects.filter(status="paid").values_list("code", flat=True)),
    "paid_references": list(Payment.objects.filter(status="paid").values_list("reference", flat=True)),
}}))
"""
CAPACITIES = (6, 25, 60)


def force(shop, pod: dict) -> None:
    """End a pod as the loss of its node would: no signal, no waiting."""
    shop.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force", "--wait=false")


@pytest.fixture(scope="module")
def rush(shop, measured):
    """Forty seconds of buying; in between one thing after the other dies."""
    shop.upgrade({"replicaCount": 2})
    slugs = shop.make_sessions(*CAPACITIES)
    database = eventually(lambda: shop.pods("primary"))[0]
    killed = []
    with Buyers(shop.door(), slugs, how_many=10) as buyers:
        for what, act in (
            ("web processes", lambda: shop.execute("web", "sh", "-c", KILL_9)),
            ("a web pod", lambda: force(shop, shop.pods("web")[0])),
            ("the worker pod", lambda: force(shop, shop.pods("worker")[0])),
            ("worker processes", lambda: shop.execute("worker", "sh", "-c", KILL_9, check=False)),
            ("the database pod", lambda: force(shop, database)),
        ):
            time.sleep(5)
            act()
            killed.append(what)
        began = time.monotonic()
        shop.pod("primary")
        measured(f"the database's pod was back after {time.monotonic() - began:.0f} s")
        time.sleep(8)
    shop.rollout("web", "worker")
    said = "; ".join(f"{count} × {problem}" for problem, count in buyers.failures.most_common(4))
    measured(f"killed: {', '.join(killed)}; {len(buyers.bookings)} bookings confirmed; {said}")
    measured(f"payments without news afterwards: {shop.python(SETTLE)}")
    return buyers, slugs, shop.python(BOOKS.format(slugs=slugs))


def test_the_rush_was_one(rush):
    buyers, _slugs, _books = rush

    assert len(buyers.bookings) >= 10


def test_everything_adds_up(shop, rush):
    shop.assert_all_adds_up()


def test_nothing_is_oversold(rush):
    _buyers, slugs, books = rush

    for slug, capacity in zip(slugs, CAPACITIES, strict=True):
        assert books["sold"][slug] <= books["taken"][slug] <= capacity
    assert books["tickets"] == sum(books["sold"].values())


def test_no_order_is_lost_that_its_buyer_saw_confirmed(rush):
    buyers, _slugs, books = rush

    assert {booking.code for booking in buyers.bookings} <= set(books["paid"])


def test_no_money_is_kept_without_an_order(shop, rush, measured):
    _buyers, _slugs, books = rush
    address, port = shop.door().neighbours["http://pay.test"]

    at_the_provider = [
        each["id"]
        for each in StandInClient(f"http://{address}:{port}").checkout_sessions("complete")
        if each["payment_status"] == "paid"
    ]

    measured(f"{len(at_the_provider)} payments at the provider, {len(books['paid_references'])} in the shop")
    assert set(at_the_provider) <= set(books["paid_references"])


def test_the_cluster_healed_by_itself(shop):
    events = json.loads(kubectl("--namespace", shop.namespace, "get", "deployments", "--output", "json"))[
        "items"
    ]

    for deployment in events:
        assert deployment["status"]["readyReplicas"] == deployment["spec"]["replicas"]
