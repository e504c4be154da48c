"""A month as a calendar shows it: weeks from Monday to Sunday, and on each day the sessions that run there."""

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import formats

from shop.models import Session
from shop.querysets import SMALL_HOURS

SHOWN_PER_DAY = 3  # the rest of a full day is one link away
_WEEKS = calendar.Calendar(firstweekday=calendar.MONDAY)


@dataclass(frozen=True, order=True)
class Month:
    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> "Month | None":
        """Read ``2026-12``, or return ``None``."""
        found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def label(self) -> str:
        return formats.date_format(self.first, "F Y")

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return self.first.replace(day=calendar.monthrange(self.year, self.number)[1])

    @property
    def previous(self) -> "Month":
        return Month.of(self.first - timedelta(days=1))

    @property
    def next(self) -> "Month":
        return Month.of(self.last + timedelta(days=1))


@dataclass
class Day:
    """One cell. ``entries`` are what the caller made of the day's sessions, soonest first; ``url`` lists them."""

    date: date
    url: str
    is_in_month: bool
    is_today: bool
    is_past: bool
    entries: list = field(default_factory=list)

    @property
    def shown(self) -> list:
        return self.entries[:SHOWN_PER_DAY]

    @property
    def hidden(self) -> int:
        """How many entries are not shown."""
        return max(len(self.entries) - SHOWN_PER_DAY, 0)

    @property
    def label(self) -> str:
        return formats.date_format(self.date, "l j F")


def weeks_of(
    month: Month,
    entries: Iterable[tuple[Session, object]],
    *,
    today: date,
    url_of: Callable[[date], str],
) -> list[list[Day]]:
    """Lay out a month. Each entry stands on every day on which its session runs, on the clock of its own place."""
    weeks = [
        [Day(day, url_of(day), Month.of(day) == month, day == today, day < today) for day in week]
        for week in _WEEKS.monthdatescalendar(month.year, month.number)
    ]
    days = {day.date: day for week in weeks for day in week if day.is_in_month}
    for session, entry in entries:
        first, last = session.local_start.date(), (session.local_end - SMALL_HOURS).date()
        for number in range(max((last - first).days, 0) + 1):
            if day := days.get(first + timedelta(days=number)):
                day.entries.append(entry)
    return weeks
