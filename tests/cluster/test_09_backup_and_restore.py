"""A backup made with `make backup` brings a release back that has lost everything; a nightly one stands a drill."""

import io
import json
import re
import subprocess
import tarfile
import time

import pytest

from chart.rendering import chart_with_stub
from cluster import images
from cluster.machine import ROOT
from cluster.release import eventually
from cluster.visitor import Visitor

# Every row of every table, but for what changes by itself while nobody does anything.
CHECKSUMS = """
import hashlib, json
from django.apps import apps
from django.core import serializers
passing = {"sessions", "django_q", "core"}
written_anew = {
    "djstripe.WebhookEndpoint",  # by each migration
    "shop.Inspection", "shop.ProviderStatement", "shop.ProviderMovement",  # by the worker, now and then
}
looked_at = {"checked_at", "updated_at"}  # the worker looks at payments without news every minute
found = {}
for model in apps.get_models():
    if model._meta.app_label not in passing and model._meta.label not in written_anew and model._meta.managed:
        kept = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}
        if "checked_at" in kept:
            kept -= looked_at
        rows = serializers.serialize("json", model.objects.order_by("pk"), fields=sorted(kept))
        found[model._meta.label] = [model.objects.count(), hashlib.sha256(rows.encode()).hexdigest()]
print(json.dumps(found))
"""
MEDIA = "cd /srv/media && find . -type f -exec sha256sum {} + | sort"
FILL = """
from django.core.files.base import ContentFile
from shop.models import Project
from shop.services.invoices import issue_due
project = Project.objects.get(slug="grafting")
issue_due()  # the invoices, which the worker would write a few minutes later
project.picture.save("bowl.png", ContentFile(bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082")))
print("null")
"""
WIPE = """
from django.apps import apps
from django.db import connection
with connection.cursor() as cursor:
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
    cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, tables))} CASCADE")
print("null")
"""
SOLD = """
import json
from django.db.models import Sum
from shop.models import LedgerEntry
print(json.dumps(str(LedgerEntry.objects.filter(kind="sale").aggregate(sum=Sum("amount"))["sum"])))
"""


@pytest.fixture(scope="module")
def full(shop):
    """The release with orders, accounts and pictures; gives what it holds."""
    (slug,) = shop.make_sessions(8)
    for number in range(3):
        Visitor(shop.door()).book(slug, f"kept{number}@example.org")
    shop.python(FILL)
    held = settled(shop)
    assert held["shop.Order"][0] >= 3
    assert held["media"]
    return held


def state(shop) -> dict:
    """Checksums of every table and of the uploads."""
    return shop.python(CHECKSUMS) | {"media": shop.execute("web", "sh", "-c", MEDIA)}


def settled(shop) -> dict:
    """The state once it stays as it is: notifications of the last payments have come in."""
    states = [state(shop)]

    def is_still() -> bool:
        states.append(state(shop))
        return not changed(*states[-2:])

    eventually(is_still, seconds=120, pause=2)
    return states[-1]


def changed(before: dict, after: dict) -> dict:
    """What differs between two states: empty when nothing does."""
    return {
        name: (before.get(name), after.get(name))
        for name in before | after
        if before.get(name) != after.get(name)
    }


