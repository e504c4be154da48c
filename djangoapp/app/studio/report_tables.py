"""The tables of the reports: the same rows for the page, CSV and XLSX."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import exponent
from core.templatetags.money import percent
from shop.order_page import provider_label
from shop.services import reports
from shop.services.reports import Figures, Span

Column = tuple[Promise, Callable[[Figures], int | Decimal]]

PLACES: Column = (gettext_lazy("Places"), lambda figures: figures.places)
SOLD: Column = (gettext_lazy("Sold"), lambda figures: figures.sold + figures.changed)
CANCELLED: Column = (gettext_lazy("Cancelled"), lambda figures: figures.cancelled)
TAKEN_OFF: Column = (gettext_lazy("Taken off"), lambda figures: figures.taken_off)
FEES: Column = (gettext_lazy("Fees kept"), lambda figures: figures.fees)
TURNOVER: Column = (gettext_lazy("Turnover"), lambda figures: figures.turnover)
TAX: Column = (gettext_lazy("Tax in it"), lambda figures: figures.tax)
NET: Column = (gettext_lazy("Net"), lambda figures: figures.net)
RECEIVED: Column = (gettext_lazy("Received"), lambda figures: figures.received)
RETURNED: Column = (gettext_lazy("Refunded"), lambda figures: figures.returned)
DISPUTED: Column = (gettext_lazy("Disputed"), lambda figures: figures.disputed)
MONEY: Column = (gettext_lazy("Money"), lambda figures: figures.money)


@dataclass(frozen=True)
class Table:
    """Rows with their sums. ``name`` is part of its address and of its files."""

    name: str
    title: str
    head: str  # what the first column holds
    columns: tuple[Column, ...]
    rows: list[tuple[Any, str, Figures]]  # as a file has it, as the page has it, the sums

    @property
    def heads(self) -> list[str]:
        return [self.head, *(str(label) for label, _value in self.columns)]

    @property
    def shown(self) -> list[list[str]]:
        return [[words, *self._cells(figures)] for _raw, words, figures in self.rows]

    @property
    def shown_total(self) -> list[str]:
        return [_("Together"), *self._cells(reports.total(figures for _raw, _words, figures in self.rows))]

    def for_file(self) -> Iterable[list[Any]]:
        """The rows with plain numbers, beneath their heads."""
        yield self.heads
        for raw, _words, figures in self.rows:
            yield [raw, *(value(figures) for _label, value in self.columns)]

    def _cells(self, figures: Figures) -> list[str]:
        return [plain(value(figures)) for _label, value in self.columns]


def plain(value: int | Decimal) -> str:
    """A number without its currency; amounts have all their decimals, so that they stand below one another."""
    decimals = exponent(settings.SHOP_CURRENCY) if isinstance(value, Decimal) else 0
    written = formats.number_format(abs(value), decimal_pos=decimals, force_grouping=True)
    return f"−{written}" if value < 0 else written


def by_time(span: Span, step: str) -> Table:
    rows = [(on, in_words(on, step), figures) for on, figures in reports.by_time(span, step)]
    head = {"day": _("Day"), "week": _("Week from"), "month": _("Month"), "year": _("Year")}[step]
    columns = (PLACES, SOLD, CANCELLED, TAKEN_OFF, FEES, TURNOVER, TAX, NET, RECEIVED, RETURNED, DISPUTED)
    return Table("turnover", _("Turnover and money"), head, columns, rows)


def by_tax(span: Span) -> Table:
    rows = [
        (f"{name} {rate}", f"{percent(rate)} {name}", figures) for name, rate, figures in reports.by_tax(span)
    ]
    return Table("tax", _("Tax by rate"), _("Tax"), (TURNOVER, NET, TAX), rows)


def by_project(span: Span) -> Table:
    rows = [(title, title, figures) for title, figures in reports.by_project(span)]
    columns = (PLACES, SOLD, CANCELLED, TAKEN_OFF, FEES, TURNOVER, TAX)
    return Table("projects", _("Turnover by project"), _("Project"), columns, rows)


def by_provider(span: Span) -> Table:
    rows = [(name, provider_label(name), figures) for name, figures in reports.by_provider(span)]
    columns = (RECEIVED, RETURNED, DISPUTED, MONEY)
    return Table("providers", _("Money by way of paying"), _("Paid by"), columns, rows)


def in_words(day: date, step: str) -> str:
    """A piece of a span by its first day: ``28 Nov 2026``, ``November 2026``, ``2026``."""
    pattern = {"day": "D j M Y", "week": "j M Y", "month": "F Y", "year": "Y"}[step]
    return formats.date_format(day, pattern)
