"""A fresh installation with the bundled database serves, passes `helm test`, and sells a place that is paid by card."""

import time

import yaml

from cluster.machine import program, run
from cluster.release import eventually
from cluster.visitor import Visitor


def test_it_installs_where_pods_are_restricted(releases, measured, request):
    began = time.monotonic()

    shop = request.getfixturevalue("shop")

    measured(f"installed in {time.monotonic() - began:.0f} s, the building of its image included")
    (migration,) = shop.get("jobs")["items"]
    assert migration["status"]["succeeded"] == 1
    assert len(shop.pods("web")) == len(shop.pods("worker")) == 1


def test_its_chart_came_from_the_repository(shop):
    """`make charts` fetched the dependency from a registry, `make dist` packaged both, `helm repo add` found them."""
    told = yaml.safe_load(run(program("helm"), "show", "chart", shop.chart).stdout)

    assert told["name"] == "djangohelm"
    assert shop.helm("list", "--output", "json").stdout.count(f"djangohelm-{told['version']}") == 1
    assert shop.get("statefulset", "shop-postgresql"), "the dependency was in the package"


def test_helm_test_is_content(shop):
    said = shop.helm("test", shop.name, "--logs").stdout

    for path in ("/readyz 200", "/version 200", "/ 200", "/sessions/ 200"):
        assert path in said


def test_somebody_books_and_pays(shop, measured):
    (slug,) = shop.make_sessions(5)
    ana = Visitor(shop.door())
    began = time.monotonic()

    booking = ana.book(slug, "ana@example.org", places=2)

    measured(f"a booking, from the session's page to the paid order: {time.monotonic() - began:.1f} s")
    assert booking.is_confirmed
    row = shop.python(
        "import json; from shop.models import Order, Session; "
        f"o = Order.objects.get(code={booking.code!r}); "
        f"print(json.dumps([o.status, str(o.total), Session.objects.get(slug={slug!r}).seats_taken]))"
    )
    assert row == ["paid", "170.00", 2]
    shop.assert_all_adds_up()


def test_the_worker_sends_the_confirmation(shop, measured):
    began = time.monotonic()

    mail = eventually(lambda: [line for line in shop.mails() if "ana@example.org" in line], seconds=90)

    measured(f"{mail[0]!r} after {time.monotonic() - began:.0f} s more")
