"""Who came to a session: asked of whoever keeps the door, which the shop does not know."""

from collections.abc import Callable, Collection

from shop.models import Session

# Returns the primary keys of the lines whose people came; ``None`` where nobody kept a list.
WhoCame = Callable[[Session], Collection[int] | None]
_doors: list[WhoCame] = []


def register(who_came: WhoCame) -> None:
    """Let an app above the shop tell who came."""
    _doors.append(who_came)


def who_came(session: Session) -> set[int] | None:
    """The lines whose people came, or ``None`` if nobody knows."""
    lists = [known for door in _doors if (known := door(session)) is not None]
    return {pk for known in lists for pk in known} if lists else None
