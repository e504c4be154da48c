"""With an external database and existing Secrets: the chart makes no Secret, and may migrate before anything else."""

import json
import time

import pytest

from chart.rendering import HELMS
from cluster import images
from cluster.release import WEBHOOK_SECRET
from cluster.visitor import Visitor

PASSWORD = "p@ss/with#odd%signs"
SECRETS = {
    "database": {"pw": PASSWORD},
    "settings": {
        "DJANGOAPP_FERNET_KEY": "a key of the operator's own, long enough",
        "DJANGOAPP_STRIPE_TEST_SECRET_KEY": "rk_test_rehearsalRehearsalRehearsal",
        "DJANGOAPP_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
    },
}
VALUES = {
    "postgresql.enabled": False,
    "externalDatabase.host": "elsewhere",
    "externalDatabase.port": 6432,
    "externalDatabase.database": "books",
    "externalDatabase.username": "keeper",
    "externalDatabase.existingSecret": "database",
    "externalDatabase.passwordKey": "pw",
    "secrets.existingSecret": "settings",
    "migrations.mode": "hook",
}


def server() -> dict:
    """A PostgreSQL that is none of the release's business."""
    labels = {"app": "elsewhere"}
    container = {
        "name": "postgres",
        "image": images.postgres(),
        "args": ["postgres", "-c", "port=6432"],
        "env": [
            {"name": "POSTGRES_USER", "value": "keeper"},
            {"name": "POSTGRES_DB", "value": "books"},
            {"name": "POSTGRES_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "database", "key": "pw"}}},
            {"name": "PGDATA", "value": "/data/books"},
        ],
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "run", "mountPath": "/var/run/postgresql"},
        ],
        "readinessProbe": {"tcpSocket": {"port": 6432}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    spec = {
        "containers": [container],
        "volumes": [{"name": "data", "emptyDir": {}}, {"name": "run", "emptyDir": {}}],
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 999,
            "runAsGroup": 999,
            "fsGroup": 999,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "elsewhere"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "elsewhere"},
        "spec": {"selector": labels, "ports": [{"port": 6432}]},
    }
    return {"apiVersion": "v1", "kind": "List", "items": [deployment, service]}


@pytest.fixture(scope="module")
def external(releases, measured):
    helm = HELMS[-1]  # the newest that is here
    release = releases("shop-external", VALUES, helm=helm)
    for key in ("testSecretKey", "webhookSecret"):
        release.values["stripe"].pop(key)
    release.prepare()
    for name, data in SECRETS.items():
        literals = [f"--from-literal={key}={value}" for key, value in data.items()]
        release.kubectl("create", "secret", "generic", name, *literals)
    release.kubectl("apply", "--filename", "-", stdin=json.dumps(server()))
    release.kubectl("rollout", "status", "deployment/elsewhere", "--timeout=120s")
    began = time.monotonic()
    release.helm("install", release.name, release.chart, "--wait", "--timeout", "8m", values=release.values)
    measured(
        f"{helm} installed in {time.monotonic() - began:.0f} s, the migration before everything else included"
    )
    yield release
    release.forget()


def test_the_release_makes_no_secret(external):
    assert set(external.secrets()) == set(SECRETS)


def test_somebody_books_and_pays(external):
    (slug,) = external.make_sessions(5)

    booking = Visitor(external.door()).book(slug, "ana@example.org")

    assert booking.is_confirmed
    external.assert_all_adds_up()


def test_an_upgrade_migrates_first_and_restarts_nothing_else(external):
    before = external.get("jobs")["items"][0]["metadata"]["uid"]
    pods = {pod["metadata"]["uid"] for pod in external.pods("web")}

    external.helm(
        "upgrade", external.name, external.chart, "--wait", "--timeout", "8m", values=external.values
    )

    (migration,) = external.get("jobs")["items"]
    assert migration["metadata"]["uid"] != before
    assert migration["status"]["succeeded"] == 1
    assert {pod["metadata"]["uid"] for pod in external.pods("web")} == pods


def test_a_new_key_reaches_the_pods_when_they_are_told(external):
    pods = {pod["metadata"]["uid"] for pod in external.pods("web")}

    external.values["rolloutToken"] = "1"
    external.helm(
        "upgrade", external.name, external.chart, "--wait", "--timeout", "8m", values=external.values
    )
    external.rollout("web", "worker")

    assert not {pod["metadata"]["uid"] for pod in external.pods("web")} & pods
