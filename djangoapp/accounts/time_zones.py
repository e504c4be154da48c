"""Time zones as people look for them: by a city, the common ones first."""

from functools import cache
from zoneinfo import available_timezones

COMMON = (
    "Europe/Zurich",
    "Europe/Berlin",
    "Europe/Vienna",
    "Europe/Paris",
    "Europe/Rome",
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Madrid",
    "Europe/Warsaw",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
)
REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@cache
def names() -> tuple[str, ...]:
    """All zones that belong to a place, the common ones first: ``Europe/Zurich``."""
    others = sorted(name for name in available_timezones() if name.startswith(REGIONS) and "/" in name)
    return (*COMMON, *(name for name in others if name not in COMMON))


def label(name: str) -> str:
    """``Zurich, Europe`` for ``Europe/Zurich``: the city first, as one would type it."""
    return ", ".join(part.replace("_", " ") for part in reversed(name.split("/")))


@cache
def labels() -> tuple[str, ...]:
    """What ``label`` makes of all ``names``."""
    return tuple(label(name) for name in names())


def find(text: str) -> str | None:
    """Return the zone that somebody means by ``Zurich, Europe``, ``europe/zurich`` or just ``zurich``."""
    wanted = _plain(text)
    return _by_words().get(wanted)


@cache
def _by_words() -> dict[str, str]:
    known: dict[str, str] = {}
    for name in names():  # common ones first: they win where two places share a name
        for words in (name, label(name), name.rpartition("/")[2]):
            known.setdefault(_plain(words), name)
    return known


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("/", " / ").replace(",", " , ").split())
