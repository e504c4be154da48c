"""Save a release: its database and its uploads, into one archive on this machine."""

import io
import json
import tarfile
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from release.pods import Pod, Release

MEDIA = "/srv/media"


def backup(release: Release, target: Path) -> None:
    """Write the archive; an earlier file of this name stays until the new one is whole."""
    part = target.with_name(f".{target.name}.part")
    with release.database_client() as client, tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        dump = Path(scratch, "database.dump")
        with dump.open("wb") as output:
            client.run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", stdout=output)
        try:
            with tarfile.open(part, "w") as archive:
                add_manifest(release, archive)
                archive.add(dump, "database.dump")
                if release.has_media():
                    add_media(client, archive)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    print(f"{target}: {target.stat().st_size} bytes")


def add_manifest(release: Release, archive: tarfile.TarFile) -> None:
    manifest = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": release.version,
        "commit": "",
        "media": "in this archive" if release.has_media() else "in their bucket",
    }
    text = json.dumps(manifest, indent=2).encode() + b"\n"
    entry = tarfile.TarInfo("manifest.json")
    entry.size, entry.mtime = len(text), int(time.time())
    archive.addfile(entry, io.BytesIO(text))


def add_media(client: Pod, archive: tarfile.TarFile) -> None:
    with (
        client.reading("tar", "-C", MEDIA, "-cf", "-", ".") as output,
        tarfile.open(fileobj=output, mode="r|") as uploads,
    ):
        for member in filter(tarfile.TarInfo.isfile, uploads):
            content = uploads.extractfile(member)
            member.name = f"media/{member.name.removeprefix('./')}"
            archive.addfile(member, content)
