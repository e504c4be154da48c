"""After a test that commits, the tables that have rows are emptied, and nothing else is touched.

Django empties all of some hundred and fifty tables and has every app fill in its permissions and roles anew, which
takes longer than most of these tests. Here permissions and roles stay, unless a test changed them.
"""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = ("django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions")

LARGE_BYTES = 200_000


def kept_rows() -> list[list[tuple]]:
    with connection.cursor() as cursor:
        found = []
        for table in KEPT[1:]:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found.append(cursor.fetchall())
    return found


def forget_large_tables(tables: list[str]) -> None:
    """PostgreSQL still reads rows that are gone until it tidies up, also those of transactions rolled back."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_relation_size(oid) > %s",
            [tables, LARGE_BYTES],
        )
        if large := [table for (table,) in cursor.fetchall()]:
            cursor.execute(f"TRUNCATE {', '.join(large)} CASCADE")


def tables_with_rows(tables: list[str]) -> list[str]:
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [table for (table,) in cursor.fetchall()]


@transaction.atomic
def empty(tables: list[str]) -> None:
    """Keys are looked at when it is committed: nothing is left then that could refer to anything."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture(autouse=True, scope="session")
def _only_what_was_written_is_emptied() -> None:
    everything: Callable = TransactionTestCase._fixture_teardown
    kept: list = []

    def teardown(self) -> None:
        if not kept or kept_rows() != kept:
            everything(self)
            kept[:] = kept_rows()
        else:
            tables = sorted(set(connection.introspection.table_names()) - set(KEPT))
            forget_large_tables(tables)
            empty(tables_with_rows(tables))

    TransactionTestCase._fixture_teardown = teardown
