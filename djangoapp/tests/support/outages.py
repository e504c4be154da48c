"""A database that goes away, as it does in a failover: for real, on PostgreSQL."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

sys.path.append(str(Path(__file__).resolve().parents[3] / "tools"))

import postgres


def end_my_connection(of=connection) -> None:
    """Let the server end this thread's connection, as it does when it stops. The next statement meets the end."""
    with of.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@contextmanager
def once_before(statement: str, happens: Callable[[], None] = end_my_connection) -> Iterator[None]:
    """Let something happen right before the first statement of this thread that contains these words."""
    is_over = False

    def watch(execute, sql, params, many, context):
        nonlocal is_over
        if not is_over and statement in sql:
            is_over = True
            happens()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert is_over, f"no statement contained {statement!r}"


def become_read_only() -> None:
    """Let this connection lead to a server that has stepped down: it can be read, and refuses what is written."""
    with connection.cursor() as cursor:
        cursor.execute("SET transaction_read_only = on")
        cursor.execute("SET default_transaction_read_only = on")


@dataclass
class Server:
    """A PostgreSQL of a test's own, which may be stopped and started."""

    home: Path
    process: subprocess.Popen

    @property
    def variables(self) -> dict[str, str]:
        return {
            "DATABASE_HOSTNAME": str(self.home),
            "DATABASE_NAME": "postgres",
            "DATABASE_USER": postgres.USER,
        }

    def stop(self) -> None:
        """Break off whatever is under way, and go."""
        postgres.stop(self.process)

    def start(self) -> None:
        self.process = postgres.start(self.home)


@contextmanager
def own_server() -> Iterator[Server]:
    # Not in the test's folder: a socket's path may have 107 characters, and the server's user must get there.
    home = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
    server = Server(home, postgres.start(home))
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(home)
