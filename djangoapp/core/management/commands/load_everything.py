"""Used while the image is built, with bytecode being written: in the container nobody can write it any more.

It also shows that the image lacks nothing of what it may need.
"""

import pkgutil
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.urls import get_resolver

NEVER_LOADED = {"tests", "settings", "standin", "__main__"}
# What is loaded by name, or at its first use, and by no module of ours.
LATE = [
    "django.contrib.sessions.backends.cached_db",
    "django.contrib.sessions.backends.db",
    "django.core.cache.backends.db",
    "django.core.mail.backends.smtp",
    "django.core.management.commands.migrate",
    "django.core.management.commands.shell",
    "django_q.management.commands.qcluster",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "uharfbuzz",
    "xlsxwriter",
]


class Command(BaseCommand):
    help = "Load every module of the project, and what it stands on."
    requires_system_checks = ()  # they would look for a database

    def handle(self, **options) -> None:
        for name in LATE:
            import_module(name)
        loaded = [module for module in self._modules() if import_module(module)]
        _all_views = get_resolver().url_patterns
        if settings.MEDIA_BUCKET:
            _client = default_storage.connection
        self.stdout.write(f"{len(loaded)} modules of the project are loaded.")

    def _modules(self) -> list[str]:
        found = []
        for config in apps.get_app_configs():
            if Path(config.path).is_relative_to(settings.BASE_DIR):
                folders = pkgutil.walk_packages([config.path], f"{config.name}.")
                found += [module.name for module in folders if not NEVER_LOADED & set(module.name.split("."))]
        return found
