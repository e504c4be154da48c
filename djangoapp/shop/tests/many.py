"""Very many rows, quickly, for tests of how the database finds a few of them."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Model

MANY = 20_000


def multiply(row: Model, many: int = MANY, **changed: str) -> None:
    """Copy a row many times; ``changed`` has the SQL of what differs, from the copy's number ``n``.

    Copies get the primary keys that follow the row's, when it is the newest of its table.
    """
    table = row._meta.db_table
    names = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    changed = {f"{name}_id" if f"{name}_id" in names else name: sql for name, sql in changed.items()}
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f's."{name}"') for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} s, generate_series(1, {many}) n "
            "WHERE s.id = %s",
            [row.pk],
        )


def analyze(models: Iterable[type[Model]]) -> None:
    """Let the database know what it holds now, as it would find out by itself in time."""
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {model._meta.db_table}")
