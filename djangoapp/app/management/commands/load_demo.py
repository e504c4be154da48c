"""Fill the shop with demo data."""

from argparse import ArgumentTypeError
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from accounts.demo import PASSWORD
from app.large_set import loading
from app.large_set.plan import Plan
from core.exceptions import DomainError
from shop.demo import accounts


class Command(BaseCommand):
    help = (
        "Load the demo data. Repeating it changes nothing, and on a later day adds the sessions to come. With numbers "
        "a large set is loaded as well; after an interruption the same numbers go on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        large = parser.add_argument_group("a large set, to measure the shop by")
        large.add_argument("--projects", type=_number, metavar="N", help="default: one for each 100 sessions")
        large.add_argument("--sessions", type=_number, metavar="N")
        large.add_argument("--bookings", type=_number, metavar="N", help="default: ten for each session")

    def handle(self, *args, **options) -> None:
        if not settings.ALLOW_DEMO_DATA:
            raise CommandError("These settings do not allow demo data: its accounts have a known password.")
        plan = _plan_of(options)
        say = self.stdout.write if self.stdout.isatty() else lambda line: None
        for load in demos():
            load(say)
        if plan:
            try:
                loading.load(plan, say)
            except DomainError as refusal:
                raise CommandError(str(refusal)) from None
        self.stdout.write(f"Demo accounts, all with the password {PASSWORD}:")
        for email, what in accounts():
            self.stdout.write(f"  {email:24} {what}")


def demos() -> list:
    """The ``demo.load`` of each app that has one, those first on which others stand: imports run downwards."""
    found = []
    for config in reversed(list(apps.get_app_configs())):
        if module_has_submodule(config.module, "demo"):
            module = import_module(f"{config.name}.demo")
            found += [module.load] if hasattr(module, "load") else []
    return found


def _plan_of(options: dict) -> Plan | None:
    """The large set that is asked for, if one is."""
    sessions, projects, bookings = (options[name] for name in ("sessions", "projects", "bookings"))
    if sessions is None and projects is None and bookings is None:
        return None
    if not sessions:
        raise CommandError("Say how many sessions the large set shall have: --sessions N.")
    return Plan(
        projects=max(1, sessions // 100) if projects is None else max(1, projects),
        sessions=sessions,
        bookings=sessions * 10 if bookings is None else bookings,
        now=timezone.now(),
    )


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a number.")
    return int(text)
