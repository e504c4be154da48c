from datetime import datetime, time

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from core.exceptions import DomainError
from shop.providers import offered
from shop.services import statements


class Command(BaseCommand):
    help = "Fetch what moved on the accounts at the payment providers. The worker does so hourly. Safe to interrupt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", metavar="YYYY-MM-DD", help="begin again from this day on the studio's clock"
        )

    def handle(self, *args, **options) -> None:
        since = _midnight(options["since"]) if options["since"] else None

        def say(words: str) -> None:
            self.stdout.write(f"… {words}")
            self.stdout.flush()

        new = 0
        for offer in offered():
            if since and offer.provider.is_online:
                statements.begin_again(offer.name, since)
            try:
                new += statements.fetch(offer.name, say)
            except DomainError as refusal:
                raise CommandError(f"{offer.name}: {refusal} Run it again to go on.") from None
        self.stdout.write(f"{new} movements were new.")


def _midnight(text: str) -> datetime:
    day = parse_date(text)
    if day is None:
        raise CommandError(f"{text!r} is not a day such as 2026-01-31.")
    return datetime.combine(day, time.min, timezone.get_default_timezone())
