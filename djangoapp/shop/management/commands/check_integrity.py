from django.core.management.base import BaseCommand, CommandError

from shop.services.inspection import inspect


class Command(BaseCommand):
    help = (
        "Compare places, orders, coupons, money and what hangs on them; "
        "lists what does not add up, tells the studio what is new, and then ends with an error."
    )

    def handle(self, *args, **options):
        found = inspect()
        for problem in found:
            self.stderr.write(f"{problem.kind}: {problem.about}: {problem.text}")
        if found:
            raise CommandError(f"{len(found)} things do not add up.")
        self.stdout.write("Places, orders, coupons and money agree, and all that hangs on them.")
