"""Look after a release on Kubernetes: its first staff account, its backups.

Run by ``make``, which hands on RELEASE and NAMESPACE::

    tools/release.py superuser          # create somebody who may do everything; asks for address and password
    tools/release.py backup FILE        # database and uploads into one archive on this machine
    tools/release.py restore FILE       # the archive takes the place of what the release has; asks first

Archives are those of `manage.py keep_backup`: ``manifest.json``, ``database.dump`` in PostgreSQL's custom format,
``media/``. Everything is found out from the running release; only kubectl is needed here.
"""

import argparse
import contextlib
import io
import json
import os
import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPILED = Path(os.environ.get("CLUSTER_HOME", "/var/cache/cluster"), "bin")
CLIENT_VARIABLES = {
    "DATABASE_HOSTNAME": "PGHOST",
    "DATABASE_PORT": "PGPORT",
    "DATABASE_NAME": "PGDATABASE",
    "DATABASE_USER": "PGUSER",
    "DATABASE_PASSWORD": "PGPASSWORD",
}
MEDIA = "/srv/media"
COUNT = """
SELECT (SELECT count(*) FROM shop_order) || ' orders and ' || (SELECT count(*) FROM accounts_user) || ' accounts'
"""
# Reads the dump as a whole before anything is touched.
PREPARE = "pg_restore --no-owner --no-privileges --file=/work/restore.sql /work/database.dump"
# In one transaction: whatever the shop and its libraries have made goes, what the dump has comes.
REPLACE = """
set -eu
cat > /work/empty.sql <<'SQL'
SET client_min_messages = warning;
DO $$ DECLARE found text; BEGIN
  FOR found IN SELECT format('TABLE %I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'
    UNION ALL SELECT format('SEQUENCE %I.%I', schemaname, sequencename) FROM pg_sequences WHERE schemaname = 'public'
    UNION ALL SELECT format('ROUTINE %s', routine.oid::regprocedure) FROM pg_proc routine
      WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = routine.oid AND deptype = 'e')
  LOOP
    EXECUTE 'DROP ' || regexp_replace(found, ' ', ' IF EXISTS ') || ' CASCADE';
  END LOOP;
END $$;
SQL
psql --quiet --no-psqlrc --single-transaction --set=ON_ERROR_STOP=1 --output=/dev/null \
  --file=/work/empty.sql --file=/work/restore.sql
"""


class Problem(Exception):
    """Why something could not be done, and what would help."""


