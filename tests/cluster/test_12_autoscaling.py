"""Under load the autoscaler adds web pods, afterwards it takes them away, and no request fails."""

import time

import pytest

from cluster.load import Load
from cluster.release import eventually

VALUES = {
    "autoscaling.enabled": True,
    "autoscaling.minReplicas": 1,
    "autoscaling.maxReplicas": 3,
    "autoscaling.targetCPUUtilizationPercentage": 60,
    "resources.requests.cpu": "250m",  # of which that is a part
    # Quicker than anybody would want it, for a test that somebody waits for.
    "autoscaling.behavior": {
        "scaleUp": {"stabilizationWindowSeconds": 0},
        "scaleDown": {
            "stabilizationWindowSeconds": 10,
            "policies": [{"type": "Pods", "value": 2, "periodSeconds": 15}],
        },
    },
}


@pytest.fixture(scope="module")
def scaled(shop, extras):
    shop.upgrade(VALUES)
    return shop


def replicas(shop) -> int:
    return shop.get("deployment", "shop-djangohelm-web")["status"].get("readyReplicas", 0)


def test_it_scales_out_and_back_in_without_losing_a_request(scaled, measured):
    (slug,) = scaled.make_sessions(20)
    eventually(lambda: replicas(scaled) == 1, seconds=120)
    with Load(scaled.door(), [f"/sessions/{slug}/", "/", "/version"], 40) as load:
        began = time.monotonic()
        eventually(lambda: replicas(scaled) >= 2, seconds=180)
        measured(f"a second pod was ready after {time.monotonic() - began:.0f} s of load")
        time.sleep(5)
    measured(f"scaling out: {load}")
    assert not load.failures
    began = time.monotonic()
    with Load(scaled.door(), ["/version"], 5, threads=4) as quiet:
        eventually(lambda: replicas(scaled) == 1, seconds=240, pause=2)
        time.sleep(5)
    measured(f"back to one pod after {time.monotonic() - began:.0f} s: {quiet}")
    assert not quiet.failures
