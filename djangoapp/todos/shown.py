"""Items and lists as somebody sees them: dates in words, on their own clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import formats
from django.utils.translation import gettext as _

from todos.models import TodoItem
from todos.querysets import Clock


@dataclass(frozen=True)
class Row:
    """One item, and how it stands by this clock."""

    item: TodoItem
    clock: Clock

    @property
    def is_overdue(self) -> bool:
        item = self.item
        if item.is_done or item.due_on is None:
            return False
        if item.due_on == self.clock.today:
            return item.due_time is not None and item.due_time < self.clock.time
        return item.due_on < self.clock.today

    @property
    def is_due_today(self) -> bool:
        return not self.item.is_done and self.item.due_on == self.clock.today

    @property
    def tone(self) -> str:
        """The colour of the date's badge; its words say the same."""
        if self.is_overdue:
            return "bad"
        return "few" if self.is_due_today else "plain"

    @property
    def due_words(self) -> str:
        """``Today, 14:00``, ``Tomorrow``, ``Overdue since Mon 3 Nov``."""
        item = self.item
        if item.due_on is None:
            return ""
        day = day_words(item.due_on, self.clock)
        hour = f", {item.due_time:%H:%M}" if item.due_time is not None else ""
        if self.is_overdue:
            return _("Overdue since %(when)s") % {"when": f"{_lower(day, item.due_on, self.clock)}{hour}"}
        return f"{day}{hour}"


def day_words(day, clock: Clock) -> str:
    """A day as people call it."""
    if day == clock.today:
        return _("Today")
    if day == clock.today + timedelta(days=1):
        return _("Tomorrow")
    if day == clock.today - timedelta(days=1):
        return _("Yesterday")
    return formats.date_format(day, "D j M" if day.year == clock.today.year else "D j M Y")


def _lower(words: str, day, clock: Clock) -> str:
    """The words of a day within a sentence: today and its neighbours lose their capital, names of days do not."""
    is_near = abs((day - clock.today).days) <= 1
    return words.lower() if is_near else words


def rows_of(items: Iterable[TodoItem], clock: Clock) -> list[Row]:
    return [Row(item, clock) for item in items]
