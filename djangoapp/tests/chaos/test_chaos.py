"""One run of chaos. ``make chaos N=10000 SEED=42`` makes it longer and shows how it goes on."""

import os
import secrets
import time

import pytest
import time_machine
from django.utils import timezone

from core import jobs
from payments.tests.conftest import shop_at, standin  # noqa: F401

from . import breakage, verdict
from .world import World

WANTED = os.environ.get("CHAOS_DELIVERIES", "")  # set by `make chaos`, where each run has a seed of its own
DELIVERIES = int(WANTED or 150)
SEED = int(os.environ.get("CHAOS_SEED") or (secrets.randbelow(10**6) if WANTED else 20_261))
PROGRESS_SECONDS = 2

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def tell(text: str) -> None:
    """Say how it goes, to whoever watches."""
    if WANTED:
        print(text, flush=True)  # noqa: T201


def test_whatever_happens_places_orders_and_money_agree_in_the_end(
    standin,  # noqa: F811
    settings,
    monkeypatch,
    caplog,
):
    # Failures are what this is about; only the verdict tells which of them matter.
    for logger in ("django.request", "payments", "shop", "core"):
        caplog.set_level("CRITICAL", logger=logger)
    settings.STRIPE_TIMEOUT_SECONDS = 0.4
    settings.SHOP_HOLD_MINUTES = 15
    tell(f"\nSeed {SEED}: {DELIVERIES} notifications")
    with time_machine.travel(timezone.now(), tick=True) as clock:
        world = World(standin, clock, SEED)
        monkeypatch.setattr(jobs, "async_task", world.tasks.put)
        told_at = time.monotonic()
        while (delivered := world.delivered()) < DELIVERIES:
            world.step()
            if time.monotonic() - told_at > PROGRESS_SECONDS:
                told_at = time.monotonic()
                tell(f"  {delivered} delivered, {world.count()} orders, {sum(world.happened.values())} steps")
        verdict.heal(world)
        found = verdict.complaints(world)
        breakage.drop_connections()  # those that were cut before may still be open at the server

    tell(f"  happened: {dict(world.happened.most_common())}")
    tell(f"  refused politely: {dict(world.refused.most_common())}")
    assert found == [], f"seed {SEED}:\n" + "\n".join(found[:20])
