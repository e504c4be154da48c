"""A database that goes away, as it does in a failover: for real, on PostgreSQL."""

from contextlib import closing

from django.db import connection


def end_my_connection() -> None:
    """Let the server end this thread's connection, as it does when it stops. The next statement meets the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
