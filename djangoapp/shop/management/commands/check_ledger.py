from django.core.management.base import BaseCommand, CommandError

from core.money import display
from shop.models import LedgerEntry
from shop.services import books


class Command(BaseCommand):
    help = "Sum up the ledger and compare it with the orders; ends with an error if it differs from one."

    def handle(self, *args, **options):
        for balance in books.balances(LedgerEntry.objects.all()):
            for label, amount in balance.rows:
                self.stdout.write(f"{label:28} {display(amount, balance.currency):>16}")
            self.stdout.write(
                f"{'Owed to buyers':28} {display(balance.owed_to_buyers, balance.currency):>16}"
            )
        found = list(books.disagreements())
        for problem in found:
            self.stderr.write(f"{problem.about}: {problem.text}")
        if found:
            raise CommandError(f"The ledger differs from {len(found)} orders.")
        self.stdout.write("The ledger sums to the orders.")
