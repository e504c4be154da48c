"""Every way of installing in ci/ renders, is valid for Kubernetes, and runs with as few rights as possible."""

import kubernetes_validate
import pytest

from chart.rendering import EXAMPLES, HELMS, NEWEST, OLDEST, containers, pod_specs, render

FOREIGN = {"HTTPRoute", "ServiceMonitor", "PrometheusRule", "Cluster"}  # no schemas of Kubernetes' own
WITH_PROMETHEUS = ("--api-versions", "monitoring.coreos.com/v1")
NAME = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name.removesuffix("-values.yaml"))


def rendered(example, **options):
    return render(example=example, arguments=WITH_PROMETHEUS, **options)


def test_there_is_an_example_for_each_way_of_installing():
    assert {path.name.removesuffix("-values.yaml") for path in EXAMPLES} == {
        *("minikube", "production", "ingress-tls", "gateway-api"),
        *("s3", "replication", "cnpg", "hardened", "drill"),
    }


@NAME
@pytest.mark.parametrize("kubernetes", [OLDEST, NEWEST])
def test_an_example_is_valid(example, kubernetes):
    for each in rendered(example, kubernetes=kubernetes):
        if each["kind"] not in FOREIGN:
            kubernetes_validate.validate(each, kubernetes, strict=True)


@NAME
@pytest.mark.skipif(len(HELMS) < 2, reason="only one Helm is here to compare with")
def test_helm_3_and_helm_4_render_the_same(example):
    def stable(objects):
        """Without what is made up anew each time."""
        return sorted((each for each in objects if each["kind"] != "Secret"), key=str)

    assert stable(rendered(example, helm="helm")) == stable(rendered(example, helm="helm4"))


@NAME
def test_every_pod_fits_pod_security_restricted(example):
    for name, spec in pod_specs(rendered(example)):
        pod = spec.get("securityContext", {})
        assert spec.get("automountServiceAccountToken") is False, name
        assert not any(spec.get(each) for each in ("hostNetwork", "hostPID", "hostIPC")), name
        for container in containers(spec):
            effective = pod | container["securityContext"]
            assert effective["runAsNonRoot"] is True, name
            assert effective["runAsUser"] > 0, name
            assert effective["seccompProfile"]["type"] == "RuntimeDefault", name
            assert effective["allowPrivilegeEscalation"] is False, name
            assert effective["capabilities"] == {"drop": ["ALL"]}, name
            assert effective["readOnlyRootFilesystem"] is True, name
        for volume in spec.get("volumes", []):
            kind = set(volume) - {"name"}
            assert kind <= {"emptyDir", "secret", "configMap", "persistentVolumeClaim", "projected"}, name


@NAME
def test_every_container_of_ours_says_what_it_needs(example):
    for name, spec in pod_specs(rendered(example)):
        if name.startswith("StatefulSet"):
            continue  # the database's chart is another's
        for container in containers(spec):
            asked = container["resources"]
            assert {"cpu", "memory"} <= set(asked["requests"]), name
            # A throttled web server fails its probes: no limit on processors.
            assert "memory" in asked["limits"], name
            assert "cpu" not in asked["limits"], name


@NAME
def test_no_image_is_left_to_chance(example):
    for name, spec in pod_specs(rendered(example)):
        for container in containers(spec):
            image = container["image"]
            assert not image.endswith(":latest"), name
            assert ":" in image.rpartition("/")[2] or "@sha256:" in image, name


@NAME
def test_objects_of_one_release_do_not_meet_those_of_another(example):
    ours = rendered(example, release="first")
    others = rendered(example, release="second")

    def names(objects):
        return {(each["kind"], each["metadata"]["name"]) for each in objects}

    assert not names(ours) & names(others)
    assert all(each["metadata"].get("namespace", "studio") == "studio" for each in ours)


@pytest.mark.parametrize("release", ["a", "djangohelm", "my-postgresql", "x" * 49])
def test_names_stay_within_what_kubernetes_takes(release):
    longest = {"CronJob": 52, "Service": 63, "StatefulSet": 63, "Job": 63, "Deployment": 63, "Pod": 63}

    objects = render({"backup.enabled": True}, release=release)

    for each in objects:
        name = each["metadata"]["name"]
        assert len(name) <= longest.get(each["kind"], 253), name
        for value in each["metadata"].get("labels", {}).values():
            assert len(value) <= 63, value
    ours = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(ours) == len(set(ours))


@NAME
def test_web_worker_and_database_never_answer_for_each_other(example):
    """A Service that also chose the worker's pods would send visitors to nowhere."""
    objects = rendered(example)
    pods = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"]
        for each in objects
        if each["kind"] in ("Deployment", "StatefulSet", "Job")
    }
    for service in (each for each in objects if each["kind"] == "Service"):
        selector = service["spec"]["selector"].items()
        chosen = [name for name, labels in pods.items() if selector <= labels.items()]
        assert len(chosen) == 1, (service["metadata"]["name"], chosen)
