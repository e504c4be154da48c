from django.core.management import call_command
from django.core.management.base import BaseCommand

from core.jobs import ensure_schedules


class Command(BaseCommand):
    help = "Run background work (mails, payments that need a second look, clean-up) until stopped."

    def handle(self, *args, **options):
        ensure_schedules()
        call_command("qcluster")
