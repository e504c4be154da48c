"""`make restore`, `make drill`: what they change, what they refuse, and what they leave as it was.

The pods' commands run on this machine, with a PostgreSQL of its own; kubectl is a stand-in that notes what it is asked.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import postgres
import pytest
from release import backup, drill, restore
from release.contents import Contents, compare
from release.pods import Pod, Problem, Release

from chart.rendering import CHART, EXTERNAL, containers, environment, kinds, pod_specs, render

SHOP = """
CREATE TABLE django_migrations (id int); INSERT INTO django_migrations VALUES (1);
CREATE TABLE accounts_user (id int, note text); INSERT INTO accounts_user VALUES (1, E'two\\nlines'), (2, '\\\\.');
CREATE TABLE shop_order (id int); INSERT INTO shop_order SELECT generate_series(1, 12);
CREATE TABLE shop_ledgerentry (id int, "kind" text, amount numeric(10, 2), currency text);
INSERT INTO shop_ledgerentry VALUES (1, 'sold', 85.10, 'CHF'), (2, 'sold', 0.20, 'CHF'), (3, 'refunded', -85.10, 'CHF');
"""
EMPTIED = "TRUNCATE accounts_user, shop_order, shop_ledgerentry;"


class Here(Pod):
    """A pod whose commands run on this machine, in folders of the test's."""

    def __init__(self, home: Path, variables: dict[str, str]) -> None:
        super().__init__(None, "here")
        self.home, self.variables = home, variables
        for name in ("work", "media"):
            (home / name).mkdir(parents=True)

    def command(self, *arguments: str, reads: bool = False) -> list[str]:
        told = [f"{name}={value}" for name, value in self.variables.items()]
        given = [] if reads else ["sh", "-c", 'exec "$@" < /dev/null', "sh"]
        return ["env", *told, *given, *map(self._here, arguments)]

    def _here(self, text: str) -> str:
        return text.replace("/srv/media", str(self.home / "media")).replace("/work/", f"{self.home}/work/")

    def upload(self, **files: str) -> None:
        for name, content in files.items():
            (self.home / "media" / f"{name}.jpg").write_text(content)

    def uploads(self) -> dict[str, str]:
        return {path.stem: path.read_text() for path in (self.home / "media").iterdir()}


class Shop:
    """A release whose database and uploads are those of a pod that is here."""

    name, namespace, version, database = "shop", "studio", "1.0.0", "the database books on postgres:5432"

    def __init__(self, pod: Here, *, is_in_bucket: bool = False) -> None:
        self.pod, self.is_in_bucket = pod, is_in_bucket
        self.done: list[str] = []
        self.web_pod = SimpleNamespace(run=lambda *command: self.done.append(command[-1]))

    def has_media(self) -> bool:
        return not self.is_in_bucket

    def database_client(self):
        return contextlib.nullcontext(self.pod)

    def application(self):
        def send(content, *command):
            with tarfile.open(fileobj=content) as uploads:
                self.done.append(f"{command[-1]} {' '.join(sorted(uploads.getnames()))}")

        return contextlib.nullcontext(SimpleNamespace(send=send))

    @contextlib.contextmanager
    def closed(self):
        self.done.append("closed")
        yield

    def migrate(self) -> None:
        self.done.append("migrated")


@pytest.fixture(scope="module")
def server():
    try:
        with postgres.throwaway_server() as folder:
            yield folder
    except postgres.NoPostgres as problem:
        pytest.skip(str(problem))


@pytest.fixture
def pod(server, tmp_path):
    """Makes a pod with a database and a folder for uploads of its own."""

    def make(name: str, statements: str = "") -> Here:
        programs = f"{tmp_path}:{postgres.find_programs()}:{os.environ['PATH']}"
        told = {"PGHOST": str(server), "PGUSER": postgres.USER, "PGDATABASE": name, "PATH": programs}
        made = Here(tmp_path / name, told)
        made.run("dropdb", "--if-exists", name)
        made.run("createdb", name)
        made.ask(statements)
        return made

    return make


