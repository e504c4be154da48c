"""Very many rows at once, past the model layer, for sets that are made to measure by.

The rows are complete: nothing is filled in, and ``save`` is not called. All constraints of the database hold.
"""

import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Max, Model

# What a value of a backslash, tab or line's end is written as for COPY.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve(model: type[Model], many: int) -> list[int]:
    """Take so many primary keys that nobody else gets. Call it in the transaction that writes them."""
    if connection.vendor != "postgresql":  # SQLite: whoever writes is alone
        last = model.objects.aggregate(last=Max("pk"))["last"] or 0
        return list(range(last + 1, last + 1 + many))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, many],
        )
        return [pk for (pk,) in cursor.fetchall()]


def values_of(row: Model) -> list:
    """The values of a row as ``write`` takes them: one for each column, in the order of the model's fields."""
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]


def write(model: type[Model], rows: Iterable[Sequence]) -> None:
    """Write rows of values as from ``values_of``; on PostgreSQL by COPY."""
    fields = model._meta.concrete_fields
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lines = io.StringIO("".join("\t".join(map(_as_text, row)) + "\n" for row in rows))
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", lines)
            return
        marks = ", ".join(["%s"] * len(fields))
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - names of our own
            [
                [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)]
                for row in rows
            ],
        )


def settle(models: Iterable[type[Model]]) -> None:
    """Let the database know what it holds now, as it would find out by itself in time. Not within a transaction."""
    with connection.cursor() as cursor:
        for model in models:
            how = "VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE"
            cursor.execute(f"{how} {connection.ops.quote_name(model._meta.db_table)}")


def _as_text(value) -> str:
    return _TEXTS[type(value)](value)


_TEXTS = {
    type(None): lambda _nothing: "\\N",
    str: lambda text: text.translate(_ESCAPES) if "\\" in text or not text.isprintable() else text,
    int: str,
    bool: lambda truth: "t" if truth else "f",
    Decimal: str,
    datetime: datetime.isoformat,
    dict: lambda content: json.dumps(content).translate(_ESCAPES),
    list: lambda content: json.dumps(content).translate(_ESCAPES),
}
