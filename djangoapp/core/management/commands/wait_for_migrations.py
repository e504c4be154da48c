"""What an init container runs before the shop or the worker starts."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from core.schema import missing_migrations

PAUSE_SECONDS = 2


class Command(BaseCommand):
    help = (
        "Wait until the database answers and no migration that this code knows is missing. "
        "A database that is ahead of the code is good enough."
    )
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--timeout",
            type=float,
            default=600,
            help="give up after so many seconds; 600 unless said otherwise",
        )

    def handle(self, *, timeout: float, **options) -> None:
        deadline = time.monotonic() + timeout
        told = ""
        while reason := self._reason_to_wait():
            if reason != told:
                self.stdout.write(f"Waiting: {reason}.")
                told = reason
            if time.monotonic() >= deadline:
                raise CommandError(f"Gave up after {timeout:g} seconds: {reason}.")
            time.sleep(min(PAUSE_SECONDS, max(0, deadline - time.monotonic())))
        self.stdout.write("The database has every migration of this version.")

    def _reason_to_wait(self) -> str:
        try:
            missing = missing_migrations()
        except DatabaseError as error:
            connection.close()
            return f"the database does not answer ({type(error).__name__})"
        if not missing:
            return ""
        first = ".".join(missing[0])
        return f"{len(missing)} migrations are missing, {first} first"
