"""Backups: one archive holds a dump of the database and the uploaded files, and is kept in a folder or in a bucket.

An archive has ``manifest.json`` (what it is of), ``database.dump`` (PostgreSQL's custom format) and ``media/``. Uploads
that live in a bucket are not in it: buckets have versions of their own.
"""

import io
import json
import os
import re
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.utils import timezone
from storages.backends.s3 import S3Storage

NAME = re.compile(r"shop-(\d{8}T\d{6}Z)\.tar")
INSTANT = "%Y%m%dT%H%M%SZ"


class Shelf(Protocol):
    """Where archives are kept."""

    def keep(self, archive: Path) -> None:
        """Take the archive, under its own name. It is there as a whole or not at all."""

    def names(self) -> list[str]:
        """Names of what is there, archives or not."""

    def delete(self, name: str) -> None: ...


class Folder:
    """A shelf on a volume."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, archive: Path) -> None:
        part = self.path / f".{archive.name}.part"
        with archive.open("rb") as source, part.open("wb") as target:
            while chunk := source.read(1024 * 1024):
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        part.replace(self.path / archive.name)

    def names(self) -> list[str]:
        return [path.name for path in self.path.iterdir()]

    def delete(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)


class Bucket:
    """A shelf in object storage, with the keys and the endpoint of uploads and style sheets."""

    def __init__(self, name: str, prefix: str) -> None:
        self.bucket = S3Storage(bucket_name=name, **settings.S3_OPTIONS).bucket
        self.prefix = prefix

    def keep(self, archive: Path) -> None:
        self.bucket.upload_file(str(archive), f"{self.prefix}{archive.name}")

    def names(self) -> list[str]:
        found = self.bucket.objects.filter(Prefix=self.prefix)
        return [each.key.removeprefix(self.prefix) for each in found]

    def delete(self, name: str) -> None:
        self.bucket.Object(f"{self.prefix}{name}").delete()


def write_archive(dump: Path, folder: Path) -> Path:
    """Pack the dump and the uploads into an archive in the folder, named after this instant. Returns its path."""
    made_at = timezone.now().astimezone(UTC)
    archive = folder / f"shop-{made_at.strftime(INSTANT)}.tar"
    media = storages["default"]
    with tarfile.open(archive, "w") as content:
        manifest = {
            "made_at": made_at.isoformat(timespec="seconds"),
            "version": settings.VERSION,
            "commit": settings.COMMIT,
            "media": "in this archive" if isinstance(media, FileSystemStorage) else "in their bucket",
        }
        _add_text(content, "manifest.json", json.dumps(manifest, indent=2) + "\n", made_at)
        content.add(dump, "database.dump")
        if isinstance(media, FileSystemStorage) and Path(media.location).is_dir():
            content.add(media.location, "media")
    return archive


def _add_text(content: tarfile.TarFile, name: str, text: str, at: datetime) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = len(text.encode()), int(at.timestamp())
    content.addfile(entry, io.BytesIO(text.encode()))


def outdated(names: Iterable[str], *, at: datetime, keep_days: int, keep_at_least: int) -> list[str]:
    """Archives older than ``keep_days``, but never the newest ``keep_at_least``, nor files that are no archives."""
    made = {name: match[1] for name in names if (match := NAME.fullmatch(name))}
    newest_first = sorted(made, key=made.get, reverse=True)
    limit = at.astimezone(UTC) - timedelta(days=keep_days)
    return [name for name in newest_first[keep_at_least:] if made[name] < limit.strftime(INSTANT)]
