"""One id for everything that a request sets in motion: log lines, mails, payments, background work.

The proxy may send it; otherwise it is made here. It is only a label: nothing is decided by it. The module imports
nothing of Django, so that gunicorn can write logs before Django is there.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-ID"
MOST_CHARACTERS = 64
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")  # what ingresses and load balancers make, and no word more
ENVIRON = "shop.request_id"  # where the access log finds it

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of what is being done here and now; empty outside of requests and tasks."""
    return _current.get()


def new() -> str:
    return uuid.uuid4().hex


def take(request_id: str) -> None:
    """From here on whatever this thread does belongs to the given id."""
    _current.set(request_id)


@contextmanager
def belonging_to(request_id: str) -> Iterator[None]:
    """Do the block under the given id, as when the worker sends the mail that a request has written."""
    before = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(before)
