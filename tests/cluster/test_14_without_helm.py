"""People without Helm: `make templates` writes plain YAML that `kubectl apply` takes, also for the second time."""

import json
import shutil
import time

import pytest
import yaml

from chart.rendering import merged, nested
from cluster import images, repository
from cluster.release import RESTRICTED, kubectl
from cluster.visitor import Door, Visitor

NAMESPACE = "shop-plain"


@pytest.fixture(scope="module")
def folder(releases, tmp_path_factory):
    """The minikube example, with this cluster's images."""
    scratch = tmp_path_factory.mktemp("plain")
    chart = shutil.copytree(repository.chart_with_dependency(), scratch / "djangohelm")
    example = chart / "ci" / "minikube-values.yaml"
    changes = {"image": images.split(images.shop()), "postgresql.image": images.split(images.postgres())}
    changes |= {"service.type": "NodePort"}
    example.write_text(yaml.safe_dump(merged(yaml.safe_load(example.read_text()), nested(changes))))

    def write():
        repository.chart_tool("templates", "--chart", chart, "--to", scratch, "--namespace", NAMESPACE)
        return scratch / "minikube"

    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")
    kubectl("create", "namespace", NAMESPACE)
    kubectl("label", "namespace", NAMESPACE, RESTRICTED)
    yield write
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def apply(place) -> list[str]:
    return kubectl("--namespace", NAMESPACE, "apply", "--recursive", "--filename", place).splitlines()


def test_plain_files_install_the_shop(folder, measured):
    began = time.monotonic()

    apply(folder())

    for component in ("web", "worker"):
        name = f"deployment/shop-djangohelm-{component}"
        kubectl("--namespace", NAMESPACE, "rollout", "status", name, "--timeout", "300s")
    measured(f"installed without Helm in {time.monotonic() - began:.0f} s")
    service = json.loads(
        kubectl("--namespace", NAMESPACE, "get", "service", "shop-djangohelm", "--output", "json")
    )
    port = service["spec"]["ports"][0]["nodePort"]
    shop = Visitor(Door(("127.0.0.1", port), site="http://127.0.0.1:8081"))
    assert shop.get("/sessions/").status == 200


def test_written_and_applied_again_they_restart_nothing(folder):
    before = running()

    said = apply(folder())

    assert running() == before
    assert not [line for line in said if line.startswith("secret/") and not line.endswith("unchanged")]


def running() -> set[str]:
    pods = json.loads(kubectl("--namespace", NAMESPACE, "get", "pods", "--output", "json"))["items"]
    return {pod["metadata"]["uid"] for pod in pods}
