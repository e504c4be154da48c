"""Rows that are only ever added: written at once, or together at the end of a block of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Model

_waiting: ContextVar[list[Model] | None] = ContextVar("rows_waiting", default=None)


@contextmanager
def in_one_go() -> Iterator[None]:
    """Write the rows that are added within the block at its end, in one statement for each model.

    The block lies within the transaction of what the rows tell of: if that fails, neither it nor they remain.
    """
    rows: list[Model] = []
    before = _waiting.set(rows)
    try:
        yield
    finally:
        _waiting.reset(before)
    _write(rows)


def add(*rows: Model) -> None:
    """Add rows now, or at the end of the block that is being written in one go."""
    waiting = _waiting.get()
    if waiting is None:
        _write(rows)
    else:
        waiting.extend(rows)


def _write(rows: list[Model] | tuple[Model, ...]) -> None:
    for model in dict.fromkeys(type(row) for row in rows):
        model.objects.bulk_create([row for row in rows if type(row) is model])
