"""Backups: what an archive holds, where it is kept, and which ones go."""

import io
import json
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import CommandError, call_command

from core.backups import outdated

NOW = datetime(2026, 3, 20, 2, 30, tzinfo=UTC)
KEPT_NOW = "shop-20260320T023000Z.tar"


def name(days_ago: int) -> str:
    return f"shop-{NOW - timedelta(days=days_ago):%Y%m%dT%H%M%SZ}.tar"


@pytest.fixture
def media(settings, tmp_path) -> Path:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    }
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "projects").mkdir(parents=True)
    (settings.MEDIA_ROOT / "projects" / "bowl.jpg").write_bytes(b"a picture")
    return settings.MEDIA_ROOT


@pytest.fixture
def dump(tmp_path) -> Path:
    path = tmp_path / "work" / "database.dump"
    path.parent.mkdir()
    path.write_bytes(b"PGDMP and so on")
    return path


@pytest.fixture
def shelf(tmp_path) -> Path:
    path = tmp_path / "backups"
    path.mkdir()
    return path


def keep(dump: Path, *arguments: str) -> str:
    out = StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("keep_backup", str(dump), *arguments, stdout=out)
    return out.getvalue()


def test_an_archive_holds_the_dump_the_uploads_and_what_it_is_of(dump, media, shelf, settings):
    keep(dump, f"--folder={shelf}")

    with tarfile.open(shelf / KEPT_NOW) as archive:
        content = {each.name: archive.extractfile(each) for each in archive if each.isfile()}
        assert set(content) == {"manifest.json", "database.dump", "media/projects/bowl.jpg"}
        assert content["database.dump"].read() == b"PGDMP and so on"
        assert content["media/projects/bowl.jpg"].read() == b"a picture"
        manifest = json.load(content["manifest.json"])
    assert manifest == {
        "made_at": "2026-03-20T02:30:00+00:00",
        "version": settings.VERSION,
        "commit": settings.COMMIT,
        "media": "in this archive",
    }
    assert list(dump.parent.iterdir()) == [dump]


def test_uploads_in_a_bucket_stay_there(dump, shelf):
    keep(dump, f"--folder={shelf}")

    with tarfile.open(shelf / KEPT_NOW) as archive:
        assert archive.getnames() == ["manifest.json", "database.dump"]
        assert json.load(archive.extractfile("manifest.json"))["media"] == "in their bucket"


def test_archives_in_a_bucket_lie_under_their_prefix(dump, s3_server, settings):
    bucket = s3_server.make_bucket("backups")
    options = s3_server.storage(bucket)["OPTIONS"]
    settings.S3_OPTIONS = {key: value for key, value in options.items() if key != "bucket_name"}
    client = s3_server.client()
    for key in (f"nightly/{name(40)}", name(40)):
        client.put_object(Bucket=bucket, Key=key, Body=b"old")

    said = keep(dump, f"--bucket={bucket}", "--prefix=nightly/", "--keep-at-least=0")

    assert f"Kept {KEPT_NOW}" in said
    listing = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert {each["Key"] for each in listing} == {f"nightly/{KEPT_NOW}", name(40)}
    body = client.get_object(Bucket=bucket, Key=f"nightly/{KEPT_NOW}")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        assert archive.extractfile("database.dump").read() == dump.read_bytes()


def test_what_is_outdated_goes_and_what_is_not_ours_stays(dump, shelf):
    for each in (name(29), name(31), name(45), "notes.txt", "shop-old.tar"):
        (shelf / each).touch()

    said = keep(dump, f"--folder={shelf}", "--keep-days=30", "--keep-at-least=2")

    assert f"Deleted {name(45)}" in said
    assert {path.name for path in shelf.iterdir()} == {
        *(KEPT_NOW, name(29), name(31)),  # the newest two that were there before stay
        *("notes.txt", "shop-old.tar"),
    }


