"""Put an archive into a release, in the place of what is there."""

import json
import sys
import tarfile
import tempfile
from pathlib import Path

from release.backup import MEDIA
from release.contents import (
    LEDGER,
    Contents,
    archived_uploads,
    compare,
    count_rows,
    read_dump,
    sum_up_ledger,
    uploads_in,
    uploads_on_volume,
)
from release.pods import Pod, Problem, Release

# Reads the dump as a whole before anything is touched. PostgreSQL before 17 does not know the timeout that a newer
# pg_restore switches off.
PREPARE = """
set -eu
pg_restore --no-owner --no-privileges --file=/work/restore.sql /work/database.dump
sed -i "1,50s/^SET transaction_timeout = 0;$/\
SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout';/" /work/restore.sql
"""
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
# An archive without them is another application's.
OURS = {"django_migrations", "accounts_user", "shop_order", LEDGER}


def restore(release: Release, source: Path, *, is_sure: bool) -> None:
    """Replace the release's database and uploads by the archive's, and compare.

    All of the database is replaced, or nothing.
    """
    with tarfile.open(source) as archive, release.database_client() as client:
        tell(archive, source)
        print(f"It goes into the release {release.name} in {release.namespace}: {release.database}")
        expected = unpack(client, archive)
        confirm(release, client, expected, is_sure=is_sure)
        with release.closed():
            client.shell(REPLACE)
            restore_uploads(release, client, archive, expected)
            compare(expected, found_in(release, client, expected))
            release.migrate()
    release.web_pod.run("python", "manage.py", "check_integrity")
    print(f"Restored into {release.name}.")


def tell(archive: tarfile.TarFile, source: Path) -> None:
    """Say what the archive is of."""
    missing = {"manifest.json", "database.dump"} - set(archive.getnames())
    if missing:
        raise Problem(f"{source} is no backup: it has no {' and no '.join(sorted(missing))}.")
    manifest = json.load(archive.extractfile("manifest.json"))
    print(f"{source}: version {manifest.get('version')}, made at {manifest.get('made_at')}")


def unpack(client: Pod, archive: tarfile.TarFile) -> Contents:
    """Bring the dump into the pod and make it ready, changing nothing yet. Gives what the archive holds."""
    client.send(archive.extractfile("database.dump"), "sh", "-c", "cat > /work/database.dump")
    client.shell(PREPARE)
    with client.reading("cat", "/work/restore.sql") as lines:
        rows, ledger = read_dump(lines)
    if missing := sorted(OURS - set(rows)):
        raise Problem(
            f"This is no backup of this shop: it lacks {', '.join(missing)}. Nothing was changed. "
            "Tables of another application cannot be taken over."
        )
    return Contents(rows, ledger, archived_uploads(archive))


def found_in(release: Release, client: Pod, expected: Contents) -> Contents:
    """What the release holds now; of its uploads those that have something to be compared with."""
    is_comparable = release.has_media() and expected.uploads is not None
    uploads = uploads_on_volume(client) if is_comparable else None
    return Contents(count_rows(client), sum_up_ledger(client), uploads)


def confirm(release: Release, client: Pod, expected: Contents, *, is_sure: bool) -> None:
    """Go on when nobody would miss what the database has, or when whoever runs this says so."""
    rows = count_rows(client)
    found = f"{rows.get('shop_order', 0)} orders and {rows.get('accounts_user', 0)} accounts"
    strange = [name for name in sorted(set(rows) - set(expected.rows)) if rows[name]]
    if is_sure or (found == "0 orders and 0 accounts" and not strange):
        return
    print(f"There are {found} now. All of it will be replaced.")
    if strange:
        print(f"These tables are not in the archive, and go for good: {', '.join(strange)}")
    if not sys.stdin.isatty():
        raise Problem("Nothing was changed. To go on without being asked: SURE=yes")
    if input(f"Type {release.name} to go on: ").strip() != release.name:
        raise Problem("Nothing was changed.")


def restore_uploads(release: Release, client: Pod, archive: tarfile.TarFile, expected: Contents) -> None:
    """Put the uploads where those of the release live. A bucket keeps what else it has, a volume does not."""
    if expected.uploads is None:
        print("There are no uploads in the archive, they were in their bucket. Those of the release stay.")
    elif release.has_media():
        client.run("find", MEDIA, "-mindepth", "1", "-delete")
        send_uploads(archive, client, "tar", "-C", MEDIA, "--no-same-owner", "-xf", "-")
    else:
        with release.application() as pod:
            send_uploads(archive, pod, "python", "manage.py", "restore_uploads")
        print(f"{len(expected.uploads)} uploads went into the bucket.")


def send_uploads(archive: tarfile.TarFile, pod: Pod, *command: str) -> None:
    with tempfile.TemporaryFile() as scratch:
        with tarfile.open(fileobj=scratch, mode="w") as uploads:
            for member in uploads_in(archive):
                name = member.name.removeprefix("media/")
                uploads.addfile(member.replace(name=name, deep=False), archive.extractfile(member))
        scratch.seek(0)
        pod.send(scratch, *command)