@pytest.fixture
def archive(pod, tmp_path) -> Path:
    before = pod("before", SHOP)
    before.upload(bowl="a bowl", saw="a saw")
    backup.backup(Shop(before), tmp_path / "shop.tar")
    return tmp_path / "shop.tar"


def put(shop: Shop, archive: Path, *, is_sure: bool = False) -> None:
    restore.restore(shop, archive, is_sure=is_sure)


def orders(pod: Here) -> list[str]:
    return pod.ask("SELECT count(*) FROM shop_order")


def test_what_was_restored_is_compared_with_the_archive(pod, archive, capsys):
    shop = Shop(pod("after", SHOP + EMPTIED))
    shop.pod.upload(later="a later one")

    put(shop, archive)

    said = capsys.readouterr().out
    assert "into the release shop in studio: the database books on postgres:5432" in said
    assert "4 tables with 18 rows" in said
    assert "the ledger’s sum of sold CHF: 85.30" in said
    assert "2 uploads, by their checksums" in said
    assert orders(shop.pod) == ["12"]
    assert shop.pod.uploads() == {"bowl": "a bowl", "saw": "a saw"}
    assert shop.done == ["closed", "migrated", "check_integrity"]


def test_a_loss_on_the_way_is_named(pod, archive, monkeypatch):
    shop = Shop(pod("after"))
    lost = "psql -qc 'DELETE FROM shop_order WHERE id = 3; DELETE FROM shop_ledgerentry WHERE id = 1'"
    monkeypatch.setattr(restore, "REPLACE", f"{restore.REPLACE}\n{lost}; rm -f /srv/media/saw.jpg")
    monkeypatch.setattr(restore, "send_uploads", lambda *_: shop.pod.upload(bowl="another bowl"))

    with pytest.raises(Problem) as raised:
        put(shop, archive)

    for part in (
        "rows of shop_order: 12 in the archive, 11 in the release",
        "the ledger’s sum of sold CHF: 85.30 in the archive, 0.20 in the release",
        "checksum of saw.jpg",
        "checksum of bowl.jpg",
    ):
        assert part in str(raised.value)


def test_what_only_one_of_both_has_is_a_difference():
    with pytest.raises(Problem, match="rows of b: nothing in the archive, 0 in the release"):
        compare(Contents({"a": 1}, {}, None), Contents({"a": 1, "b": 0}, {}, None))


def test_a_server_before_17_takes_what_a_client_of_17_writes(pod, archive, tmp_path):
    """pg_restore 17 switches a timeout off that older servers do not know."""
    program = postgres.find_programs() / "pg_restore"
    client = tmp_path / "pg_restore"
    client.write_text(
        f'#!/bin/sh\n{program} "$@" || exit 1\n'
        'for each; do case $each in --file=*) sed -i "5iSET transaction_timeout = 0;" "${each#--file=}"; esac; done\n'
    )
    client.chmod(0o755)
    shop = Shop(pod("after"))

    put(shop, archive)

    assert orders(shop.pod) == ["12"]


def test_another_applications_dump_is_refused_before_anything_goes(pod, tmp_path):
    backup.backup(Shop(pod("other", "CREATE TABLE shop_order (id int)")), tmp_path / "other.tar")
    shop = Shop(pod("after", SHOP))

    with pytest.raises(Problem, match="it lacks accounts_user, django_migrations, shop_ledgerentry"):
        put(shop, tmp_path / "other.tar", is_sure=True)

    assert orders(shop.pod) == ["12"]
    assert not shop.done


