"""Compare the counters of polls with the ballots behind them."""

from django.core.management.base import BaseCommand, CommandError

from polls.models import Poll
from polls.services import recount


class Command(BaseCommand):
    help = "Count the ballots of polls anew and put right counters that say something else."

    def add_arguments(self, parser) -> None:
        parser.add_argument("slugs", nargs="*", help="polls, by the end of their address; all without any")
        parser.add_argument("--check", action="store_true", help="change nothing; fail if something differs")

    def handle(self, *, slugs: list[str], check: bool, **options) -> None:
        polls = Poll.objects.order_by("pk")
        if slugs:
            polls = polls.filter(slug__in=slugs)
            unknown = set(slugs) - set(polls.values_list("slug", flat=True))
            if unknown:
                raise CommandError(f"There is no poll {', '.join(sorted(unknown))}.")
        found = [miscount for poll in polls.iterator() for miscount in recount(poll, is_mending=not check)]
        for wrong in found:
            self.stdout.write(f"{wrong.poll.slug}, {wrong.what}: said {wrong.said}, are {wrong.counted}")
        if check and found:
            raise CommandError(f"{len(found)} counters are wrong.")
        self.stdout.write(f"{len(found)} counters put right." if found else "All counters are right.")
