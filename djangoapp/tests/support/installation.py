"""A whole shop in processes of its own, on a PostgreSQL of its own: web server and worker, to be stopped and killed."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from tests.support.gunicorn import DJANGOAPP, environment
from tests.support.outages import Server
from tests.support.servers import Mailbox

WAIT_SECONDS = 60

PREPARE = """
import django
django.setup()
from django.core.management import call_command
from pytest_django.fixtures import _disable_migrations
_disable_migrations()
call_command("migrate", run_syncdb=True, verbosity=0)
from shop.tests.factories import SessionFactory
print(SessionFactory(capacity={places}).slug)
"""


@dataclass
class Installation:
    """What its processes have in common: the database, where mail goes, and further ``variables``."""

    folder: Path
    server: Server
    mailbox: Mailbox
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, str]:
        return {
            **self.server.variables,
            "DJANGOAPP_EMAIL_HOST": self.mailbox.host,
            "DJANGOAPP_EMAIL_PORT": str(self.mailbox.port),
            "DJANGOAPP_EMAIL_USE_TLS": "false",
            "DJANGOAPP_RATE_LIMIT_FACTOR": "1000000",
            "DJANGOAPP_WORKER_HEARTBEAT": str(self.folder / "heartbeat"),
            **self.variables,
        }

    def run(self, code: str, **more: str) -> str:
        """Run some Python within the shop and return the last line that it prints, if any."""
        command = [sys.executable, "-W", "ignore", "-c", code]
        told = environment(self.folder, **self.known, **more)
        said = subprocess.check_output(command, cwd=DJANGOAPP, env=told, text=True)
        return said.strip().rpartition("\n")[2]

    def json(self, code: str) -> dict:
        """The same, where that line is JSON."""
        return json.loads(self.run(code))

    def prepare(self, *, places: int) -> str:
        """Fill the empty database with one session that has so many places, and return its slug."""
        return self.run(PREPARE.format(places=places), DJANGO_SETTINGS_MODULE="app.settings.test")

    def start_worker(self) -> subprocess.Popen:
        """Start the worker. Its processes are a group of their own."""
        with (self.folder / "worker.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-W", "ignore", "manage.py", "worker"],
                cwd=DJANGOAPP,
                env=environment(self.folder, **self.known),
                stderr=log,
                start_new_session=True,
            )

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen]:
        """Run a worker until the block ends; it must then end by itself, and in peace."""
        heartbeat = self.folder / "heartbeat"
        heartbeat.unlink(missing_ok=True)
        worker = self.start_worker()
        try:
            wait_until(heartbeat.exists, "the worker does not begin")
            yield worker
        finally:
            worker.terminate()
            assert worker.wait(timeout=WAIT_SECONDS) == 0

    def ask(self, question: str):
        """One value from the database."""
        with (
            psycopg2.connect(host=str(self.server.home), dbname="postgres", user="shop") as line,
            line.cursor() as cursor,
        ):
            cursor.execute(question)
            return cursor.fetchone()[0]


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
