"""Answers for whoever asks whether this process is alive and whether it may serve."""

import threading

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

from core.schema import missing_migrations

_schema_is_ready = threading.Event()


def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers; the database is not asked, or its outage would restart every process."""
    return HttpResponse("alive\n", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """Ready when the database answers, takes what is written, and lacks no migration known to this code."""
    try:
        if not database_takes_writes():
            return HttpResponse("the database is read-only\n", status=503, content_type="text/plain")
        if not schema_is_ready():
            return HttpResponse("migrations are missing\n", status=503, content_type="text/plain")
    except Error:
        return HttpResponse("no database\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")


def database_takes_writes() -> bool:
    """Ask the database whether it is the one that takes writes. If not, the next to ask connects anew.

    After a failover a connection may lead to a server that has stepped down. Raises ``django.db.Error``.
    """
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()" if is_postgres else "SELECT false")
        (has_stepped_down,) = cursor.fetchone()
    if has_stepped_down:
        connection.close()
    return not has_stepped_down


def schema_is_ready() -> bool:
    """Return whether every migration known to this code is applied. Once true it is not asked again.

    A schema that is ahead of the code counts as ready: after a rollback the older code must serve.
    """
    if not _schema_is_ready.is_set() and not missing_migrations():
        _schema_is_ready.set()
    return _schema_is_ready.is_set()
