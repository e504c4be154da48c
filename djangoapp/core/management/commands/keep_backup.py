"""Keep a dump of the database, with the uploads, where backups are kept."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.backups import Bucket, Folder, name_at, outdated, write_archive


class Command(BaseCommand):
    help = (
        "Delete archives that are outdated from a folder or a bucket; then pack a dump that pg_dump made, and the "
        "uploaded files, into one archive there."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("dump", type=Path, help="file that pg_dump --format=custom wrote")
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("--folder", type=Path, help="where archives are kept")
        place.add_argument("--bucket", help="bucket where archives are kept")
        parser.add_argument("--prefix", default="", help="what names in the bucket begin with")
        parser.add_argument("--keep-days", type=int, default=30, help="older archives are deleted …")
        parser.add_argument("--keep-at-least", type=int, default=7, help="… but never the newest so many")

    def handle(self, *, dump: Path, folder: Path | None, bucket: str, prefix: str, **options) -> None:
        if not dump.exists() or not dump.stat().st_size:
            raise CommandError(f"{dump} is missing or empty.")
        shelf = Folder(folder) if folder else Bucket(bucket, prefix)
        now = timezone.now()
        limits = {name: options[name] for name in ("keep_days", "keep_at_least")}
        # First, or a volume that has become full would stay so.
        for name in outdated(shelf.names(), at=now, **limits):
            shelf.delete(name)
            self.stdout.write(f"Deleted {name}.")
        with shelf.writing(name_at(now)) as target:
            size = write_archive(dump, target, made_at=now)
        self.stdout.write(f"Kept {name_at(now)}, {size} bytes.")
