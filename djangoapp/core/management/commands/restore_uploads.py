"""Put uploads of a backup back where uploads live."""

import sys
import tarfile

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Read a tar of uploads from the standard input and keep each file under its own name, on the volume or in the "
        "bucket, in the place of one that is there. What else is there stays. Safe to repeat."
    )

    def handle(self, *args, **options) -> None:
        count = 0
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as uploads:
            for member in filter(tarfile.TarInfo.isfile, uploads):
                content = ContentFile(uploads.extractfile(member).read())
                default_storage.delete(member.name)  # or it would be kept beside it, under another name
                default_storage.save(member.name, content)
                count += 1
        self.stdout.write(f"Kept {count} uploads.")
