"""What we know about somebody: told on request, and forgotten when they go.

Each app registers its part in its ``AppConfig.ready``, so that nothing here imports upwards. There are two ways to go.
Whoever deletes their own account is *forgotten*: what hangs on the account goes, and orders stay as they are. Whoever
asks the studio is *erased*: names and addresses go from everything that the law lets us change, also from what
they did as a guest.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User

Told = Iterable[tuple[str, object]]


@dataclass(frozen=True)
class Person:
    """Somebody whom we know by an e-mail address, with an account or without. ``email`` is in small letters."""

    email: str
    user: User | None = None

    @property
    def addresses(self) -> list[str]:
        """All addresses that we know to be theirs. One that waits to be confirmed may be anybody's."""
        known = {self.email}
        if self.user is not None:
            known.add(self.user.email.lower())
            confirmed = EmailAddress.objects.filter(user=self.user, verified=True)
            known.update(confirmed.values_list("email", flat=True))
        return sorted(known)


def find(email: str) -> Person:
    """The person behind an address, whether we know anything of them or not."""
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    if user is None:
        address = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
        user = address and address.user
    return Person(email, user)


def keep_everything(_user: User) -> None:
    """Forget nothing: what this part holds goes with the user's row, or the law wants it kept."""


def know_no_guests(_email: str) -> Told:
    """Tell nothing: this part knows people by their accounts alone."""
    return ()


def change_nothing(_person: Person) -> Mapping[str, int]:
    """Erase nothing beyond what is forgotten."""
    return {}


def hold_nobody(_person: Person) -> Iterable[str]:
    """Nothing here stands against erasing anybody."""
    return ()


@dataclass(frozen=True)
class Part:
    """One app's share. ``tell`` yields names with a value, or with an iterator for what may be long.

    ``erase`` returns how many of what it has changed. ``hold`` gives the reasons why somebody must not be erased yet.
    """

    tell: Callable[[User], Told]
    forget: Callable[[User], None]
    tell_guest: Callable[[str], Told] = know_no_guests
    erase: Callable[[Person], Mapping[str, int]] = change_nothing
    hold: Callable[[Person], Iterable[str]] = hold_nobody

    def tell_person(self, person: Person) -> Told:
        return self.tell(person.user) if person.user is not None else self.tell_guest(person.email)


_parts: dict[str, Part] = {}


def register(
    name: str, tell: Callable[[User], Told], *, forget: Callable[[User], None] = keep_everything, **more
) -> None:
    """Add an app's part; ``more`` as in ``Part``.

    ``forget`` and ``erase`` run in the transaction in which the person goes, before a user's row does.
    """
    _parts[name] = Part(tell, forget, **more)


def forget(user: User) -> None:
    """Let every app forget the person. Apps register from the top down, and so do they let go."""
    for part in _parts.values():
        part.forget(user)


def erase(person: Person) -> Counter[str]:
    """Let every app take the person's name and addresses out of what it keeps. Returns how many of what it changed."""
    changed: Counter[str] = Counter()
    for part in _parts.values():
        changed.update(part.erase(person))
    return +changed


def reasons_to_keep(person: Person) -> list[str]:
    """Why the person must not be erased yet; empty when nothing stands against it."""
    return [reason for part in _parts.values() for reason in part.hold(person)]


def outline(person: Person) -> list[tuple[str, str, int]]:
    """How much we know: the part, what it is called there, and how many of it, without those that are none."""
    found = []
    for name, part in reversed(_parts.items()):
        for key, value in part.tell_person(person):
            if isinstance(value, list | Iterator) and (many := sum(1 for _one in value)):
                found.append((name, key, many))
    return found


def as_json(person: Person) -> Iterator[str]:
    """Tell everything, as pieces of one JSON document: a long history is never in memory at once."""
    yield "{"
    for number, (name, part) in enumerate(reversed(_parts.items())):
        yield f"{',' if number else ''}\n{_json(name)}: {{"
        for place, (key, value) in enumerate(part.tell_person(person)):
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
