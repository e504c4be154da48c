"""A release that runs, and the pods that help it for a while."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPILED = Path(os.environ.get("CLUSTER_HOME", "/var/cache/cluster"), "bin")
CLIENT_VARIABLES = {
    "DATABASE_HOSTNAME": "PGHOST",
    "DATABASE_PORT": "PGPORT",
    "DATABASE_NAME": "PGDATABASE",
    "DATABASE_USER": "PGUSER",
    "DATABASE_PASSWORD": "PGPASSWORD",
}
# Written by the chart: where the database itself answers, when the shop speaks to a pool of connections before it.
DIRECT_DATABASE = "djangohelm/direct-database"
PSQL = "psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1"


class Problem(Exception):
    """Why something could not be done, and what would help."""


def find_program(name: str, address: str) -> str:
    """Where a program is. Raises ``Problem`` when it is not on this machine."""
    if found := shutil.which(name) or shutil.which(str(COMPILED / name)):
        return found
    raise Problem(f"{name} is not installed. See {address}")


class Pod:
    """A pod in which commands run. They raise ``Problem`` with what they said when they fail."""

    def __init__(self, release: "Release", name: str) -> None:
        self.release, self.name = release, name

    def command(self, *arguments: str, reads: bool = False) -> list[str]:
        """What runs a command in the pod, which reads our input or none."""
        # Only when there is some: a connection that ends with unread input may lose the last of the output.
        given = ["--stdin"] if reads else []
        return self.release.command("exec", *given, self.name, "--", *arguments)

    def run(self, *arguments: str, **options) -> bytes:
        """Run a command to its end; gives what it wrote, unless that goes to a file."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        done = subprocess.run(self.command(*arguments), check=False, **options)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise Problem(f"{arguments[0]} in the pod {self.name}: {said}")
        return done.stdout

    def shell(self, script: str, **options) -> bytes:
        return self.run("sh", "-c", script, **options)

    def ask(self, statements: str) -> list[str]:
        """What the database answers, row by row."""
        return self.shell(f"{PSQL} <<'SQL'\n{statements}\nSQL\n").decode().splitlines()

    @contextlib.contextmanager
    def reading(self, *arguments: str) -> Iterator:
        """What a command writes, while it writes it."""
        with subprocess.Popen(self.command(*arguments), stdout=subprocess.PIPE) as process:
            yield process.stdout
        if process.returncode:
            raise Problem(f"“{' '.join(arguments)}” failed in the pod {self.name}.")

    def send(self, content, *arguments: str) -> None:
        """Let a command read the content."""
        command = self.command(*arguments, reads=True)
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        with contextlib.suppress(BrokenPipeError), process.stdin:  # a command that ends early says why
            shutil.copyfileobj(content, process.stdin)
        if process.wait():
            raise Problem(f"“{' '.join(arguments)}” failed in the pod {self.name}.")


