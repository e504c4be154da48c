"""Money at a glance, and the charts of the studio's first page.

Every number comes from sums that the database makes and the cache keeps for a while, so that looking costs little.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth, TruncWeek
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from attendance.models import Entry, Ticket
from core.charts import Chart, Series, columns
from core.money import display
from shop.models import CouponRedemption, Session
from shop.services import reports
from shop.services.reports import STEPS, Figures, Span, today

WEEKS = 26  # of sales
WEEKS_PAST, WEEKS_TO_COME = 8, 4  # of sessions
MONTHS = 12  # of coupons
REMEMBERED_SECONDS = 600


@dataclass(frozen=True)
class Stretch:
    """What came in since a day, and in the whole stretch before that."""

    title: str
    now: Figures
    before: Figures
    before_title: str


def money_so_far() -> list[Stretch]:
    """Today, this week, this month. Two queries at most."""
    day = today()
    week, month = STEPS["week"].begin(day), STEPS["month"].begin(day)
    last_month = STEPS["month"].begin(month - timedelta(days=1))
    rows = reports.by_time(Span(min(last_month, week - timedelta(days=7)), day), "day")

    def between(first: date, end: date) -> Figures:
        return reports.total(figures for on, figures in rows if first <= on < end)

    tomorrow = day + timedelta(days=1)
    yesterday, last_week = day - timedelta(days=1), week - timedelta(days=7)
    return [
        Stretch(_("Today"), between(day, tomorrow), between(yesterday, day), _("yesterday")),
        Stretch(_("This week"), between(week, tomorrow), between(last_week, week), _("last week")),
        Stretch(_("This month"), between(month, tomorrow), between(last_month, month), _("last month")),
    ]


def charts_for(user) -> list[Chart]:
    """The charts of what this user may see."""
    made = (
        ("shop.view_ledgerentry", sales_by_week),
        ("shop.view_session", fill_by_week),
        ("shop.view_couponredemption", coupons_by_month),
        ("attendance.view_entry", arrivals_by_week),
    )
    return [chart() for permission, chart in made if user.has_perm(permission)]


def sales_by_week() -> Chart:
    span = Span(today() - timedelta(weeks=WEEKS - 1), today())
    rows = reports.by_time(span, "week")
    return _columns(
        "sales",
        _("Sales per week"),
        [_short(on) for on, _figures in rows],
        [Series(_("Turnover in %(currency)s") % _currency(), [figures.turnover for _on, figures in rows])],
        along=_("Week from"),
        write=display,
    )


def fill_by_week() -> Chart:
    """How much of each week's sessions is taken, now or in the end."""
    weeks = _weeks(WEEKS_PAST, WEEKS_TO_COME)
    rows = _remembered("fill", lambda: _places_by_week(weeks))
    return _columns(
        "fill",
        _("Places taken of a hundred, by the week of the session"),
        [_short(week) for week in weeks],
        [Series(_("Taken"), [_percent(*rows.get(week, (0, 0))) for week in weeks])],
        along=_("Week from"),
        write=lambda value: f"{value} %",
    )


def coupons_by_month() -> Chart:
    months = _months()
    rows = _remembered("coupons", lambda: _coupon_uses(months))
    return _columns(
        "coupons",
        _("Coupons used per month"),
        [formats.date_format(month, "M Y") for month in months],
        [Series(_("Uses"), [rows.get(month, 0) for month in months], "b")],
        along=_("Month"),
    )


def arrivals_by_week() -> Chart:
    """Who came and who stayed away, of those with a ticket, where anybody was checked in."""
    weeks = _weeks(WEEKS_PAST + WEEKS_TO_COME, 0)
    rows = _remembered("arrivals", lambda: _arrivals(weeks))
    return _columns(
        "arrivals",
        _("Who came, by the week of the session"),
        [_short(week) for week in weeks],
        [
            Series(_("Came"), [rows.get(week, (0, 0))[0] for week in weeks]),
            Series(_("Stayed away"), [rows.get(week, (0, 0))[1] for week in weeks], "d"),
        ],
        along=_("Week from"),
    )


def _columns(name: str, title: str, labels: list[str], series: list[Series], **more) -> Chart:
    """A chart; an empty one, which says so, where nothing but zeros would stand."""
    if not any(value for one in series for value in one.values):
        labels, series = [], [Series(one.name, [], one.kind) for one in series]
    return columns(name, title, labels, series, **more)


def _places_by_week(weeks: list[date]) -> dict[date, tuple[int, int]]:
    sessions = Session.objects.all_published().filter(
        starts_at__gte=Span(weeks[0], weeks[0]).starts_at, starts_at__lt=_end_of(weeks)
    )
    rows = (
        sessions.annotate(week=TruncWeek("starts_at", tzinfo=_zone()))
        .order_by()
        .values_list("week")
        .annotate(taken=Sum("seats_taken"), capacity=Sum("capacity"))
    )
    return {week.date(): (taken, capacity) for week, taken, capacity in rows}


def _percent(taken: int, capacity: int) -> int:
    return round(100 * taken / capacity) if capacity else 0


def _coupon_uses(months: list[date]) -> dict[date, int]:
    since = Span(months[0], months[0]).starts_at
    uses = CouponRedemption.objects.filter(redeemed_at__gte=since, released_at=None)
    on = TruncMonth("redeemed_at", tzinfo=_zone())
    rows = uses.annotate(month=on).order_by().values_list("month").annotate(many=Count("pk"))
    return {month.date(): many for month, many in rows}


def _arrivals(weeks: list[date]) -> dict[date, tuple[int, int]]:
    """How many came and how many stayed away."""
    tickets = Ticket.objects.valid().filter(
        line__session__starts_at__gte=Span(weeks[0], weeks[0]).starts_at,
        line__session__ends_at__lt=timezone.now(),
    )
    was_open = Entry.objects.counted().filter(session=OuterRef("line__session"), ticket__isnull=False)
    week = TruncWeek("line__session__starts_at", tzinfo=_zone())
    counts = Q(entries__pk__isnull=False, entries__undone_at__isnull=True, entries__is_conflict=False)
    rows = (
        tickets.filter(Exists(was_open))
        .annotate(week=week)
        .order_by()
        .values_list("week")
        .annotate(everybody=Count("pk", distinct=True), came=Count("pk", filter=counts, distinct=True))
    )
    return {week.date(): (came, everybody - came) for week, everybody, came in rows}


def _remembered(name: str, summing: Callable[[], Any]) -> Any:
    """Numbers that may be some minutes old. A chart is drawn of them anew, in the reader's language."""
    return cache.get_or_set(f"studio:{name}:{today()}", summing, REMEMBERED_SECONDS)


def _weeks(past: int, to_come: int) -> list[date]:
    this = STEPS["week"].begin(today())
    return [this + timedelta(weeks=number) for number in range(1 - past, to_come + 1)]


def _months() -> list[date]:
    months = [STEPS["month"].begin(today())]
    while len(months) < MONTHS:
        months.append(STEPS["month"].begin(months[-1] - timedelta(days=1)))
    return months[::-1]


def _end_of(weeks: list[date]):
    return Span(weeks[-1], weeks[-1] + timedelta(days=6)).ends_at


def _short(day: date) -> str:
    return formats.date_format(day, "j M")


def _zone():
    return timezone.get_default_timezone()


def _currency() -> dict[str, str]:
    return {"currency": settings.SHOP_CURRENCY}
