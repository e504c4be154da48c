"""What a backup holds, and what a release holds, in figures that can be compared."""

import hashlib
import json
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from release.backup import MEDIA
from release.pods import Pod, Problem

LEDGER = "shop_ledgerentry"
COPY = re.compile(r'COPY public\."?(\w+)"? \((.*)\) FROM stdin;')
COUNT_EVERY_TABLE = r"""
SELECT format('SELECT %L, count(*) FROM public.%I', tablename, tablename) FROM pg_tables
WHERE schemaname = 'public' ORDER BY tablename \gexec
"""
SUM_UP_LEDGER = "SELECT kind || ' ' || currency, sum(amount) FROM shop_ledgerentry GROUP BY 1"


@dataclass
class Contents:
    """Rows of each table, sums of the ledger by kind and currency, SHA-256 of each upload.

    ``uploads`` is None when they are in a bucket.
    """

    rows: dict[str, int]
    ledger: dict[str, Decimal]
    uploads: dict[str, str] | None

    def __str__(self) -> str:
        lines = [f"{len(self.rows)} tables with {sum(self.rows.values())} rows"]
        lines += [f"the ledger’s sum of {kind}: {amount}" for kind, amount in sorted(self.ledger.items())]
        if self.uploads is not None:
            lines.append(f"{len(self.uploads)} uploads, by their checksums")
        return "\n".join(f"  {line}" for line in lines)


def read_dump(lines: Iterable[bytes]) -> tuple[dict[str, int], dict[str, Decimal]]:
    """Rows of each table and sums of the ledger, by the SQL that pg_restore makes of a dump."""
    rows: dict[str, int] = {}
    ledger: dict[str, Decimal] = defaultdict(Decimal)
    table = ""
    for raw in lines:
        line = raw.rstrip(b"\n").decode(errors="replace")
        if not table:
            if begins := COPY.fullmatch(line):
                table, columns = begins[1], [each.strip('"') for each in begins[2].split(", ")]
                rows[table] = 0
        elif line == r"\.":
            table = ""
        else:
            rows[table] += 1
            if table == LEDGER:
                entry = dict(zip(columns, line.split("\t"), strict=True))
                ledger[f"{entry['kind']} {entry['currency']}"] += Decimal(entry["amount"])
    return rows, dict(ledger)


def count_rows(client: Pod) -> dict[str, int]:
    """Rows of each table that the database has now."""
    return {name: int(rows) for name, rows in (line.split("|") for line in client.ask(COUNT_EVERY_TABLE))}


def sum_up_ledger(client: Pod) -> dict[str, Decimal]:
    return {kind: Decimal(amount) for kind, amount in (line.split("|") for line in client.ask(SUM_UP_LEDGER))}


def uploads_in(archive: tarfile.TarFile) -> list[tarfile.TarInfo]:
    return [each for each in archive if each.isfile() and each.name.startswith("media/")]


def archived_uploads(archive: tarfile.TarFile) -> dict[str, str] | None:
    """Checksums of the uploads, or nothing where they stayed in their bucket."""
    checksums = {
        each.name.removeprefix("media/"): hashlib.file_digest(archive.extractfile(each), "sha256").hexdigest()
        for each in uploads_in(archive)
    }
    manifest = json.load(archive.extractfile("manifest.json"))
    return None if manifest.get("media") == "in their bucket" else checksums


def uploads_on_volume(client: Pod) -> dict[str, str]:
    said = client.shell(f"cd {MEDIA} && find . -type f -exec sha256sum {{}} +").decode()
    lines = (line.split("  ", 1) for line in said.splitlines())
    return {name.removeprefix("./"): checksum for checksum, name in lines}


def compare(expected: Contents, found: Contents) -> None:
    """Say what was compared: uploads only where both have some. Raises ``Problem`` that lists each difference."""
    uploads = (expected.uploads or {}, found.uploads) if found.uploads is not None else ({}, {})
    differences = [
        f"{what} {name}: {before.get(name, 'nothing')} in the archive, {after.get(name, 'nothing')} in the release"
        for what, before, after in (
            ("rows of", expected.rows, found.rows),
            ("the ledger’s sum of", expected.ledger, found.ledger),
            ("checksum of", *uploads),
        )
        for name in sorted(before | after)
        if before.get(name) != after.get(name)
    ]
    if differences:
        raise Problem("\n  ".join(["The release differs from the archive:", *differences]))
    print(f"The release holds what the archive holds:\n{found}")
