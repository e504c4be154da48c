"""Attendance sheets, to look at, to print, and as files."""

from dataclasses import replace
from datetime import timedelta

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attendance.forms import PeriodForm, SheetForm
from attendance.services import guest_list
from attendance.services import sheets as services
from attendance.services.sheets import Sheet
from attendance.views.access import door_page, session_of
from core import exports
from core.pages import page_number, page_of

ENTRIES_PER_PAGE = 100
PERIOD_DAYS = 90
EMPTY_LINES = 6  # on paper, for people without a ticket


@require_safe
@door_page
def sheets(request: HttpRequest) -> HttpResponse:
    """Who came: on a day, to a session, at a gate; in numbers, as a drawing, and one by one."""
    form, sheet = asked(request)
    entries = services.entries_of(request.user, sheet)
    doors = [(door, services.rate_of(door)) for door in services.doors_of(request.user, sheet)]
    gates = services.by_gate(services.entries_of(request.user, replace(sheet, gate="")))
    context = {
        "form": form,
        "sheet": sheet,
        "doors": doors,
        "gates": gates,
        "came": entries.count(),
        "without_ticket": sum(door.counts.walk_ins for door, _rate in doors),
        "total": services.sum_of("", [rate for _door, rate in doors]),
        "chart": services.arrivals_chart(entries),
        "page": page_of(
            entries.select_related("session__project", "recorded_by"),
            page_number(request.GET.get("page")),
            size=ENTRIES_PER_PAGE,
        ),
    }
    return render(request, "attendance/sheets.html", context)


@require_safe
@door_page
def sheet_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same sheet as CSV, written while it is read."""
    _form, sheet = asked(request)
    rows = services.table_rows(services.entries_of(request.user, sheet))
    return exports.download(f"{file_name(sheet)}.csv", rows)


@require_safe
@door_page
def sheet_xlsx(request: HttpRequest) -> FileResponse:
    """The same sheet as a workbook."""
    _form, sheet = asked(request)
    rows = services.table_rows(services.entries_of(request.user, sheet))
    return exports.download_workbook(f"{file_name(sheet)}.xlsx", rows)


@require_safe
@door_page
def sign_in_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who is expected, with a line to sign on: for paper."""
    session = session_of(request, pk)
    guests = [guest for guest in guest_list(session) if guest.is_expected]
    context = {"session": session, "guests": guests, "empty_lines": range(EMPTY_LINES)}
    return render(request, "attendance/sheets_print.html", context)


@require_safe
@door_page
def show_rates(request: HttpRequest) -> HttpResponse:
    """How many of those expected came, project by project, over a stretch of days."""
    today = timezone.localdate()
    form = PeriodForm(request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    last = given.get("last") or today
    first = given.get("first") or last - timedelta(days=PERIOD_DAYS)
    if not form.is_bound:
        form = PeriodForm(initial={"first": first, "last": last})
    rates = services.show_rates(request.user, first, last)
    context = {
        "form": form,
        "first": first,
        "last": last,
        "rates": rates,
        "chart": services.show_rate_chart(rates),
        "total": services.sum_of("", rates),
    }
    return render(request, "attendance/sheets_rates.html", context)


def asked(request: HttpRequest) -> tuple[SheetForm, Sheet]:
    """What the address asks for; without a day and a session, it is today."""
    wanted = request.GET.copy()
    if not (wanted.get("day") or wanted.get("session")):
        wanted["day"] = timezone.localdate().isoformat()
    form = SheetForm(request.user, wanted)
    form.is_valid()
    day, session = form.cleaned_data.get("day"), form.cleaned_data.get("session")
    if day is None and session is None:
        day = timezone.localdate()  # what was asked for is none
    return form, Sheet(day, session, form.cleaned_data.get("gate") or "")


def file_name(sheet: Sheet) -> str:
    parts = [
        "attendance",
        sheet.session.slug if sheet.session else "",
        f"{sheet.day:%Y-%m-%d}" if sheet.day else "",
    ]
    return "-".join(filter(None, parts))
