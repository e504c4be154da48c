"""Pages of a list without counting its rows: one more row than fits is asked for, and tells that there is more."""

from dataclasses import dataclass

from django.db.models import QuerySet

LAST_PAGE = 200  # skipping rows costs more the deeper one goes; filters lead further than leafing


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the numbers of its neighbours (``None`` where there is none)."""

    rows: list
    number: int
    later: int | None

    @property
    def earlier(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def parameter(self) -> int | None:
        """The number as the page's own address has it: none for the first page."""
        return self.number if self.number > 1 else None

    @property
    def is_beyond_the_end(self) -> bool:
        return self.number > 1 and not self.rows


def page_number(text: str | None) -> int:
    """Read a page's number from an address. Whatever is no number of a page means the first one."""
    if text and len(text) <= len(str(LAST_PAGE)) and text.isascii() and text.isdecimal():
        return min(max(int(text), 1), LAST_PAGE)
    return 1


def page_of(rows: QuerySet, number: int, *, size: int) -> Page:
    """Fetch a page of the ordered rows in one query."""
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    has_more = len(found) > size and number < LAST_PAGE
    return Page(found[:size], number, number + 1 if has_more else None)
