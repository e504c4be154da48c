"""A release of the chart in a namespace of its own, with its neighbours."""

import base64
import json
import time
from collections.abc import Iterable
from pathlib import Path

from chart.rendering import chart_with_stub, merged, nested
from cluster import images
from cluster.machine import machine, program, run
from cluster.shell import Shell
from cluster.visitor import HOST, Door

LITTLE = "40m"
ASKING = (
    "resources",
    "worker.resources",
    "migrations.resources",
    "nightly.resources",
    "backup.resources",
    "postgresql.primary.resources",
)
WEBHOOK_SECRET = "whsec_of_the_rehearsal"
NEIGHBOURS_URL = "http://pay.test"
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"

# Creates sessions to book; each has its own price, capacity and start. Prints their addresses' ends.
CATALOGUE = """
import json
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from shop.models import Category, Project, Session, TaxRule

capacities = {capacities!r}
category, _ = Category.objects.get_or_create(name="Wood", slug="wood")
tax_rule, _ = TaxRule.objects.get_or_create(name="VAT", defaults={{"rate": Decimal("8.1")}})
project, _ = Project.objects.get_or_create(
    slug="grafting",
    defaults=dict(title="Grafting", summary="Two trees.", category=category, tax_rule=tax_rule, is_published=True),
)
slugs = []
for number, capacity in enumerate(capacities):
    starts_at = timezone.now() + timedelta(days=10, hours=5 * number)
    session = Session.objects.create(
        project=project, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3), place_name="Workshop",
        place_address="Baumweg 3", capacity=capacity, base_price=Decimal(85), is_published=True,
    )
    slugs.append(session.slug)
print(json.dumps(slugs))
"""

CHECKS = """
from django.core.management import call_command
call_command("check_integrity")
call_command("check_ledger")
"""


def kubectl(*arguments: object, **options) -> str:
    return run(program("kubectl"), *arguments, **options).stdout


def base_values() -> dict:
    """What every release of these tests says: today's image, the neighbours, a name that no DNS knows.

    Pods ask for little, so that those of all lanes find their place on one node.
    """
    database = images.split(images.postgres())
    return nested(
        {
            "image": images.split(images.shop()),
            "app.siteUrl": f"https://{HOST}",
            "app.trustedProxyCount": 1,
            "email.host": "neighbours",
            "email.port": 1025,
            "email.useTls": False,
            "stripe.testSecretKey": "rk_test_rehearsalRehearsalRehearsal",
            "stripe.webhookSecret": WEBHOOK_SECRET,
            "config": {
                "DJANGOAPP_STRIPE_API_URL": "http://neighbours:12112",
                "DJANGOAPP_STRIPE_CHECKOUT_URL": NEIGHBOURS_URL,
            },
            "service.type": "NodePort",
            "service.name": "shop",
            "postgresql.image": database,
            "backup.image": database,
            **{f"{part}.requests.cpu": LITTLE for part in ASKING},
        }
    )


