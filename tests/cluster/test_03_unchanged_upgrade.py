"""An upgrade with unchanged values changes nothing: no pod restarts, no secret is made anew."""

import time

from cluster.release import names, restarts


def test_nothing_restarts_and_no_secret_changes(shop, measured):
    pods, secrets = shop.pods(), shop.secrets()
    jobs = names(shop.get("jobs")["items"])
    began = time.monotonic()

    shop.upgrade()

    measured(f"an upgrade with unchanged values took {time.monotonic() - began:.0f} s")
    assert shop.secrets() == secrets
    assert names(shop.pods()) - {"shop-djangohelm-test"} == names(pods) - {"shop-djangohelm-test"}
    assert restarts(shop.pods()) == restarts(pods)
    assert names(shop.get("jobs")["items"]) == jobs


def test_values_of_the_time_before_may_be_used_again(shop):
    pods, secrets = names(shop.pods("web")), shop.secrets()

    shop.helm("upgrade", shop.name, shop.chart, "--reuse-values", "--wait")

    assert names(shop.pods("web")) == pods
    assert shop.secrets() == secrets
