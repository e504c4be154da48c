from django.core.management.base import BaseCommand, CommandError

from shop.services.integrity import problems


class Command(BaseCommand):
    help = (
        "Compare places, orders, coupons, money and what hangs on them; "
        "lists what does not add up and then ends with an error."
    )

    def handle(self, *args, **options):
        found = problems()
        for problem in found:
            self.stderr.write(f"{problem.kind}: {problem.about}: {problem.text}")
        if found:
            raise CommandError(f"{len(found)} things do not add up.")
        self.stdout.write("Places, orders, coupons and money agree, and all that hangs on them.")
