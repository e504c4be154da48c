"""Who may make a noise: tests run side by side, but for what must not be disturbed.

Every test takes part in the noise while it runs. ``alone()`` waits until nobody else does, and keeps it so. Whoever
waits to be alone goes before those that come later; who does little but wait is ``quiet()`` and keeps nobody from it.
``CLUSTER_TURNS`` is the folder of the locks, which other programs may share (``flock --shared $CLUSTER_TURNS/noise``).
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


@cache
def _lock(name: str) -> int:
    folder = Path(os.environ["CLUSTER_TURNS"])
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(folder / name, os.O_RDWR | os.O_CREAT)


def begin() -> None:
    """Say where the locks are, to this process and those that it starts."""
    os.environ.setdefault("CLUSTER_TURNS", tempfile.mkdtemp(prefix="turns-"))


@contextmanager
def noisy() -> Iterator[None]:
    """Make a noise, as others do."""
    _take(fcntl.LOCK_SH)
    try:
        yield
    finally:
        fcntl.flock(_lock("noise"), fcntl.LOCK_UN)


@contextmanager
def alone() -> Iterator[None]:
    """Within ``noisy``: be the only one."""
    fcntl.flock(_lock("noise"), fcntl.LOCK_UN)
    _take(fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(_lock("noise"), fcntl.LOCK_SH)  # from the one to the other nobody can come between


@contextmanager
def quiet() -> Iterator[None]:
    """Within ``noisy``: make next to none for a while; somebody may be alone meanwhile."""
    fcntl.flock(_lock("noise"), fcntl.LOCK_UN)
    try:
        yield
    finally:
        _take(fcntl.LOCK_SH)


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Do what two processes must not do at once; others go on meanwhile."""
    fcntl.flock(_lock(what), fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(_lock(what), fcntl.LOCK_UN)


def _take(kind: int) -> None:
    fcntl.flock(_lock("queue"), fcntl.LOCK_EX)
    try:
        fcntl.flock(_lock("noise"), kind)
    finally:
        fcntl.flock(_lock("queue"), fcntl.LOCK_UN)
