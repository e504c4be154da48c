"""With CloudNativePG the primary dies while people book: the shop writes again in seconds, and no order is lost.

The operator takes five minutes to compile; where it is neither installed nor compiled this says so, unless
CLUSTER_ALL=yes asks for it.
"""

import itertools
import json
import os
import time

import pytest

from chart.rendering import CHART, merged, values_of
from cluster import images, turns
from cluster.buyers import Buyers
from cluster.machine import machine
from cluster.release import eventually, is_ready, kubectl

WRITES_AGAIN_SECONDS = 10
PAID = """
import json
from shop.models import Order
print(json.dumps(list(Order.objects.filter(status="paid").values_list("code", flat=True))))
"""


def operator_is_here() -> bool:
    return "clusters.postgresql.cnpg.io" in kubectl("api-resources", "--no-headers", "--output", "name")


@pytest.fixture(scope="module")
def failover(releases, measured):
    """The example of the chart, with this machine's image of PostgreSQL."""
    if not operator_is_here():
        is_compiled = not images.missing("localhost/cloudnative-pg:1.28.0")
        if not (machine().kit and (is_compiled or os.environ.get("CLUSTER_ALL"))):
            pytest.skip(
                "CloudNativePG is not here; CLUSTER_ALL=yes lets the kit compile it, which takes five minutes"
            )
        machine().kit_does("operator", timeout=1800)
    release = releases("shop-failover")
    example = values_of(CHART / "ci" / "cnpg-values.yaml")
    (database,) = example["extraObjects"]
    if machine().kit:
        database["spec"] |= {"imageName": images.postgres(), "postgresUID": 999, "postgresGID": 999}
        database["spec"]["resources"]["requests"]["cpu"] = "100m"  # one node has it all
    release.values = merged(release.values, example, {"app": {"siteUrl": release.values["app"]["siteUrl"]}})
    release.values["email"] |= {"host": "neighbours", "port": 1025}
    began = time.monotonic()
    release.install()
    measured(f"installed with a primary and a standby in {time.monotonic() - began:.0f} s")
    eventually(lambda: len(instances(release)) == 2 and all(map(is_ready, instances(release))), seconds=240)
    yield release
    release.forget()


def instances(release) -> list[dict]:
    return release.get(
        "pods", "--selector", f"cnpg.io/cluster={release.name}-database,cnpg.io/podRole=instance"
    )["items"]


def primary(release) -> str:
    return release.get("cluster", f"{release.name}-database")["status"]["currentPrimary"]


def test_the_shop_survives_the_death_of_the_primary(failover, measured):
    (slug,) = failover.make_sessions(200)
    before = primary(failover)
    with turns.alone(), Buyers(failover.door(), [slug], how_many=4, pause=0.1) as buyers:
        eventually(lambda: len(buyers.bookings) >= 5, seconds=90)
        failover.kubectl("delete", "pod", before, "--grace-period=0", "--force", "--wait=false")
        died = time.monotonic()
        eventually(lambda: primary(failover) != before, seconds=120)
        confirmed = len(buyers.bookings)
        eventually(lambda: len(buyers.bookings) >= confirmed + 3, seconds=90)
    # How far apart they are at other times tells how busy this machine is with other things.
    before_it = sorted(at for at in buyers.wrote_at if at < died)
    usual = longest_gap(before_it)
    gap = longest_gap([*before_it[-1:], *(at for at in buyers.wrote_at if at > died)])
    said = "; ".join(f"{count} × {problem}" for problem, count in buyers.failures.most_common(3))
    measured(f"longest gap between two places reserved: {gap:.1f} s, before that {usual:.1f} s")
    measured(f"{len(buyers.bookings)} bookings; {said}")
    assert gap - usual <= WRITES_AGAIN_SECONDS
    assert {booking.code for booking in buyers.bookings} <= set(failover.python(PAID))
    failover.assert_all_adds_up()


def longest_gap(instants: list[float]) -> float:
    ordered = sorted(instants)
    return max(later - earlier for earlier, later in itertools.pairwise(ordered))


def test_whoever_met_the_failover_was_asked_to_come_back(failover):
    """Requests in between were answered as a passing trouble (503 with Retry-After), never as half an order."""
    log = "\n".join(
        failover.kubectl("logs", pod["metadata"]["name"], "--container", "web", "--tail=5000")
        for pod in failover.pods("web")
    )
    statuses = [json.loads(line)["status"] for line in log.splitlines() if '"gunicorn.access"' in line]

    assert 500 not in statuses
