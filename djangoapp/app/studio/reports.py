"""Reports of the books: turnover, tax, projects and ways of paying, to look at and to take along."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from app.studio import report_tables as tables
from app.studio.access import for_staff_with
from app.studio.report_tables import Table
from attendance.rights import may_work_at_door
from core import exports
from core.charts import Chart, Series, columns
from core.money import display
from shop.admin.ledger import rows_of
from shop.services import reports
from shop.services.reports import STEPS, Span, today

MOST_PIECES = 400
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
TABLES = {
    "turnover": tables.by_time,
    "tax": lambda span, _step: tables.by_tax(span),
    "projects": lambda span, _step: tables.by_project(span),
    "providers": lambda span, _step: tables.by_provider(span),
    "account": tables.of_account,
}


class SpanForm(forms.Form):
    """From which day to which, on the studio's clock, and in which steps."""

    mark_optional = False

    first = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Until and with"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    step = forms.ChoiceField(
        label=gettext_lazy("By"),
        choices=[
            ("day", gettext_lazy("Day")),
            ("week", gettext_lazy("Week")),
            ("month", gettext_lazy("Month")),
            ("year", gettext_lazy("Year")),
        ],
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if cleaned["first"] > cleaned["last"]:
            raise ValidationError({"last": _("The last day comes after the first.")})
        if cleaned["first"] < FIRST_DAY or cleaned["last"] > LAST_DAY:
            raise ValidationError({"first": _("Choose days between 2000 and 2199.")})
        if len(STEPS[cleaned["step"]].pieces(self.span)) > MOST_PIECES:
            raise ValidationError(
                {
                    "step": _("That would be more than %(most)d rows: choose longer steps.")
                    % {"most": MOST_PIECES}
                }
            )
        return cleaned

    @property
    def span(self) -> Span:
        return Span(self.cleaned_data["first"], self.cleaned_data["last"])


@require_safe
@never_cache
@for_staff_with("shop.view_ledgerentry")
def page(request: HttpRequest) -> HttpResponse:
    """For the owner and the accountant: what the books say of a span of days."""
    form = asked(request)
    context: dict[str, Any] = {
        "form": form,
        "presets": presets(),
        "has_door": may_work_at_door(request.user),
    }
    if form.is_valid():
        span, step = form.span, form.cleaned_data["step"]
        found = {name: make(span, step) for name, make in TABLES.items()}
        over_time, account = found["turnover"], found["account"]
        context |= {
            "span": span,
            "step": step,
            "tables": [table for name, table in found.items() if table.rows or name != "account"],
            "total": reports.total(figures for _raw, _words, figures in over_time.rows),
            "account": account.total if account.rows else None,
            "chart": _chart(over_time),
            "query": urlencode({"first": span.first, "last": span.last, "step": step}),
            "currency": settings.SHOP_CURRENCY,
        }
    return render(request, "studio/reports.html", context, status=200 if form.is_valid() else 422)


@require_safe
@never_cache
@for_staff_with("shop.view_ledgerentry")
def table_csv(request: HttpRequest, table: str) -> StreamingHttpResponse:
    """For the owner and the accountant: one table, or all entries of the span, as CSV, written while it is read."""
    name, rows = _file(request, table)
    return exports.download(f"{name}.csv", rows)


@require_safe
@never_cache
@for_staff_with("shop.view_ledgerentry")
def table_xlsx(request: HttpRequest, table: str) -> FileResponse:
    """The same as a workbook."""
    name, rows = _file(request, table)
    return exports.download_workbook(f"{name}.xlsx", rows, sheet=table.capitalize())


def asked(request: HttpRequest) -> SpanForm:
    """What was asked for; this year by month unless something was."""
    day = today()
    asked = {"first": day.replace(month=1, day=1), "last": day, "step": "month"}
    return SpanForm(asked | request.GET.dict())


def _file(request: HttpRequest, table: str) -> tuple[str, Iterable[list[Any]]]:
    form = asked(request)
    if not form.is_valid():
        raise Http404
    span = form.span
    name = f"{table}-{span.first}-{span.last}"
    if table == "entries":
        return name, rows_of(span.all_entries.order_by("booked_at", "pk"))
    if table == "statement":
        return name, tables.statement_rows(span)
    if table not in TABLES:
        raise Http404
    return name, TABLES[table](span, form.cleaned_data["step"]).for_file()


def presets() -> list[tuple[str, str]]:
    """The spans that are asked for most, each with its address."""
    day = today()
    month, year = day.replace(day=1), day.replace(month=1, day=1)
    last_month_end, last_year_end = month - timedelta(days=1), year - timedelta(days=1)
    quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    last_quarter_end = quarter - timedelta(days=1)
    spans = (
        (_("This month"), month, day, "day"),
        (_("Last month"), last_month_end.replace(day=1), last_month_end, "day"),
        (_("This quarter"), quarter, day, "week"),
        (
            _("Last quarter"),
            date(last_quarter_end.year, last_quarter_end.month - 2, 1),
            last_quarter_end,
            "week",
        ),
        (_("This year"), year, day, "month"),
        (_("Last year"), last_year_end.replace(month=1, day=1), last_year_end, "month"),
    )
    return [
        (label, "?" + urlencode({"first": first, "last": last, "step": step}))
        for label, first, last, step in spans
    ]


def _chart(table: Table) -> Chart:
    return columns(
        "turnover",
        _("Sold and cancelled"),
        [words for _raw, words, _figures in table.rows],
        [
            Series(
                _("Sold and kept"),
                [figures.sold + figures.changed + figures.fees for _raw, _words, figures in table.rows],
            ),
            Series(
                _("Cancelled"),
                [figures.cancelled + figures.taken_off for _raw, _words, figures in table.rows],
                "d",
            ),
        ],
        along=table.head,
        write=display,
    )