class Release:
    """A release that runs, found by its name."""

    def __init__(self, name: str, namespace: str) -> None:
        self.name, self.namespace = name, namespace
        self._kubectl = shutil.which("kubectl") or shutil.which(str(COMPILED / "kubectl"))
        if not self._kubectl:
            raise Problem("kubectl is not installed. See https://kubernetes.io/docs/tasks/tools/")
        self.web = self._deployment("web")

    def _deployment(self, component: str) -> dict:
        selector = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/component={component}"
        found = self.get("deployments", "--selector", selector)["items"]
        if not found and component == "web":
            raise Problem(
                f"There is no release {self.name} in the namespace {self.namespace} (RELEASE=, NAMESPACE=)."
            )
        return found[0] if found else {}

    def command(self, *arguments: str) -> list[str]:
        return [self._kubectl, "--namespace", self.namespace, *arguments]

    def kubectl(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        """Run kubectl in the release's namespace. Raises ``Problem`` with what it says when it fails."""
        done = subprocess.run(self.command(*arguments), stderr=subprocess.PIPE, check=False, **options)
        if done.returncode:
            raise Problem(
                f"kubectl {' '.join(arguments[:3])}: {done.stderr.decode(errors='replace').strip()}"
            )
        return done

    def get(self, *arguments: str) -> dict:
        return json.loads(self.kubectl("get", *arguments, "--output", "json", stdout=subprocess.PIPE).stdout)

    @property
    def template(self) -> dict:
        """The pods of the shop, as the release asks for them."""
        return json.loads(json.dumps(self.web["spec"]["template"]))

    @property
    def container(self) -> dict:
        return next(each for each in self.template["spec"]["containers"] if each["name"] == "web")

    def superuser(self) -> None:
        """Create a staff account in a pod of the shop; the terminal is handed on."""
        is_watched = ["--stdin", "--tty"] if sys.stdin.isatty() else ["--stdin"]
        name = f"deployment/{self.web['metadata']['name']}"
        command = self.command("exec", *is_watched, name, "--", "python", "manage.py", "createsuperuser")
        raise SystemExit(subprocess.call(command))

    # Helping pods

    def database_image(self) -> str:
        """An image with PostgreSQL's programs of the server's version, as far as the release tells."""
        if named := os.environ.get("POSTGRES_IMAGE"):
            return named
        selector = f"app.kubernetes.io/instance={self.name}"
        for cron in self.get("cronjobs", "--selector", f"{selector},app.kubernetes.io/component=backup")[
            "items"
        ]:
            return cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["initContainers"][0]["image"]
        for server in self.get(
            "statefulsets", "--selector", f"{selector},app.kubernetes.io/component=primary"
        )["items"]:
            return server["spec"]["template"]["spec"]["containers"][0]["image"]
        usual = yaml.safe_load((ROOT / "djangohelm" / "values.yaml").read_text())["backup"]["image"]
        return f"{usual['registry']}/{usual['repository']}:{usual['tag']}"

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
        own = next(each for each in template["spec"]["containers"] if each["name"] == "web")
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
                "containers": [{"securityContext": own["securityContext"]} | container],
                "volumes": [*template["spec"]["volumes"], {"name": "work", "emptyDir": {}}],
            },
        }

    @contextlib.contextmanager
    def running(self, pod: dict, condition: str) -> Iterator[str]:
        """Let a pod run until the block ends; begins once it has reached the condition."""
        name = pod["metadata"]["name"]
        self.kubectl("create", "--filename", "-", input=json.dumps(pod).encode(), stdout=subprocess.DEVNULL)
        try:
            self.kubectl(
                "wait", f"pod/{name}", f"--for={condition}", "--timeout=600s", stdout=subprocess.DEVNULL
            )
            yield name
        except Problem as problem:
            done = self.kubectl("logs", name, "--tail=20", stdout=subprocess.PIPE)
            raise Problem(f"{problem}\n{done.stdout.decode(errors='replace')}") from problem
        finally:
            self.kubectl("delete", "pod", name, "--wait=false", stdout=subprocess.DEVNULL)

    def database_client(self) -> contextlib.AbstractContextManager[str]:
        """A pod with PostgreSQL's programs, which reaches the shop's database and its uploads."""
        own = self.container
        environment = [
            each | {"name": CLIENT_VARIABLES.get(each["name"], each["name"])}
            for each in own["env"]
            if each["name"] in CLIENT_VARIABLES or each["name"].startswith("PGSSL")
        ]
        mounts = [each for each in own["volumeMounts"] if each["name"] in ("tmp", "media", "database-ca")]
        container = {
            "name": "client",
            "image": self.database_image(),
            "command": ["sleep", "infinity"],
            "env": environment,
            "volumeMounts": [*mounts, {"name": "work", "mountPath": "/work"}],
        }
        return self.running(self._helper("client", container), "condition=Ready")

    def has_media(self) -> bool:
        return any(each["name"] == "media" for each in self.container["volumeMounts"])

    def migrate(self) -> None:
        """Bring a restored database in step with the version that runs."""
        own = self.container
        kept = ("image", "imagePullPolicy", "env", "envFrom", "volumeMounts")
        container = {name: own[name] for name in kept if name in own} | {
            "name": "migrate",
            "args": ["migrate"],
        }
        with self.running(self._helper("migrate", container), "jsonpath={.status.phase}=Succeeded"):
            pass

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        """Nobody reads or writes within the block: web pods and worker are away."""
        before = {}
        for deployment in filter(None, (self.web, self._deployment("worker"))):
            before[deployment["metadata"]["name"]] = deployment["spec"]["replicas"]
            self._scale(deployment["metadata"]["name"], 0)
        selector = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/component in (web,worker)"
        self.kubectl(
            "wait",
            "pods",
            "--selector",
            selector,
            "--for=delete",
            "--timeout=300s",
            stdout=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            for name, replicas in before.items():
                self._scale(name, replicas)
        for name in before:
            self.kubectl(
                "rollout", "status", f"deployment/{name}", "--timeout=900s", stdout=subprocess.DEVNULL
            )

    def _scale(self, name: str, replicas: int) -> None:
        self.kubectl("scale", f"deployment/{name}", f"--replicas={replicas}", stdout=subprocess.DEVNULL)


def backup(release: Release, target: Path) -> None:
    """Write the archive; an earlier file of this name stays until the new one is whole."""
    part = target.with_name(f".{target.name}.part")
    with release.database_client() as client, tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        dump = Path(scratch, "database.dump")
        with dump.open("wb") as output:
            program = ("pg_dump", "--format=custom", "--no-owner", "--no-privileges")
            release.kubectl("exec", client, "--", *program, stdout=output)
        with tarfile.open(part, "w") as archive:
            manifest = {
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "version": release.web["metadata"]["labels"]["app.kubernetes.io/version"],
                "commit": "",
                "media": "in this archive" if release.has_media() else "in their bucket",
            }
            text = json.dumps(manifest, indent=2).encode() + b"\n"
            entry = tarfile.TarInfo("manifest.json")
            entry.size, entry.mtime = len(text), int(time.time())
            archive.addfile(entry, io.BytesIO(text))
            archive.add(dump, "database.dump")
            if release.has_media():
                add_media(release, client, archive)
    part.replace(target)
    print(f"{target}: {target.stat().st_size} bytes")


def add_media(release: Release, client: str, archive: tarfile.TarFile) -> None:
    command = release.command("exec", client, "--", "tar", "-C", MEDIA, "-cf", "-", ".")
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as uploads,
    ):
        for member in filter(tarfile.TarInfo.isfile, uploads):
            content = uploads.extractfile(member)
            member.name = f"media/{member.name.removeprefix('./')}"
            archive.addfile(member, content)
    if process.returncode:
        raise Problem("The uploads could not be read.")