class Release:
    """A release that runs, found by its name."""

    def __init__(self, name: str, namespace: str) -> None:
        self.name, self.namespace = name, namespace
        self._kubectl = find_program("kubectl", "https://kubernetes.io/docs/tasks/tools/")
        self.web = self._deployment("web")

    def _labels(self, *more: str) -> str:
        return ",".join((f"app.kubernetes.io/instance={self.name}", *more))

    def _deployment(self, component: str) -> dict:
        selector = self._labels(f"app.kubernetes.io/component={component}")
        found = self.get("deployments", "--selector", selector)["items"]
        if not found and component == "web":
            raise Problem(
                f"There is no release {self.name} in the namespace {self.namespace} (RELEASE=, NAMESPACE=)."
            )
        return found[0] if found else {}

    def command(self, *arguments: str) -> list[str]:
        return [self._kubectl, "--namespace", self.namespace, *arguments]

    def kubectl(self, *arguments: str, **options) -> bytes:
        """Run kubectl in the release's namespace. Raises ``Problem`` with what it says when it fails."""
        done = subprocess.run(self.command(*arguments), capture_output=True, check=False, **options)
        if done.returncode:
            raise Problem(
                f"kubectl {' '.join(arguments[:3])}: {done.stderr.decode(errors='replace').strip()}"
            )
        return done.stdout

    def get(self, *arguments: str) -> dict:
        return json.loads(self.kubectl("get", *arguments, "--output", "json"))

    @property
    def template(self) -> dict:
        """The pods of the shop, as the release asks for them."""
        return json.loads(json.dumps(self.web["spec"]["template"]))

    @property
    def container(self) -> dict:
        return next(each for each in self.template["spec"]["containers"] if each["name"] == "web")

    @property
    def version(self) -> str:
        return self.web["metadata"]["labels"]["app.kubernetes.io/version"]

    def superuser(self) -> None:
        """Create a staff account in a pod of the shop; the terminal is handed on."""
        is_watched = ["--stdin", "--tty"] if sys.stdin.isatty() else ["--stdin"]
        command = self.command(
            "exec", *is_watched, self.web_pod.name, "--", "python", "manage.py", "createsuperuser"
        )
        raise SystemExit(subprocess.call(command))

    @property
    def web_pod(self) -> Pod:
        """Any pod of the shop."""
        return Pod(self, f"deployment/{self.web['metadata']['name']}")

    # Its database

    def database_environment(self) -> list[dict]:
        """The shop's variables for its database, but past a pool of connections, where there is one.

        A pool hands one connection to many: pg_dump would leave its settings to visitors, migrations lose their lock.
        """
        host, _, port = self.web["metadata"].get("annotations", {}).get(DIRECT_DATABASE, "").rpartition(":")
        direct = {"DATABASE_HOSTNAME": host, "DATABASE_PORT": port} if host else {}
        return [
            {"name": each["name"], "value": direct[each["name"]]} if each["name"] in direct else each
            for each in self.container["env"]
        ]

    @property
    def database(self) -> str:
        """Which database it is, for people."""
        told = {each["name"]: each.get("value") for each in self.database_environment()}
        return f"the database {told['DATABASE_NAME']} on {told['DATABASE_HOSTNAME']}:{told['DATABASE_PORT']}"

    def database_image(self) -> str:
        """An image with PostgreSQL's programs of the server's version, as far as the release tells."""
        if named := os.environ.get("POSTGRES_IMAGE"):
            return named
        for cron in self.get("cronjobs", "--selector", self._labels("app.kubernetes.io/component=backup"))[
            "items"
        ]:
            return cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["initContainers"][0]["image"]
        for server in self.get(
            "statefulsets", "--selector", self._labels("app.kubernetes.io/component=primary")
        )["items"]:
            return server["spec"]["template"]["spec"]["containers"][0]["image"]
        usual = yaml.safe_load((ROOT / "djangohelm" / "values.yaml").read_text())["backup"]["image"]
        return f"{usual['registry']}/{usual['repository']}:{usual['tag']}"

    # Helping pods

    def _helper(self, purpose: str, container: dict) -> dict:
        """A pod beside those of the shop: same account, same node where uploads tie it to one, same safety."""
        template = self.template
        labels = template["metadata"]["labels"] | {"app.kubernetes.io/component": "backup"}
        kept = (
            "serviceAccountName",
            "imagePullSecrets",
            "securityContext",
            "affinity",
            "nodeSelector",
            "tolerations",
        )
        spec = {name: template["spec"][name] for name in kept if name in template["spec"]}
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{self.name}-{purpose}-{secrets.token_hex(3)}", "labels": labels},
            "spec": spec
            | {
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": 0,
                "activeDeadlineSeconds": 6 * 3600,  # should this program be killed, its pod goes as well
                "containers": [{"securityContext": self.container["securityContext"]} | container],
                "volumes": [*template["spec"]["volumes"], {"name": "work", "emptyDir": {}}],
            },
        }

    @contextlib.contextmanager
    def running(self, pod: dict, condition: str) -> Iterator[Pod]:
        """Let a pod run until the block ends; begins once it has reached the condition."""
        name = pod["metadata"]["name"]
        self.kubectl("create", "--filename", "-", input=json.dumps(pod).encode())
        try:
            self.kubectl("wait", f"pod/{name}", f"--for={condition}", "--timeout=600s")
            yield Pod(self, name)
        except Problem as problem:
            said = self.kubectl("logs", name, "--tail=20").decode(errors="replace")
            raise Problem(f"{problem}\n{said}") from problem
        finally:
            self.kubectl("delete", "pod", name, "--wait=false")

    def database_client(self) -> contextlib.AbstractContextManager[Pod]:
        """A pod with PostgreSQL's programs, which reaches the shop's database and its uploads."""
        environment = [
            each | {"name": CLIENT_VARIABLES.get(each["name"], each["name"])}
            for each in self.database_environment()
            if each["name"] in CLIENT_VARIABLES or each["name"].startswith("PGSSL")
        ]
        mounts = [
            each for each in self.container["volumeMounts"] if each["name"] in ("tmp", "media", "database-ca")
        ]
        container = {
            "name": "client",
            "image": self.database_image(),
            "command": ["sleep", "infinity"],
            "env": environment,
            "volumeMounts": [*mounts, {"name": "work", "mountPath": "/work"}],
        }
        return self.running(self._helper("client", container), "condition=Ready")

    def has_media(self) -> bool:
        """Whether uploads are on a volume, not in a bucket."""
        return any(each["name"] == "media" for each in self.container["volumeMounts"])

    def _application(self, **more) -> dict:
        """A container like the shop's own."""
        kept = ("image", "imagePullPolicy", "envFrom", "volumeMounts")
        own = {name: self.container[name] for name in kept if name in self.container}
        return own | {"env": self.database_environment()} | more

    def application(self) -> contextlib.AbstractContextManager[Pod]:
        """A pod for the commands of manage.py, which is there also while the shop is closed."""
        container = self._application(name="application", command=["sleep", "infinity"])
        return self.running(self._helper("application", container), "condition=Ready")

    def migrate(self) -> None:
        """Bring a restored database in step with the version that runs."""
        container = self._application(name="migrate", args=["migrate"])
        with self.running(self._helper("migrate", container), "jsonpath={.status.phase}=Succeeded"):
            pass

    # Closing

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        """Nobody reads or writes within the block: web pods and worker are away, and nightly jobs do not begin.

        Whatever happens, all of it is set going again.
        """
        deployments = [each for each in (self.web, self._deployment("worker")) if each]
        with contextlib.ExitStack() as reopening:
            for cron in self.get("cronjobs", "--selector", self._labels())["items"]:
                reopening.callback(self._suspend, cron, cron["spec"].get("suspend", False))
                self._suspend(cron, True)
            for deployment in deployments:
                reopening.callback(self._scale, deployment, deployment["spec"]["replicas"])
                self._scale(deployment, 0)
            selector = self._labels("app.kubernetes.io/component in (web,worker)")
            self.kubectl("wait", "pods", "--selector", selector, "--for=delete", "--timeout=300s")
            yield
        for deployment in deployments:
            name = f"deployment/{deployment['metadata']['name']}"
            self.kubectl("rollout", "status", name, "--timeout=900s")

    def _scale(self, deployment: dict, replicas: int) -> None:
        self.kubectl("scale", f"deployment/{deployment['metadata']['name']}", f"--replicas={replicas}")

    def _suspend(self, cron: dict, is_suspended: bool) -> None:
        change = json.dumps({"spec": {"suspend": is_suspended}})
        self.kubectl("patch", f"cronjob/{cron['metadata']['name']}", "--patch", change)