def test_a_file_that_tells_nothing_about_itself_is_no_backup(pod, tmp_path):
    with tarfile.open(tmp_path / "handmade.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("database.dump"), io.BytesIO())

    with pytest.raises(Problem, match=r"no backup: it has no manifest\.json"):
        put(Shop(pod("after")), tmp_path / "handmade.tar")


@pytest.mark.parametrize(
    ("statements", "named"),
    [(SHOP, "12 orders and 2 accounts"), (SHOP + EMPTIED + "CREATE TABLE wiki AS SELECT 1 AS page", "wiki")],
)
def test_what_somebody_would_miss_goes_only_when_somebody_says_so(pod, archive, statements, named, capsys):
    shop = Shop(pod("after", statements))

    with pytest.raises(Problem, match="Nothing was changed"):
        put(shop, archive)

    assert named in capsys.readouterr().out
    assert not shop.done

    put(shop, archive, is_sure=True)

    assert orders(shop.pod) == ["12"]


def test_uploads_of_a_volume_go_into_the_bucket_of_a_release_that_has_one(pod, archive, capsys):
    shop = Shop(pod("after"), is_in_bucket=True)

    put(shop, archive)

    assert shop.done == ["closed", "restore_uploads bowl.jpg saw.jpg", "migrated", "check_integrity"]
    assert "2 uploads went into the bucket" in capsys.readouterr().out


def test_an_archive_without_uploads_leaves_those_of_the_release(pod, tmp_path, capsys):
    backup.backup(Shop(pod("before", SHOP), is_in_bucket=True), tmp_path / "shop.tar")
    shop = Shop(pod("after"))
    shop.pod.upload(bowl="a bowl")

    put(shop, tmp_path / "shop.tar")

    assert shop.pod.uploads() == {"bowl": "a bowl"}
    said = capsys.readouterr().out
    assert "Those of the release stay" in said
    assert "checksums" not in said


# A release, as kubectl tells of it

KUBECTL = """#!{python}
import json, pathlib, sys
home = pathlib.Path(__file__).parent
told = " ".join(sys.argv[3:])
with (home / "told").open("a") as file:
    file.write(told + "\\n")
if told.endswith("--filename=-"):
    (home / "created").write_text(sys.stdin.read())
if told.startswith("wait") and (home / "fails").exists():
    sys.exit("they stay")
if told.startswith("get secret "):
    secret = {{"kind": "Secret", "metadata": {{"name": sys.argv[5], "uid": "1"}}, "data": {{"key": "dmFsdWU="}}}}
    print(json.dumps(secret))
elif told.startswith("get"):
    kind = sys.argv[4]
    found = json.loads((home / "objects").read_text())
    print(json.dumps({{"items": [each for each in found if each["kind"].lower() + "s" == kind
        and ("component" not in told or each["metadata"]["labels"]["app.kubernetes.io/component"] in told)]}}))
"""


@pytest.fixture
def kubectl(tmp_path, monkeypatch):
    """Puts a stand-in for kubectl on the path, which knows the objects of a rendered release."""
    program = tmp_path / "kubectl"
    program.write_text(KUBECTL.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def knows(values: dict | None = None) -> Release:
        (tmp_path / "objects").write_text(json.dumps(render(values)))
        return Release("shop", "studio")

    return SimpleNamespace(
        knows=knows,
        fails=(tmp_path / "fails").touch,
        told=lambda *verbs: [
            line for line in (tmp_path / "told").read_text().splitlines() if line.startswith(verbs)
        ],
    )


def test_backups_go_past_a_pool_of_connections(kubectl):
    pool = {"externalDatabase.host": "pool", "externalDatabase.port": 6432}
    direct = {"externalDatabase.directHost": "server", "externalDatabase.directPort": 5433}

    release = kubectl.knows(EXTERNAL | pool | direct)

    assert release.database == "the database workshops on server:5433"
    told = {each["name"]: each.get("value") for each in release.database_environment()}
    assert (told["DATABASE_HOSTNAME"], told["DATABASE_PORT"]) == ("server", "5433")
    assert kubectl.knows(EXTERNAL | pool).database == "the database workshops on pool:6432"


def test_a_closed_shop_has_no_pods_and_no_nightly_jobs(kubectl):
    release = kubectl.knows({"replicaCount": 3, "backup.enabled": True})

    with release.closed():
        closing = kubectl.told("scale", "patch")
    opening = kubectl.told("scale", "patch")[len(closing) :]

    assert closing == [
        'patch cronjob/shop-djangohelm-backup --patch {"spec": {"suspend": true}}',
        'patch cronjob/shop-djangohelm-nightly --patch {"spec": {"suspend": true}}',
        "scale deployment/shop-djangohelm-web --replicas=0",
        "scale deployment/shop-djangohelm-worker --replicas=0",
    ]
    assert sorted(opening) == [
        'patch cronjob/shop-djangohelm-backup --patch {"spec": {"suspend": false}}',
        'patch cronjob/shop-djangohelm-nightly --patch {"spec": {"suspend": false}}',
        "scale deployment/shop-djangohelm-web --replicas=3",
        "scale deployment/shop-djangohelm-worker --replicas=1",
    ]


def test_a_shop_opens_again_when_its_pods_would_not_leave(kubectl):
    release = kubectl.knows()
    kubectl.fails()

    with pytest.raises(Problem, match="they stay"), release.closed():
        pytest.fail("It is not closed yet.")

    assert "scale deployment/shop-djangohelm-web --replicas=1" in kubectl.told("scale")


# The drill


def test_a_drills_release_reaches_nobody_and_nobody_reaches_it():
    objects = render(example=drill.VALUES)

    assert not kinds(objects, "Ingress") + kinds(objects, "HTTPRoute") + kinds(objects, "CronJob")
    assert [each["metadata"]["name"] for each in kinds(objects, "Deployment")] == ["shop-djangohelm-web"]
    told = kinds(objects, "ConfigMap")[0]["data"]
    assert (told["DJANGOAPP_EMAIL_HOST"], told["DJANGOAPP_STRIPE_API_URL"]) == (
        "127.0.0.1",
        "http://127.0.0.1:9",
    )
    secret = next(each for each in kinds(objects, "Secret") if each["metadata"]["name"] == "shop-djangohelm")
    assert set(secret["data"]) == {"DJANGOAPP_FERNET_KEY"}
    for _name, spec in pod_specs(objects):
        for container in containers(spec):
            assert environment(container).get("DATABASE_HOSTNAME", "shop-postgresql") == "shop-postgresql"


def test_a_drill_takes_nothing_but_images_from_the_shop_that_serves(kubectl, tmp_path, monkeypatch):
    """Its database above all: everything in the drill's release is replaced."""
    shop = kubectl.knows(
        EXTERNAL | {"image": "registry.example.org/shop:3", "global.imagePullSecrets": ["pull"]}
    )
    helm = tmp_path / "helm"
    helm.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/helm-told; cat > {tmp_path}/values\n')
    helm.chmod(0o755)
    monkeypatch.delenv("POSTGRES_IMAGE", raising=False)

    drill.install(shop, "studio-drill", room=0)

    assert json.loads((tmp_path / "values").read_text()) == {
        "image": "registry.example.org/shop:3",
        "global": {"imagePullSecrets": ["pull"]},
        "media": {"persistence": {"size": "5Gi"}},
    }
    told = (tmp_path / "helm-told").read_text()
    assert told.startswith(
        f"install drill {CHART} --namespace studio-drill --values {drill.VALUES} --values - "
    )


def test_a_drill_forgets_what_it_restored(kubectl, tmp_path, monkeypatch):
    shop = kubectl.knows()
    monkeypatch.setattr(drill, "install", lambda *_, **__: (_ for _ in ()).throw(Problem("no room")))
    (tmp_path / "shop.tar").touch()

    with pytest.raises(Problem, match="no room"):
        drill.drill(shop, tmp_path / "shop.tar", keeps=False)

    assert kubectl.told("create", "delete") == [
        "create namespace studio-drill",
        "delete namespace studio-drill",
    ]


def test_a_drill_can_pull_what_the_shop_pulls(kubectl, tmp_path):
    shop = kubectl.knows({"global.imagePullSecrets": ["pull"]})

    with drill.namespace_for(shop, keeps=False) as namespace:
        created = json.loads((tmp_path / "created").read_text())

    assert namespace == "studio-drill"
    assert created["metadata"] == {"name": "pull", "namespace": "studio-drill"}
    assert created["data"] == {"key": "dmFsdWU="}


def test_the_commands_say_which_file_they_want():
    for command in ("backup", "restore", "drill"):
        done = subprocess.run(
            [sys.executable, CHART.parent / "tools" / "release", command, ""],
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"make {command} FILE=shop.tar" in done.stderr
