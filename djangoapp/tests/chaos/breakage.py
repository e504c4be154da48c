"""How processes and databases die, so that it looks to the shop like the real thing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from django.db import connection, connections
from django.utils.module_loading import import_string


class Killed(BaseException):
    """The process is gone. No ``except Exception`` of the shop gets to see it, as with SIGKILL."""


@contextmanager
def killed_at_statement(number: int) -> Iterator[None]:
    """Let this thread's work end before its ``number``-th SQL statement: what was not committed is lost."""
    seen = 0

    def count(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen >= number:
            raise Killed
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(count):
            yield
    except Killed:
        connection.close()


def drop_connections() -> None:
    """Let the database server end every connection but this one, in the middle of whatever they do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


class TaskQueue:
    """Stands in for the queue's hand-over: tasks wait until somebody works, twice at times, or are lost."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = threading.Lock()
        self._tasks: list[tuple[str, tuple]] = []

    def put(self, task: str, *arguments) -> None:
        with self._lock:
            self._tasks.append((task, arguments))

    def __len__(self) -> int:
        return len(self._tasks)

    def take(self) -> tuple[str, tuple] | None:
        """Any waiting task; one in ten stays in the queue, as if its worker had died after the work."""
        with self._lock:
            if not self._tasks:
                return None
            at = self._random.randrange(len(self._tasks))
            return self._tasks[at] if self._random.random() < 0.1 else self._tasks.pop(at)

    def lose(self) -> None:
        """Forget everything that waits."""
        with self._lock:
            self._tasks.clear()


def run(task: str, arguments: tuple) -> None:
    import_string(task)(*arguments)


def at_the_same_moment(*jobs) -> list[BaseException]:
    """Run the jobs in threads of their own, and return what they raised."""
    raised: list[BaseException] = []

    def work(job) -> None:
        try:
            job()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
