"""Attendance sheets: who came on a day, to a session, at a gate; and how many of those expected did."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from attendance.models import Entry, Ticket
from attendance.querysets import COUNTS
from attendance.rights import may_work_at_door, sessions_at_door
from attendance.services.doors import Door, with_counts
from core import charts
from shop.models import Session

MOST_SESSIONS = 60
MOST_GATES = 30
MOST_PROJECTS = 40
MOST_COLUMNS = 32
STEPS_MINUTES = (5, 10, 15, 30, 60, 120, 240, 1440)
CHUNK = 2000


@dataclass(frozen=True)
class Sheet:
    """What a sheet is about: a day, a session, or one day of it; everybody, or who came at one ``gate``."""

    day: date | None
    session: Session | None = None
    gate: str = ""


def entries_of(user, sheet: Sheet) -> QuerySet[Entry]:
    """The people who came, in order of arrival, as far as this person may see them."""
    entries = Entry.objects.counted().in_order_of_arrival()
    if sheet.session is not None:
        entries = entries.filter(session=sheet.session)
    elif not may_work_at_door(user):
        entries = entries.filter(session__in=sessions_at_door(user))
    if sheet.day is not None:
        entries = entries.on_day(sheet.day, timezone.get_default_timezone())
    if sheet.gate:
        entries = entries.filter(gate=sheet.gate)
    return entries


def doors_of(user, sheet: Sheet) -> list[Door]:
    """The sessions of the day with who came to them, at most ``MOST_SESSIONS``; or the one that the sheet is about."""
    if sheet.session is not None:
        return with_counts([sheet.session])
    begins = _midnight(sheet.day)
    of_day = sessions_at_door(user).filter(
        starts_at__gte=begins, starts_at__lt=_midnight(sheet.day + timedelta(1))
    )
    return with_counts(of_day.select_related("project").order_by("starts_at", "pk")[:MOST_SESSIONS])


def by_gate(entries: QuerySet[Entry]) -> list[tuple[str, int]]:
    """How many came at each gate, the busiest first."""
    rows = entries.order_by().values("gate").annotate(number=Count("pk")).order_by("-number", "gate")
    return [(row["gate"], row["number"]) for row in rows[:MOST_GATES]]


def arrivals_chart(entries: QuerySet[Entry]) -> charts.Chart:
    """Draw how many came in each stretch of time, with a ticket and without. Two queries, however many came."""
    zone = timezone.get_default_timezone()
    span = entries.order_by().aggregate(first=Min("arrived_at"), last=Max("arrived_at"))
    starts = _starts(span["first"], span["last"], zone) if span["first"] else []
    with_ticket, without = _numbers(entries, starts, span["last"])
    is_one_day = len({start.date() for start in starts}) <= 1
    series = [charts.Series(_("With a ticket"), with_ticket)]
    if any(without):
        series.append(charts.Series(_("Without a ticket"), without, "c"))
    return charts.columns(
        "arrivals",
        _("Arrivals over time"),
        [f"{start:%H:%M}" if is_one_day else f"{start:%d.%m. %H:%M}" for start in starts],
        series,
        along=_("From"),
    )


@dataclass(frozen=True)
class ShowRate:
    """Of so many expected at sessions that are over, so many came."""

    title: str
    sessions: int
    expected: int
    came: int
    walk_ins: int

    @property
    def stayed_away(self) -> int:
        return max(self.expected - self.came, 0)

    @property
    def percent(self) -> int | None:
        """Nobody was expected: no rate."""
        return round(100 * self.came / self.expected) if self.expected else None

    @property
    def bar(self) -> charts.Shares:
        return charts.shares([charts.Part(_("Came"), self.came)], whole=self.expected)


def rate_of(door: Door) -> ShowRate:
    """The show rate of one session, as it is now."""
    counts = door.counts
    return ShowRate(door.session.title, 1, counts.expected, counts.arrived, counts.walk_ins)


def sum_of(title: str, rates: list[ShowRate]) -> ShowRate:
    """All of these together."""
    return ShowRate(
        title,
        sum(rate.sessions for rate in rates),
        sum(rate.expected for rate in rates),
        sum(rate.came for rate in rates),
        sum(rate.walk_ins for rate in rates),
    )


def show_rates(user, first: date, last: date) -> list[ShowRate]:
    """The show rate of each project over its sessions that ended on these days, the busiest first. Three queries."""
    ended = sessions_at_door(user).filter(
        ends_at__gte=_midnight(first), ends_at__lt=min(_midnight(last + timedelta(days=1)), timezone.now())
    )
    projects = (
        ended.order_by()
        .values("project", "project__title")
        .annotate(sessions=Count("pk"))
        .order_by("-sessions", "project__title")[:MOST_PROJECTS]
    )
    projects = list(projects)
    expected = _by_project(Ticket.objects.valid().filter(line__session__in=ended), "line__session__project")
    came = _by_project(
        Entry.objects.filter(COUNTS, session__in=ended, ticket__isnull=False), "session__project"
    )
    walk_ins = _by_project(
        Entry.objects.filter(COUNTS, session__in=ended, ticket__isnull=True), "session__project"
    )
    rates = [
        ShowRate(
            row["project__title"],
            row["sessions"],
            expected.get(row["project"], 0),
            came.get(row["project"], 0),
            walk_ins.get(row["project"], 0),
        )
        for row in projects
    ]
    return sorted(rates, key=lambda rate: -rate.expected)


def show_rate_chart(rates: list[ShowRate]) -> charts.Chart:
    """Draw the show rate of each project, in percent."""
    rates = [rate for rate in rates if rate.percent is not None]
    return charts.columns(
        "show-rate",
        _("Show rate per project"),
        [rate.title if len(rate.title) <= 12 else f"{rate.title[:11].rstrip()}…" for rate in rates],
        [charts.Series(_("Came, in percent"), [rate.percent for rate in rates])],
        along=_("Project"),
        write=lambda value: f"{value} %",
    )


def table_rows(entries: QuerySet[Entry]) -> Iterator[list[Any]]:
    """The sheet as rows for a spreadsheet, its heading first, read while they are written."""
    yield [
        _("Arrived"),
        _("First name"),
        _("Last name"),
        _("Gate"),
        _("Session"),
        _("Session starts"),
        _("Ticket"),
        _("Recorded by"),
    ]
    columns = (
        "arrived_at",
        "first_name",
        "last_name",
        "gate",
        "session__project__title",
        "session__starts_at",
        "ticket__code",
        "recorded_by__first_name",
        "recorded_by__last_name",
        "recorded_by__email",
    )
    for row in entries.values_list(*columns).iterator(chunk_size=CHUNK):
        arrived_at, first, last, gate, title, starts_at, code, by_first, by_last, by_email = row
        by = f"{by_first or ''} {by_last or ''}".strip() or by_email or ""
        ticket = f"{code[:4]}-{code[4:8]}" if code else ""
        yield [_local(arrived_at), first, last, gate, title or "", _local(starts_at), ticket, by]


def _local(instant: datetime | None) -> datetime | str:
    """The time on the studio's clock, to the second."""
    return timezone.localtime(instant).replace(microsecond=0) if instant else ""


