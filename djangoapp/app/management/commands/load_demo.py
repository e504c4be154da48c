"""Fill the shop with demo data."""

from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import module_has_submodule

from accounts.demo import PASSWORD
from shop.demo import accounts


class Command(BaseCommand):
    help = "Load the demo data. Repeating it changes nothing, and on a later day adds the sessions to come."

    def handle(self, *args, **options) -> None:
        if not settings.ALLOW_DEMO_DATA:
            raise CommandError("These settings do not allow demo data: its accounts have a known password.")
        is_watched = self.stdout.isatty()
        for load in demos():
            load(self.stdout.write if is_watched else lambda line: None)
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
