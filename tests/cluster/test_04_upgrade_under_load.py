"""A new image with a migration comes in, and goes again, while visitors load pages and buy: no request fails."""

import json
import time

import pytest

from cluster import images, turns
from cluster.buyers import Buyers
from cluster.load import Load
from cluster.release import names
from cluster.visitor import Visitor

PER_SECOND, WANTED = 60, 50
# Seconds during which the table is changed and new pods wait.
MIGRATION = "migrations.RunSQL('ALTER TABLE shop_session ADD COLUMN later text NULL; SELECT pg_sleep(3)')"
HAS_COLUMN = """
import json
from django.db import connection
with connection.cursor() as cursor:
    columns = connection.introspection.get_table_description(cursor, "shop_session")
print(json.dumps("later" in [column.name for column in columns]))
"""


@pytest.fixture(scope="module")
def later():
    return images.later("1.1.0", migration=MIGRATION)


@pytest.fixture(scope="module")
def paths(shop):
    (slug,) = shop.make_sessions(20)
    # Mostly what is cheap to answer: this is about losing nothing, not about speed.
    cheap = ["/version", "/robots.txt", "/readyz"]
    return [f"/sessions/{slug}/", *cheap, "/terms/", *cheap, f"/sessions/{slug}.ics", *cheap, "/", *cheap]


def version(shop) -> str:
    return json.loads(Visitor(shop.door()).get("/version").text)["version"]


def under_load(shop, paths, measured, what, act):
    (slug,) = shop.make_sessions(100)
    door = shop.door()
    with turns.alone(), Load(door, paths, PER_SECOND) as load, Buyers(door, [slug]) as buyers:
        time.sleep(3)
        began = time.monotonic()
        act()
        took = time.monotonic() - began
        time.sleep(3)
    measured(f"{what} took {took:.0f} s; meanwhile {load}; {len(buyers.bookings)} bookings paid")
    if load.rate < WANTED:
        measured(f"this machine is too slow or too busy for {WANTED} requests a second")
    assert not load.failures
    assert not buyers.failures
    assert buyers.bookings
    shop.assert_all_adds_up()


def test_a_new_version_with_a_migration_loses_no_request(shop, later, paths, measured):
    shop.upgrade({"replicaCount": 2})
    before = names(shop.pods("web"))

    under_load(shop, paths, measured, "the upgrade", lambda: shop.upgrade({"image": images.split(later)}))

    assert version(shop) == "1.1.0"
    assert shop.python(HAS_COLUMN)
    assert not names(shop.pods("web")) & before


def test_going_back_with_the_database_ahead_loses_none_either(shop, paths, measured):
    under_load(shop, paths, measured, "the rollback", lambda: shop.rollback())

    assert version(shop) != "1.1.0"
    assert shop.python(HAS_COLUMN), "nothing is migrated backwards"
