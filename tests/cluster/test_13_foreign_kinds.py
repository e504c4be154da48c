"""The API server takes our HTTPRoute, ServiceMonitor and PrometheusRule, and whatever else the examples render."""

import json

import pytest

from chart.rendering import EXAMPLES, render
from cluster.release import RESTRICTED, kubectl

NAMESPACE = "shop-examples"
FOREIGN = ("HTTPRoute", "ServiceMonitor", "PrometheusRule")


@pytest.fixture(scope="module")
def known(shop, extras):
    kinds = kubectl("api-resources", "--no-headers", "--output", "name")
    for name in ("httproutes.gateway.networking.k8s.io", "servicemonitors.monitoring.coreos.com"):
        if name not in kinds:
            pytest.skip(f"this cluster does not know {name}")
    return shop


@pytest.fixture(scope="module")
def empty(known):
    """A namespace that has only what pods are asked for when they are admitted."""
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")
    kubectl("create", "namespace", NAMESPACE)
    kubectl("label", "namespace", NAMESPACE, RESTRICTED)
    kubectl("--namespace", NAMESPACE, "create", "serviceaccount", "shop-djangohelm")
    yield NAMESPACE
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name.removesuffix("-values.yaml"))
def test_every_object_of_an_example_is_accepted(empty, example, measured):
    objects = [
        each
        for each in render(example=example, arguments=("--api-versions", "monitoring.coreos.com/v1"))
        if each["kind"] != "Cluster"
    ]
    for each in objects:
        each["metadata"]["namespace"] = empty

    said = kubectl(
        *("apply", "--dry-run=server", "--filename", "-"),
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}),
    )

    accepted = said.strip().splitlines()
    foreign = [
        line.split(".")[0] for line in accepted if line.split(".")[0] in {kind.lower() for kind in FOREIGN}
    ]
    measured(f"{len(accepted)} objects accepted" + (f", among them {', '.join(foreign)}" if foreign else ""))
    assert len(accepted) == len(objects)


def test_a_release_with_all_of_them(known):
    known.upgrade(
        {
            "httpRoute.enabled": True,
            "httpRoute.parentRefs": [{"name": "public"}],
            "httpRoute.hostnames": ["shop.test"],
            "metrics.serviceMonitor.enabled": True,
            "metrics.serviceMonitor.labels": {"release": "prometheus"},
        }
    )

    assert known.get("httproute", "shop-djangohelm")["spec"]["hostnames"] == ["shop.test"]
    assert known.get("servicemonitor", "shop-djangohelm")["metadata"]["labels"]["release"] == "prometheus"
