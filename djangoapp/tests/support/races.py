"""Many threads at the same moment, each on a connection of its own."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import connections

THREADS = 20


def at_once(jobs: list[Callable]) -> Counter:
    """Run the jobs on many connections at the same moment and count how they ended."""
    start = threading.Barrier(min(THREADS, len(jobs)))

    def run(job: Callable) -> str:
        with suppress(threading.BrokenBarrierError):  # after the first rush the rest follow one by one
            start.wait(timeout=1)
        try:
            job()
        except Exception as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return "ok"

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(run, jobs))