class Release:
    """A release and what can be done with it. ``values`` are flat and lie over ``base_values``."""

    def __init__(
        self, namespace: str, values: dict | None = None, *, name: str = "shop", helm: str = "helm", chart=""
    ):
        self.namespace = namespace
        self.name = name
        self.values = merged(base_values(), nested(values or {}))
        self.chart = chart or chart_with_stub()
        self._helm = helm
        self._shell = Shell(namespace, lambda: self.pod("worker"))

    # Helm

    def helm(self, *arguments: object, values: dict | None = None, **options):
        given = ["--values", "-"] if values is not None else []
        stdin = json.dumps(values) if values is not None else None
        command = (program(self._helm), *arguments, "--namespace", self.namespace, *given)
        if arguments[0] in ("upgrade", "rollback", "uninstall"):
            self._shell.close()  # its pod may be one of those that go
        return run(*command, stdin=stdin, **options)

    def install(self, *flags: str, timeout: str = "8m") -> None:
        self.prepare()
        waits = ("--wait", "--wait-for-jobs", "--timeout", timeout)
        self.helm("install", self.name, self.chart, *waits, *flags, values=self.values)

    def upgrade(self, changes: dict | None = None, *flags: str, timeout: str = "8m", check: bool = True):
        """Upgrade with changed values; they stay for later upgrades unless the upgrade fails."""
        values = merged(self.values, nested(changes or {}))
        waits = ("--wait", "--wait-for-jobs", "--timeout", timeout)
        done = self.helm(*("upgrade", self.name, self.chart, *waits, *flags), values=values, check=check)
        if not done.returncode:
            self.values = values
            self.rollout("web", "worker")  # Helm waits for the new pods only, not until the old ones leave
        return done

    def rollback(self, *flags: str) -> None:
        """Go back to the release before, and to its values."""
        self.helm("rollback", self.name, "--wait", "--timeout", "8m", *flags)
        self.rollout("web", "worker")
        self.values = json.loads(self.helm("get", "values", self.name, "--output", "json").stdout)

    def prepare(self) -> None:
        """Make the namespace, which admits restricted pods only, and let the neighbours move in."""
        kubectl("create", "namespace", self.namespace)
        kubectl("label", "namespace", self.namespace, RESTRICTED)
        script = Path(__file__).with_name("neighbours.py")
        self.kubectl("create", "configmap", "neighbours", f"--from-file={script}")
        self.kubectl("apply", "--filename", "-", stdin=json.dumps(self._neighbours()))

    def _neighbours(self) -> dict:
        labels = {"app": "neighbours"}
        container = {
            "name": "neighbours",
            "image": images.shop(),
            "command": ["python", "/neighbours/neighbours.py", "--host", HOST, "--public", NEIGHBOURS_URL],
            "args": ["--shop", "http://shop"],
            "env": [
                {"name": "WEBHOOK_SECRET", "value": WEBHOOK_SECRET},
                {"name": "PYTHONPATH", "value": "/app"},
            ],
            "readinessProbe": {"tcpSocket": {"port": 12112}, "periodSeconds": 1},
            "resources": {"requests": {"cpu": LITTLE}},
            "volumeMounts": [{"name": "script", "mountPath": "/neighbours"}],
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
        }
        spec = {
            "containers": [container],
            "volumes": [{"name": "script", "configMap": {"name": "neighbours"}}],
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        }
        ports = [{"name": "stripe", "port": 12112}, {"name": "mail", "port": 1025}]
        return {
            "apiVersion": "v1",
            "kind": "List",
            "items": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "metadata": {"name": "neighbours"},
                    "spec": {
                        "selector": {"matchLabels": labels},
                        "template": {"metadata": {"labels": labels}, "spec": spec},
                    },
                },
                {
                    "apiVersion": "v1",
                    "kind": "Service",
                    "metadata": {"name": "neighbours"},
                    "spec": {"type": "NodePort", "selector": labels, "ports": ports},
                },
            ],
        }

    def forget(self, *, waits: bool = False) -> None:
        """Delete the namespace with everything in it."""
        self._shell.close()
        kubectl("delete", "namespace", self.namespace, "--ignore-not-found", f"--wait={str(waits).lower()}")

    # The cluster

    def kubectl(self, *arguments: object, **options) -> str:
        return kubectl("--namespace", self.namespace, *arguments, **options)

    def get(self, kind: str, *arguments: object) -> dict:
        return json.loads(self.kubectl("get", kind, *arguments, "--output", "json"))

    def pods(self, component: str = "") -> list[dict]:
        """Pods of the release that are not on their way out, or those of one component."""
        selector = f"app.kubernetes.io/instance={self.name}"
        if component:
            selector += f",app.kubernetes.io/component={component}"
        found = self.get("pods", "--selector", selector)["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def pod(self, component: str) -> str:
        """The newest pod of a component that is ready: not one that is on its way out."""

        def newest() -> str:
            found = sorted(self.pods(component), key=lambda pod: pod["metadata"]["creationTimestamp"])
            return next((pod["metadata"]["name"] for pod in reversed(found) if is_ready(pod)), "")

        return eventually(newest, seconds=180)

    def secrets(self) -> dict[str, dict[str, str]]:
        """The data of every Secret but Helm's own."""
        found = self.get("secrets", "--field-selector", "type=Opaque")["items"]
        return {each["metadata"]["name"]: each.get("data", {}) for each in found}

    def secret(self, name: str, key: str) -> str:
        return base64.b64decode(self.secrets()[name][key]).decode()

    def port(self, service: str, name: str) -> int:
        ports = self.get("service", service)["spec"]["ports"]
        return next(each["nodePort"] for each in ports if each["name"] == name)

    def door(self) -> Door:
        """The shop's NodePort, and the neighbours' for paying."""
        address = machine().address
        pay = {NEIGHBOURS_URL: (address, self.port("neighbours", "stripe"))}
        return Door((address, self.port("shop", "http")), neighbours=pay)

    def execute(self, component: str, *command: object, stdin: str | None = None, **options) -> str:
        """Run a command in a pod of a component, as the handbook does."""
        flags = ["--stdin"] if stdin is not None else []
        where = (self.pod(component), "--container", component)
        return self.kubectl("exec", *flags, *where, "--", *command, stdin=stdin, **options)

    def python(self, script: str) -> object:
        """Run a script with the shop's models in a pod; gives the JSON of its last line."""
        return json.loads(self._shell.run(script).strip().splitlines()[-1])

    def make_sessions(self, *capacities: int) -> list[str]:
        return self.python(CATALOGUE.format(capacities=list(capacities)))

    def mails(self) -> list[str]:
        """What the mail server was told, one line for each mail."""
        lines = self.kubectl("logs", "deployment/neighbours").splitlines()
        return [line for line in lines if line.startswith("mail for ")]

    def rollout(self, *components: str, timeout: str = "300s") -> None:
        for component in components:
            name = f"deployment/{self.name}-djangohelm-{component}"
            self.kubectl("rollout", "status", name, "--timeout", timeout)

    def assert_all_adds_up(self) -> None:
        """Places, orders, money and the ledger agree."""
        self._shell.run(CHECKS)


def eventually(question, *, seconds: float = 60, pause: float = 1.0):
    """Ask until the answer is true, and give it. Raises ``AssertionError`` with the last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {seconds:g} seconds; the last answer was {answer!r}"
        time.sleep(pause)
    return answer


def is_ready(pod: dict) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def names(pods: Iterable[dict]) -> set[str]:
    return {pod["metadata"]["name"] for pod in pods}


def restarts(pods: Iterable[dict]) -> dict[str, int]:
    return {
        pod["metadata"]["name"]: sum(
            each["restartCount"] for each in pod["status"].get("containerStatuses", [])
        )
        for pod in pods
    }
