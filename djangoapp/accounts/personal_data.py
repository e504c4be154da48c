"""What we know about somebody: told on request, and forgotten when they go.

Each app registers its part in its ``AppConfig.ready``, so that nothing here imports upwards.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User


def keep_everything(_user: User) -> None:
    """Forget nothing: what this part holds goes with the user's row, or the law wants it kept."""


@dataclass(frozen=True)
class Part:
    """One app's share. ``tell`` yields names with a value, or with an iterator for what may be long."""

    tell: Callable[[User], Iterable[tuple[str, object]]]
    forget: Callable[[User], None]


_parts: dict[str, Part] = {}


def register(
    name: str,
    tell: Callable[[User], Iterable[tuple[str, object]]],
    *,
    forget: Callable[[User], None] = keep_everything,
) -> None:
    """Add an app's part. ``forget`` runs in the transaction that deletes the user, before the row goes."""
    _parts[name] = Part(tell, forget)


def forget(user: User) -> None:
    """Let every app forget the person. Apps register from the top down, and so do they let go."""
    for part in _parts.values():
        part.forget(user)


def as_json(user: User) -> Iterator[str]:
    """Tell everything, as pieces of one JSON document: a long history is never in memory at once."""
    yield "{"
    for number, (name, part) in enumerate(reversed(_parts.items())):
        yield f"{',' if number else ''}\n{_json(name)}: {{"
        for place, (key, value) in enumerate(part.tell(user)):
            yield f"{',' if place else ''}\n  {_json(key)}: "
            yield from _list(value) if isinstance(value, Iterator) else [_json(value)]
        yield "\n}"
    yield "\n}\n"


def _list(values: Iterator[object]) -> Iterator[str]:
    yield "["
    for number, value in enumerate(values):
        yield f"{',' if number else ''}\n    {_json(value)}"
    yield "\n  ]"


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