@pytest.mark.parametrize(
    ("ages", "keep_at_least", "gone"),
    [
        ([0, 1, 2], 1, []),
        ([31, 40, 50], 2, [50]),
        ([31, 40, 50], 0, [31, 40, 50]),
        ([0, 29, 30, 31], 1, [31]),
    ],
)
def test_the_newest_stay_however_old_they_are(ages, keep_at_least, gone):
    names = [name(age) for age in ages]

    found = outdated(reversed(names), at=NOW, keep_days=30, keep_at_least=keep_at_least)

    assert found == [name(age) for age in gone]


@pytest.mark.parametrize("content", [None, b""])
def test_an_empty_dump_is_no_backup(content, dump, shelf):
    dump.unlink()
    if content is not None:
        dump.write_bytes(content)

    with pytest.raises(CommandError, match="missing or empty"):
        keep(dump, f"--folder={shelf}")

    assert not list(shelf.iterdir())


@pytest.fixture
def no_room(monkeypatch) -> None:
    """Room for nothing but the manifest."""
    add = tarfile.TarFile.add

    def full(archive, path, *arguments, **options):
        if Path(path).suffix == ".dump":
            archive.fileobj.write(b"P" * 2_000_000)
            raise OSError("No space left on device")
        add(archive, path, *arguments, **options)

    monkeypatch.setattr(tarfile.TarFile, "add", full)


def test_a_full_volume_is_left_without_what_is_outdated_and_without_half_an_archive(dump, shelf, no_room):
    for each in (name(1), name(40)):
        (shelf / each).touch()

    with pytest.raises(OSError, match="No space"):
        keep(dump, f"--folder={shelf}", "--keep-at-least=1")

    assert [path.name for path in shelf.iterdir()] == [name(1)]
    assert list(dump.parent.iterdir()) == [dump]


def test_half_an_archive_leaves_nothing_in_its_bucket(dump, s3_server, settings, no_room):
    bucket = s3_server.make_bucket("backups")
    options = s3_server.storage(bucket)["OPTIONS"]
    settings.S3_OPTIONS = {key: value for key, value in options.items() if key != "bucket_name"}

    with pytest.raises(OSError, match="No space"):
        keep(dump, f"--bucket={bucket}")

    client = s3_server.client()
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


def test_what_a_killed_job_left_goes_after_a_day():
    parts = [f".{name(0)}.part", f".{name(2)}.part"]

    assert outdated(parts, at=NOW, keep_days=0, keep_at_least=0) == [f".{name(2)}.part"]


@pytest.fixture
def uploads_on_stdin(monkeypatch) -> None:
    """A tar with one upload stands on the standard input."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as uploads:
        entry = tarfile.TarInfo("projects/bowl.jpg")
        entry.size = len(b"as it was")
        uploads.addfile(entry, io.BytesIO(b"as it was"))
    stream.seek(0)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))


def test_uploads_of_a_backup_go_into_the_bucket_under_their_own_names(uploads_on_stdin, s3_server, settings):
    bucket = s3_server.make_bucket("media")
    settings.STORAGES = settings.STORAGES | {"default": s3_server.storage(bucket)}
    client = s3_server.client()
    for key in ("projects/bowl.jpg", "projects/later.jpg"):
        client.put_object(Bucket=bucket, Key=key, Body=b"of today")

    call_command("restore_uploads", stdout=StringIO())

    found = {each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]}
    assert found == {"projects/bowl.jpg", "projects/later.jpg"}
    assert client.get_object(Bucket=bucket, Key="projects/bowl.jpg")["Body"].read() == b"as it was"


def test_uploads_of_a_backup_go_onto_the_volume_as_well(uploads_on_stdin, media):
    call_command("restore_uploads", stdout=StringIO())

    assert (media / "projects" / "bowl.jpg").read_bytes() == b"as it was"
    assert [path.name for path in (media / "projects").iterdir()] == ["bowl.jpg"]
