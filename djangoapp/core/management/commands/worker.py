from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django_q.cluster import Cluster

from core.jobs import ensure_schedules


class Command(BaseCommand):
    help = "Run background work (mails, payments that need a second look, clean-up) until stopped."

    def handle(self, *args, **options):
        ensure_schedules()
        cluster = Cluster()
        cluster.start()
        if settings.IS_MEASURED:
            from core import metrics

            metrics.answer_on(metrics.open_port(settings.METRICS_PORT))
        # Signals to stop are the cluster's: it lets the tasks under way end.
        cluster.sentinel.join()
        if cluster.sentinel.exitcode:
            raise CommandError("The worker has died.")
