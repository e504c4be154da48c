"""Uninstalled and installed again, the shop has its secrets, its data and its pictures."""

import time

from cluster.release import eventually, names
from cluster.visitor import Visitor

FACTS = """
import json
from accounts.models import User
from shop.models import Order
print(json.dumps([Order.objects.count(), User.objects.count(), sorted(Order.objects.values_list("code", "status"))]))
"""


def test_a_release_that_went_comes_back_as_it_was(shop, measured):
    (slug,) = shop.make_sessions(5)
    ana = Visitor(shop.door())
    booking = ana.book(slug, "ana.returns@example.org")
    facts, secrets = shop.python(FACTS), shop.secrets()
    uploads = shop.execute("web", "sh", "-c", "find /srv/media -type f | sort")
    shop.helm("uninstall", shop.name, "--wait")
    # Helm leaves the pod of `helm test`; whatever else there was goes.
    eventually(lambda: names(shop.pods()) <= {"shop-djangohelm-test"})
    assert shop.secrets() == secrets
    began = time.monotonic()

    shop.helm(
        *("install", shop.name, shop.chart, "--wait", "--wait-for-jobs", "--timeout", "8m"),
        values=shop.values,
    )

    measured(f"installed again in {time.monotonic() - began:.0f} s")
    assert shop.secrets() == secrets
    assert shop.python(FACTS) == facts
    assert shop.execute("web", "sh", "-c", "find /srv/media -type f | sort") == uploads
    # The key that signs is the same: the link that Ana got leads to her order.
    ana.door = shop.door()
    assert "Your booking is confirmed" in ana.get(booking.url).text
    shop.assert_all_adds_up()
