"""An upgrade that cannot work: the pods that are there serve on, and `--atomic` returns to them."""

import json

import pytest

from cluster import images, turns
from cluster.load import Load
from cluster.release import names
from cluster.visitor import Visitor

BROKEN_MIGRATION = "migrations.RunSQL('SELECT this_is_no_function()')"


@pytest.fixture(scope="module")
def path(shop):
    (slug,) = shop.make_sessions(5)
    return f"/sessions/{slug}/"


def fails(shop, path, measured, what, *, image, timeout, **changes):
    pods, version = names(shop.pods("web")), Visitor(shop.door()).get("/version").text
    with turns.quiet(), Load(shop.door(), [path, "/readyz"], 20) as load:
        done = shop.upgrade(
            {"image": images.split(image)} | changes, "--atomic", timeout=timeout, check=False
        )
    measured(f"{what}: given up and back after {load.seconds:.0f} s; meanwhile {load}")
    assert done.returncode
    assert not load.failures
    assert names(shop.pods("web")) == pods
    assert Visitor(shop.door()).get("/version").text == version
    latest = json.loads(shop.helm("history", shop.name, "--output", "json").stdout)[-1]
    assert (latest["status"], latest["description"].split()[0]) == ("deployed", "Rollback")


def test_a_migration_that_fails(shop, path, measured):
    broken = images.later("1.2.0", migration=BROKEN_MIGRATION)

    fails(
        *(shop, path, measured, "a failing migration"),
        **{"image": broken, "timeout": "60s", "migrations.backoffLimit": 0},
    )


def test_an_image_that_does_not_start(shop, path, measured):
    broken = images.later("1.3.0", command="/bin/false")

    fails(*(shop, path, measured, "an image that does not start"), image=broken, timeout="40s")


def test_afterwards_an_upgrade_works_as_ever(shop):
    shop.upgrade({"podAnnotations": {"rehearsed": "yes"}})

    assert all(pod["metadata"]["annotations"]["rehearsed"] == "yes" for pod in shop.pods("web"))
