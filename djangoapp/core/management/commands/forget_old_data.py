from django.core.management.base import BaseCommand

from core import retention


class Command(BaseCommand):
    help = "Forget what is about people and older than we keep it. The worker does so daily."

    def handle(self, **options) -> None:
        for name, many in retention.forget_what_is_old().items():
            self.stdout.write(f"{many:8} {name}")
