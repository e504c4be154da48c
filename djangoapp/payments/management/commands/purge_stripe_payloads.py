from django.core.management.base import BaseCommand

from payments import purge


class Command(BaseCommand):
    help = "Delete old raw requests and events of Stripe's webhook. The worker does so daily."

    def handle(self, *args, **options) -> None:
        def say(words: str) -> None:
            self.stdout.write(f"… {words}")
            self.stdout.flush()

        requests, events = purge.purge_requests(say), purge.purge_events(say)
        self.stdout.write(f"Deleted {requests} requests and {events} events.")