def restore(release: Release, source: Path, *, is_sure: bool) -> None:
    """Replace the release's database and uploads by the archive's. All of the database is replaced, or nothing."""
    with tarfile.open(source) as archive, release.database_client() as client:
        names = archive.getnames()
        if "database.dump" not in names:
            raise Problem(f"{source} is no backup: it has no database.dump.")
        manifest = json.load(archive.extractfile("manifest.json"))
        print(f"{source}: version {manifest['version']}, made at {manifest['made_at']}")
        confirm(release, client, is_sure=is_sure)
        send(release, client, archive.extractfile("database.dump"), "cat > /work/database.dump")
        release.kubectl("exec", client, "--", "sh", "-c", PREPARE)
        with release.closed():
            release.kubectl("exec", client, "--", "sh", "-c", REPLACE, stdout=subprocess.DEVNULL)
            if release.has_media():
                release.kubectl("exec", client, "--", "find", MEDIA, "-mindepth", "1", "-delete")
                restore_media(release, client, archive)
            release.migrate()
    web = f"deployment/{release.web['metadata']['name']}"
    release.kubectl("exec", web, "--", "python", "manage.py", "check_integrity")
    print(f"Restored into {release.name}.")


def confirm(release: Release, client: str, *, is_sure: bool) -> None:
    """Go on when the database is empty, or when whoever runs this says so."""
    query = ("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command")
    exists = (
        "exec",
        client,
        "--",
        *query,
        "SELECT to_regclass('shop_order') IS NOT NULL AND to_regclass('accounts_user') IS NOT NULL",
    )
    if release.kubectl(*exists, stdout=subprocess.PIPE).stdout.strip() != b"t":
        return
    found = (
        release.kubectl("exec", client, "--", *query, COUNT, stdout=subprocess.PIPE).stdout.decode().strip()
    )
    if found == "0 orders and 0 accounts" or is_sure:
        return
    print(f"The release {release.name} in {release.namespace} has {found}. All of it will be replaced.")
    if not sys.stdin.isatty():
        raise Problem("Nothing was changed. To go on without being asked: SURE=yes")
    if input(f"Type {release.name} to go on: ").strip() != release.name:
        raise Problem("Nothing was changed.")


def send(release: Release, client: str, content, command: str) -> None:
    """Let a command in the pod read the content."""
    told = release.command("exec", "--stdin", client, "--", "sh", "-c", command)
    process = subprocess.Popen(told, stdin=subprocess.PIPE)
    with process.stdin:
        shutil.copyfileobj(content, process.stdin)
    if process.wait():
        raise Problem(f"“{command}” failed in the pod {client}.")


def restore_media(release: Release, client: str, archive: tarfile.TarFile) -> None:
    with tempfile.TemporaryFile() as scratch:
        with tarfile.open(fileobj=scratch, mode="w") as uploads:
            for member in archive:
                if member.isfile() and member.name.startswith("media/"):
                    content = archive.extractfile(member)
                    member.name = member.name.removeprefix("media/")
                    uploads.addfile(member, content)
        scratch.seek(0)
        send(release, client, scratch, f"tar -C {MEDIA} --no-same-owner -xf -")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["superuser", "backup", "restore"])
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    if options.command != "superuser" and not options.file:
        sys.exit(f"Say which file: make {options.command} FILE=shop.tar RELEASE=shop NAMESPACE=shop")
    try:
        release = Release(os.environ.get("RELEASE") or "shop", os.environ.get("NAMESPACE") or "default")
        match options.command:
            case "superuser":
                release.superuser()
            case "backup":
                backup(release, options.file.resolve())
            case "restore":
                restore(
                    release,
                    options.file,
                    is_sure=os.environ.get("SURE", "").lower() in ("yes", "y", "1", "true"),
                )
    except Problem as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