def _by_project(rows: QuerySet, key: str) -> dict[int, int]:
    return dict(rows.order_by().values(key).annotate(number=Count("pk")).values_list(key, "number"))


def _starts(first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    """Where the stretches begin: on round minutes, and no more than a drawing has room for."""
    minutes = (last - first).total_seconds() / 60
    step = next((step for step in STEPS_MINUTES if minutes / step < MOST_COLUMNS - 1), None)
    if step is None:
        day = STEPS_MINUTES[-1]
        step = day * math.ceil(minutes / day / (MOST_COLUMNS - 1))
    begin = first.astimezone(zone).replace(second=0, microsecond=0)
    begin -= timedelta(minutes=(begin.hour * 60 + begin.minute) % min(step, STEPS_MINUTES[-1]))
    # Counted in real minutes: on two nights of the year the clocks jump.
    begin = begin.astimezone(UTC)
    count = math.floor((last - begin).total_seconds() / 60 / step) + 1
    return [(begin + timedelta(minutes=step * number)).astimezone(zone) for number in range(count)]


def _numbers(
    entries: QuerySet[Entry], starts: list[datetime], last: datetime | None
) -> tuple[list[int], list[int]]:
    """How many came in each stretch, with a ticket and without. One statement, each part of which uses the index."""
    if not starts:
        return [], []
    ends = [*starts[1:], last + timedelta(seconds=1)]
    parts = [
        entries.order_by()
        .filter(arrived_at__gte=start, arrived_at__lt=end)
        .values(part=Value(number))
        .annotate(came=Count("pk"), with_ticket=Count("ticket"))
        .values_list("part", "came", "with_ticket")
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    found = {part: (came, ticket) for part, came, ticket in parts[0].union(*parts[1:], all=True)}
    rows = [found.get(number, (0, 0)) for number in range(len(starts))]
    return [ticket for _came, ticket in rows], [came - ticket for came, ticket in rows]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