def make(shop, command: str, file, **variables):
    return subprocess.run(
        ["make", "--silent", command, f"FILE={file}", f"RELEASE={shop.name}", f"NAMESPACE={shop.namespace}"]
        + [f"{name}={value}" for name, value in variables.items()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def wipe(shop) -> None:
    shop.python(WIPE)
    shop.execute("web", "sh", "-c", "find /srv/media -mindepth 1 -delete")


@pytest.fixture(scope="module")
def archive(shop, full, tmp_path_factory, measured):
    file = tmp_path_factory.mktemp("backup") / "shop.tar"
    began = time.monotonic()

    done = make(shop, "backup", file)

    assert done.returncode == 0, done.stderr
    measured(f"a backup of {file.stat().st_size} bytes took {time.monotonic() - began:.0f} s")
    return file


def test_a_backup_is_a_dump_and_the_uploads(archive):
    with tarfile.open(archive) as content:
        names = content.getnames()

    assert names[:2] == ["manifest.json", "database.dump"]
    assert [name for name in names if name.startswith("media/projects/")]


def test_nothing_is_replaced_without_being_asked(shop, full, archive):
    done = make(shop, "restore", archive)

    assert done.returncode
    assert "orders and" in done.stdout
    assert "Nothing was changed" in done.stderr
    assert not changed(full, state(shop))


def test_what_was_lost_comes_back(shop, full, archive, measured):
    wipe(shop)
    assert shop.python(CHECKSUMS)["shop.Order"][0] == 0
    began = time.monotonic()

    done = make(shop, "restore", archive)

    assert done.returncode == 0, done.stdout + done.stderr
    measured(f"restored in {time.monotonic() - began:.0f} s, the restart of all pods included")
    assert "the database workshops on shop-postgresql:5432" in done.stdout
    assert f"{len(full['media'].splitlines())} uploads, by their checksums" in done.stdout
    assert not changed(full, state(shop))
    shop.assert_all_adds_up()


def test_a_damaged_backup_changes_nothing(shop, full, archive, tmp_path):
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(archive) as before, tarfile.open(damaged, "w") as after:
        for member in before:
            content = before.extractfile(member).read() if member.isfile() else b""
            if member.name == "database.dump":
                member.size = len(content) // 2
            after.addfile(member, io.BytesIO(content[: member.size]))

    done = make(shop, "restore", damaged, SURE="yes")

    assert done.returncode
    assert not changed(full, state(shop))


def test_the_nightly_job_keeps_an_archive_on_its_volume(shop, full, measured, tmp_path):
    shop.upgrade({"backup.enabled": True, "backup.keepAtLeast": 1})
    shop.kubectl("create", "job", "backup-now", "--from=cronjob/shop-djangohelm-backup")

    shop.kubectl("wait", "job/backup-now", "--for=condition=Complete", "--timeout=180s")

    said = shop.kubectl("logs", "job/backup-now", "--container", "keep").splitlines()
    (kept,) = [line for line in said if line.startswith("Kept shop-")]
    measured(kept)


def fetched(shop, name: str, target):
    """Fetch an archive from the volume of backups, by a pod that mounts it."""
    container = {
        "name": "look",
        "image": images.shop(),
        "command": ["sleep", "3600"],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "backups", "mountPath": "/backups"}],
    }
    spec = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            {"name": "backups", "persistentVolumeClaim": {"claimName": "shop-djangohelm-backups"}},
        ],
    }
    look = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "look"}, "spec": spec}
    shop.kubectl("apply", "--filename", "-", stdin=json.dumps(look))
    shop.kubectl("wait", "pod/look", "--for=condition=Ready", "--timeout=120s")
    shop.kubectl("cp", f"look:/backups/{name}", target)
    shop.kubectl("delete", "pod", "look")
    return target


def test_an_archive_of_the_nightly_job_stands_a_drill_beside_the_shop(shop, full, measured, tmp_path):
    said = shop.kubectl("logs", "job/backup-now", "--container", "keep")
    archive = fetched(shop, re.search(r"shop-\w+\.tar", said)[0], tmp_path / "nightly.tar")
    before = state(shop)
    began = time.monotonic()

    done = make(shop, "drill", archive, CHART=chart_with_stub(), POSTGRES_IMAGE=images.postgres())

    assert done.returncode == 0, done.stdout + done.stderr
    measured(f"a drill took {time.monotonic() - began:.0f} s, its release made and forgotten")
    namespace = f"{shop.namespace}-drill"
    assert f"the release drill in {namespace}: the database workshops on drill-postgresql:5432" in done.stdout
    assert f"{len(full['media'].splitlines())} uploads, by their checksums" in done.stdout
    assert f"sale CHF: {shop.python(SOLD)}" in done.stdout  # whatever was sold by then
    assert not shop.kubectl("get", "namespace", namespace, "--ignore-not-found")
    assert not changed(before, state(shop))


def test_the_nightly_job_finds_nothing_wrong(shop):
    shop.kubectl("create", "job", "nightly-now", "--from=cronjob/shop-djangohelm-nightly")

    shop.kubectl("wait", "job/nightly-now", "--for=condition=Complete", "--timeout=180s")

    assert "agree" in shop.kubectl("logs", "job/nightly-now")
