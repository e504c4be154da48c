from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments.endpoint import provision


class Command(BaseCommand):
    help = "Write Stripe's webhook endpoint from the environment into dj-stripe's table. Safe to repeat."

    def handle(self, *args, **options):
        if not settings.STRIPE_WEBHOOK_SECRET:
            raise CommandError("Set DJANGOAPP_STRIPE_WEBHOOK_SECRET (whsec_…) first.")
        endpoint = provision()
        self.stdout.write(f"Stripe's notifications are expected at {endpoint.url}")
