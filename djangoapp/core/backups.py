"""Backups: one archive holds a dump of the database and the uploaded files, and is kept in a folder or in a bucket.

An archive has ``manifest.json`` (what it is of), ``database.dump`` (PostgreSQL's custom format) and ``media/``. Uploads
that live in a bucket are not in it: buckets have versions of their own.
"""

import io
import json
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from storages.backends.s3 import S3Storage

NAME = re.compile(r"shop-(\d{8}T\d{6}Z)\.tar")
PART = re.compile(r"\.shop-(\d{8}T\d{6}Z)\.tar\.part")
INSTANT = "%Y%m%dT%H%M%SZ"


class Shelf(Protocol):
    """Where archives are kept."""

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Take what is written within the block, under this name. It is there as a whole or not at all."""

    def names(self) -> list[str]:
        """Names of what is there, archives or not."""

    def delete(self, name: str) -> None: ...


class Folder:
    """A shelf on a volume."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        part = self.path / f".{name}.part"
        try:
            with part.open("wb") as target:
                yield target
                target.flush()
                os.fsync(target.fileno())
            part.replace(self.path / name)
        finally:
            part.unlink(missing_ok=True)

    def names(self) -> list[str]:
        return [path.name for path in self.path.iterdir()]

    def delete(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)


class Bucket:
    """A shelf in object storage, with the keys and the endpoint of uploads and style sheets."""

    def __init__(self, name: str, prefix: str) -> None:
        self.storage = S3Storage(bucket_name=name, **settings.S3_OPTIONS)
        self.bucket = self.storage.bucket
        self.prefix = prefix

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        key = f"{self.prefix}{name}"
        target = self.storage.open(key, "wb")
        try:
            yield target
        except BaseException:
            target.file.close()
            for upload in self.bucket.multipart_uploads.filter(Prefix=key):
                upload.abort()  # its parts would lie there, unseen, and be paid for
            raise
        target.close()

    def names(self) -> list[str]:
        found = self.bucket.objects.filter(Prefix=self.prefix)
        return [each.key.removeprefix(self.prefix) for each in found]

    def delete(self, name: str) -> None:
        self.bucket.Object(f"{self.prefix}{name}").delete()


def name_at(instant: datetime) -> str:
    """The name of an archive that is begun at this instant."""
    return f"shop-{instant.astimezone(UTC).strftime(INSTANT)}.tar"


def write_archive(dump: Path, target: BinaryIO, *, made_at: datetime) -> int:
    """Pack the dump and the uploads into an archive, which needs no room but that of the target. Returns its bytes."""
    media = storages["default"]
    with tarfile.open(fileobj=target, mode="w|", bufsize=1024 * 1024) as content:
        manifest = {
            "made_at": made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "version": settings.VERSION,
            "commit": settings.COMMIT,
            "media": "in this archive" if isinstance(media, FileSystemStorage) else "in their bucket",
        }
        _add_text(content, "manifest.json", json.dumps(manifest, indent=2) + "\n", made_at)
        content.add(dump, "database.dump")
        if isinstance(media, FileSystemStorage) and Path(media.location).is_dir():
            content.add(media.location, "media")
    return content.offset


def _add_text(content: tarfile.TarFile, name: str, text: str, at: datetime) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = len(text.encode()), int(at.timestamp())
    content.addfile(entry, io.BytesIO(text.encode()))


def outdated(names: Iterable[str], *, at: datetime, keep_days: int, keep_at_least: int) -> list[str]:
    """Archives older than ``keep_days``, but never the newest ``keep_at_least``, nor files that are no archives.

    What a job that was killed left half written goes after a day.
    """
    names = list(names)
    made = {name: match[1] for name in names if (match := NAME.fullmatch(name))}
    newest_first = sorted(made, key=made.get, reverse=True)
    limit = (at.astimezone(UTC) - timedelta(days=keep_days)).strftime(INSTANT)
    yesterday = (at.astimezone(UTC) - timedelta(days=1)).strftime(INSTANT)
    left = [name for name in names if (match := PART.fullmatch(name)) and match[1] < yesterday]
    return [name for name in newest_first[keep_at_least:] if made[name] < limit] + left
