"""Answers for whoever asks whether this process is alive and whether it may serve."""

import threading

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from core.schema import missing_migrations

_schema_is_ready = threading.Event()


def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers; the database is not asked, or its outage would restart every process."""
    return HttpResponse("alive\n", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """Ready when the database answers and no migration known to this code is missing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not schema_is_ready():
            return HttpResponse("migrations are missing\n", status=503, content_type="text/plain")
    except DatabaseError:
        return HttpResponse("no database\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")


def schema_is_ready() -> bool:
    """Return whether every migration known to this code is applied. Once true it is not asked again.

    A schema that is ahead of the code counts as ready: after a rollback the older code must serve.
    """
    if not _schema_is_ready.is_set() and not missing_migrations():
        _schema_is_ready.set()
    return _schema_is_ready.is_set()
