"""Many dates from one weekly rule, in wall-clock time: planned first, looked at by a person, then made at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.exceptions import DomainError
from core.wallclock import instant_of
from shop.models import Project, Session
from shop.services.catalogue import COPIED, MOMENTS, moved_along

MOST_DATES = 200  # that one rule gives


@dataclass(frozen=True)
class WeeklyRule:
    """On these weekdays (Monday is 0), in every so many weeks, from the first day on.

    It ends with the last day, or after so many dates; what comes first, and at the latest after ``MOST_DATES``. Days
    in ``exceptions`` are left out and not counted. The times stand on the clock of the place.
    """

    weekdays: frozenset[int]
    starts: time
    ends: time  # on the next day, if it is not later than the start
    first: date
    last: date | None = None
    count: int | None = None
    every_weeks: int = 1
    exceptions: frozenset[date] = frozenset()

    def days(self) -> Iterator[date]:
        """The rule's days, soonest first."""
        if not self.weekdays:
            return
        most = min(self.count or MOST_DATES, MOST_DATES)
        monday = self.first - timedelta(days=self.first.weekday())
        while most and not (self.last and monday > self.last):
            for weekday in sorted(self.weekdays):
                day = monday + timedelta(days=weekday)
                if day < self.first or (self.last and day > self.last) or day in self.exceptions:
                    continue
                if not most:
                    return
                most -= 1
                yield day
            if date.max - monday <= timedelta(weeks=self.every_weeks + 1):
                return
            monday += timedelta(weeks=self.every_weeks)


@dataclass(frozen=True)
class PlannedDate:
    """One date of a rule. ``problem`` says why it cannot be made; ``warnings`` what somebody should know."""

    day: date
    starts_at: datetime | None = None  # aware; None where the clocks have no such time, or have it twice
    ends_at: datetime | None = None
    problem: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def can_be_made(self) -> bool:
        return not self.problem


def plan(like: Session, rule: WeeklyRule) -> list[PlannedDate]:
    """The dates that a rule gives for sessions like this one, each with what stands against it.

    Dates on which the project has a session at that very time are not made again, so repeating a rule is harmless.
    """
    zone = like.tz
    dates = [_on_clock(day, rule, zone) for day in rule.days()]
    instants = [planned for planned in dates if planned.starts_at]
    if not instants:
        return dates
    others = _sessions_about(like, instants)
    return [_compared(planned, like, others) if planned.starts_at else planned for planned in dates]


@transaction.atomic
def make(
    like: Session, rule: WeeklyRule, days: Iterable[date], *, is_published: bool = False
) -> list[Session]:
    """Make sessions like this one on those of the rule's dates that were chosen. Returns those that are new.

    Sales window and early bird move along with the start. Repeating the call makes nothing twice, also when two come
    at the same moment: the project is locked, and its dates are looked at again.
    """
    Project.objects.select_for_update(no_key=True).get(pk=like.project_id)
    chosen = set(days)
    made = []
    for planned in plan(like, rule):
        if not planned.can_be_made or planned.day not in chosen:
            continue
        session = Session(
            project=like.project,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
            is_published=is_published,
            **{name: getattr(like, name) for name in COPIED},
            **{name: moved_along(like, getattr(like, name), to=planned.starts_at) for name in MOMENTS},
        )
        session.save()
        made.append(session)
    return made


def _on_clock(day: date, rule: WeeklyRule, zone: ZoneInfo) -> PlannedDate:
    last_day = day if rule.ends > rule.starts else day + timedelta(days=1)
    try:
        return PlannedDate(
            day,
            instant_of(datetime.combine(day, rule.starts), zone),
            instant_of(datetime.combine(last_day, rule.ends), zone),
        )
    except DomainError as refusal:
        return PlannedDate(day, problem=str(refusal))


def _sessions_about(like: Session, dates: list[PlannedDate]) -> list[Session]:
    """Sessions of the same project, host or place in the time of the rule, in one query."""
    first, last = dates[0].starts_at, max(planned.ends_at for planned in dates)
    related = Q(project=like.project_id)
    if like.host_id:
        related |= Q(host=like.host_id)
    if like.place_name:
        related |= Q(place_name=like.place_name)
    # A session that began long before may still run; none lasts longer than two months.
    about = Session.objects.filter(starts_at__gte=first - timedelta(days=62), starts_at__lt=last)
    return list(
        about.filter(related, ends_at__gt=first, cancelled_at__isnull=True).select_related("project", "host")
    )


def _compared(planned: PlannedDate, like: Session, others: list[Session]) -> PlannedDate:
    warnings = []
    for other in others:
        if other.project_id == like.project_id and other.starts_at == planned.starts_at:
            problem = _("This date is there already.")
            return PlannedDate(planned.day, planned.starts_at, planned.ends_at, problem=problem)
        if not (other.starts_at < planned.ends_at and planned.starts_at < other.ends_at):
            continue
        words = {"title": other.title, "host": other.host, "place": other.place_name}
        if like.host_id and other.host_id == like.host_id:
            warnings.append(_("%(host)s leads “%(title)s” at that time.") % words)
        if like.place_name and other.place_name == like.place_name:
            warnings.append(_("“%(title)s” takes place in %(place)s at that time.") % words)
    return PlannedDate(
        planned.day, planned.starts_at, planned.ends_at, warnings=tuple(dict.fromkeys(warnings))
    )
