"""Who came to a session: asked of whoever keeps the door, which the shop does not know."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from shop.models import OrderLine, Session


@dataclass(frozen=True)
class Door:
    """What an app above the shop tells. Both speak of lines by their primary keys."""

    who_came: Callable[[Session], Collection[int] | None]  # ``None`` where nobody kept a list
    which_came: Callable[[Collection[int]], Collection[int]]  # of these lines


_doors: list[Door] = []


def register(door: Door) -> None:
    """Let an app above the shop tell who came."""
    _doors.append(door)


def who_came(session: Session) -> set[int] | None:
    """The lines whose people came, or ``None`` if nobody knows."""
    lists = [known for door in _doors if (known := door.who_came(session)) is not None]
    return {pk for known in lists for pk in known} if lists else None


def which_came(lines: Iterable[OrderLine]) -> set[int]:
    """Those of these lines whose people came, by their primary keys, however many sessions they are of."""
    pks = [line.pk for line in lines]
    return {pk for door in _doors for pk in door.which_came(pks)} if pks else set()
