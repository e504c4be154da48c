"""What becomes of a request that the database leaves in the lurch: it restarts, or another server takes over.

A page that is only looked at is made once more, on a fresh connection: so far nobody has seen anything of it. Whatever
might have changed something is not done twice: its transaction was rolled back, or it was committed and only the word
of it was lost, and nobody here can tell. The visitor reads that on a page of its own (503, with ``Retry-After``).
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus

from django.core.signals import got_request_exception
from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection, connections
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from prometheus_client import Counter

REPEATABLE = {"GET", "HEAD"}
PATIENCE_SECONDS = 2.0  # a restart takes less, the choice of another server often does
PAUSE_SECONDS = 0.1
RETRY_AFTER_SECONDS = 5
# So many requests of a process wait for the database at a time. The others are answered at once, so that somebody is
# left to answer probes.
MOST_WAITING = 2
AWAY = "shop.database_is_away"

# What PostgreSQL says when it stops, starts, has been stopped, has no connection left, or has stepped down. See the
# appendix "PostgreSQL Error Codes" of its manual.
AWAY_CODES = {"57P01", "57P02", "57P03", "57P05", "53300", "25006"}
AWAY_CLASS = "08"

met = Counter(
    "shop_requests_without_database_total",
    "Requests that the database left in the lurch: made once more, or refused.",
    ["outcome"],
)

_waiting = threading.BoundedSemaphore(MOST_WAITING)


def is_away(error: BaseException | None) -> bool:
    """Whether an error says that the database is not there, or not the one that takes writes.

    Looks also at the errors from which it came. A lock that was not to be had, say, is something else.
    """
    return any(_says_so(found) for found in _with_causes(error))


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _says_so(error: BaseException) -> bool:
    if not isinstance(error, Error):
        return False
    if "Cannot open a new connection in an atomic block" in str(error):
        return True  # somebody went on after the end of the connection
    driver_error = error.__cause__
    if not hasattr(driver_error, "pgcode"):
        return False  # not PostgreSQL's
    code = driver_error.pgcode
    if code is None:
        # It did not come from the server: there was none, or the line broke.
        return isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError
    return code in AWAY_CODES or code.startswith(AWAY_CLASS)


@receiver(got_request_exception)
def note(request: HttpRequest | None = None, **kwargs) -> None:
    """Leave word for the middleware: by the time it hears of an error, that has become an answer."""
    if request is not None and is_away(sys.exc_info()[1]):
        request.META[AWAY] = True


class FailoverMiddleware:
    """Stands around everything that asks the database, and within everything that dresses the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        untouched = dict(vars(request))
        response = self.get_response(request)
        if not request.META.pop(AWAY, False):
            return response
        connections.close_all()
        if request.method in REPEATABLE and comes_back():
            # What the first try hung onto the request (session, user, messages) goes with it.
            vars(request).clear()
            vars(request).update(untouched)
            response = self.get_response(request)
            if not request.META.pop(AWAY, False):
                met.labels("made once more").inc()
                return response
            connections.close_all()
        met.labels("refused").inc()
        return unavailable(request)


def comes_back() -> bool:
    """Connect anew: at once, or after a moment if not too many wait already."""
    if _connects():
        return True
    if not _waiting.acquire(blocking=False):
        return False
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
            if _connects():
                return True
        return False
    finally:
        _waiting.release()


def _connects() -> bool:
    try:
        connection.ensure_connection()
    except Error:
        return False
    return True


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that it did not work now, in the form that was asked for; and what may have happened, where something may."""
    is_harmless = request.method in REPEATABLE
    if request.path.startswith("/api/") or not request.accepts("text/html"):
        detail = _("The database is not available at the moment. Please try again shortly.")
        if not is_harmless:
            detail = _("The database went away. Look whether it was done before you try again.")
        status = HTTPStatus.SERVICE_UNAVAILABLE
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
        response: HttpResponse = JsonResponse(problem, content_type="application/problem+json")
    else:
        context = {"is_harmless": is_harmless, "address": request.get_full_path()}
        response = render(None, "503.html", context)
    response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response
