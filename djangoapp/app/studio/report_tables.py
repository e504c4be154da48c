"""The tables of the reports: the same rows for the page, CSV and XLSX."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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
from shop.services import matching, provider_accounts, reports
from shop.services.provider_accounts import AccountFigures
from shop.services.reports import Figures, Span

Column = tuple[Promise, Callable[[Any], int | Decimal]]

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
# Of the account at a payment provider.
PAYMENTS: Column = (gettext_lazy("Payments"), lambda figures: figures.payments)
PAID: Column = (gettext_lazy("Received"), lambda figures: figures.paid)
PROVIDER_FEES: Column = (gettext_lazy("Its fees"), lambda figures: figures.fees)
OTHER: Column = (gettext_lazy("Something else"), lambda figures: figures.other)
PAID_OUT: Column = (gettext_lazy("Paid out to the bank"), lambda figures: figures.paid_out)
CHANGE: Column = (gettext_lazy("Change of its balance"), lambda figures: figures.change)


@dataclass(frozen=True)
class Table:
    """Rows with their sums. ``name`` is part of its address and of its files."""

    name: str
    title: str
    head: str  # what the first column holds
    columns: tuple[Column, ...]
    rows: list[tuple[Any, str, Any]]  # as a file has it, as the page has it, the sums
    nothing: Any = field(default_factory=Figures)  # what no rows sum to

    @property
    def heads(self) -> list[str]:
        return [self.head, *(str(label) for label, _value in self.columns)]

    @property
    def shown(self) -> list[list[str]]:
        return [[words, *self._cells(figures)] for _raw, words, figures in self.rows]

    @property
    def shown_total(self) -> list[str]:
        return [_("Together"), *self._cells(self.total)]

    @property
    def total(self) -> Any:
        return sum((figures for _raw, _words, figures in self.rows), self.nothing)

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
    columns = (PLACES, SOLD, CANCELLED, TAKEN_OFF, FEES, TURNOVER, TAX, NET, RECEIVED, RETURNED, DISPUTED)
    return Table("turnover", _("Turnover and money"), _head(step), columns, rows)


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


def of_account(span: Span, step: str) -> Table:
    """What moved on the accounts at payment providers. No rows where nothing ever did."""
    rows = [(on, in_words(on, step), figures) for on, figures in provider_accounts.by_time(span, step)]
    columns = (PAYMENTS, PAID, RETURNED, DISPUTED, PROVIDER_FEES, OTHER, PAID_OUT, CHANGE)
    title = _("Account at the payment service")
    return Table("account", title, _head(step), columns, rows, AccountFigures())


def statement_rows(span: Span) -> Iterable[list[Any]]:
    """Every payment, refund and dispute as the provider's statement and as our books tell it."""
    yield ["booked", "match", "kind", "provider", "reference", "order", "at the provider", "here", "currency"]
    for row in matching.everything(span):
        yield [
            row.at,
            row.match.value,
            row.kind.value,
            row.provider,
            row.reference,
            row.order_code,
            row.there,
            row.here,
            row.currency,
        ]


def _head(step: str) -> str:
    return {"day": _("Day"), "week": _("Week from"), "month": _("Month"), "year": _("Year")}[step]


def in_words(day: date, step: str) -> str:
    """A piece of a span by its first day: ``28 Nov 2026``, ``November 2026``, ``2026``."""
    pattern = {"day": "D j M Y", "week": "j M Y", "month": "F Y", "year": "Y"}[step]
    return formats.date_format(day, pattern)
