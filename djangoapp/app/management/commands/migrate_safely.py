"""What the migration job runs: whatever an installation needs before this version serves."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, connection

ADVISORY_LOCK = 7_406_121_833  # any number that nobody else takes
PAUSE_SECONDS = 2
LOCK_NOT_AVAILABLE = "55P03"


class Command(BaseCommand):
    help = (
        "Wait for the database, and bring it in step with this version: one at a time, however many try. "
        "Then upload style sheets and scripts, where a bucket is named for them, and write Stripe's webhook "
        "endpoint, if there is one. Safe to repeat."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--timeout", type=float, default=600, help="seconds to wait for the database, and for others"
        )
        parser.add_argument(
            "--lock-timeout",
            type=float,
            default=5,
            help="seconds that a change waits for a table in use; whoever wants the table meanwhile waits behind it",
        )
        parser.add_argument(
            "--attempts", type=int, default=10, help="how often to try when a table stays in use"
        )

    def handle(self, *, timeout: float, lock_timeout: float, attempts: int, **options) -> None:
        deadline = time.monotonic() + timeout
        self._wait_for_database(deadline)
        with self._alone(deadline):
            self._migrate(lock_timeout, attempts)
        if settings.STATIC_BUCKET:
            # Former versions keep theirs: names carry their content's hash.
            call_command("collectstatic", interactive=False, verbosity=0)
        if settings.STRIPE_WEBHOOK_SECRET:
            call_command("provision_stripe_webhook", stdout=self.stdout)

    def _wait_for_database(self, deadline: float) -> None:
        is_told = False
        while True:
            try:
                connection.ensure_connection()
                return
            except OperationalError as error:
                if time.monotonic() >= deadline:
                    raise CommandError("The database does not answer.") from error
            if not is_told:
                self.stdout.write("Waiting for the database …")
                is_told = True
            time.sleep(PAUSE_SECONDS)

    @contextmanager
    def _alone(self, deadline: float) -> Iterator[None]:
        """Keep other jobs out. The lock belongs to the connection: it goes when this process does, however it ends."""
        if connection.vendor != "postgresql":
            yield
            return
        is_told = False
        while not self._ask("SELECT pg_try_advisory_lock(%s)", ADVISORY_LOCK):
            if time.monotonic() >= deadline:
                raise CommandError("Another process has been migrating this database all the time.")
            if not is_told:
                self.stdout.write("Another process is migrating this database: waiting for it …")
                is_told = True
            time.sleep(PAUSE_SECONDS)
        try:
            yield
        finally:
            if connection.is_usable():
                self._ask("SELECT pg_advisory_unlock(%s)", ADVISORY_LOCK)

    def _migrate(self, lock_timeout: float, attempts: int) -> None:
        """Apply what is missing. A change that cannot have its table at once lets the visitors go first."""
        if connection.vendor == "postgresql":
            self._ask("SELECT set_config('lock_timeout', %s, false)", f"{lock_timeout:g}s")
            self._ask("SELECT set_config('idle_in_transaction_session_timeout', '0', false)")
        for attempt in range(1, attempts + 1):
            try:
                call_command("migrate", interactive=False, stdout=self.stdout)
                return
            except DatabaseError as error:
                is_in_use = getattr(error.__cause__, "pgcode", "") == LOCK_NOT_AVAILABLE
                if not is_in_use or attempt == attempts:
                    raise
            self.stdout.write(f"A table was in use for {lock_timeout:g} seconds: trying again.")
            time.sleep(PAUSE_SECONDS)

    def _ask(self, statement: str, *values: object) -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]
