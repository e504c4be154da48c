"""The sessions of the coming days, as those who work here need them."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from attendance.rights import may_work_at_door, sessions_at_door
from shop.models import Session
from shop.services.reports import Span, today

DAYS = 7
MOST = 60  # that the page shows; the admin's list goes on


@dataclass(frozen=True)
class Row:
    """One session. ``door`` and ``page`` are addresses, empty where this user may not go."""

    session: Session
    taken: int
    page: str
    is_running: bool

    @property
    def left(self) -> int:
        return self.session.capacity - self.taken


@dataclass(frozen=True)
class Day:
    on: date
    is_today: bool
    rows: list[Row]

    @property
    def expected(self) -> int:
        """How many people come on this day."""
        return sum(row.taken for row in self.rows)


@dataclass(frozen=True)
class Week:
    days: list[Day]
    has_more: bool
    is_own: bool  # only the sessions that the user leads

    @property
    def today(self) -> Day | None:
        return next((day for day in self.days if day.is_today), None)

    @property
    def later(self) -> list[Day]:
        return [day for day in self.days if not day.is_today]


def week_of(user) -> Week | None:
    """What happens from today on, in one query; ``None`` for who has nothing to do with sessions."""
    sees_all = user.has_perm("shop.view_session") or may_work_at_door(user)
    if not sees_all and not user.has_perm("shop.lead_session"):
        return None
    sessions = Session.objects.all() if sees_all else sessions_at_door(user)
    found = list(_of_coming_days(sessions)[: MOST + 1])
    has_page = user.has_perm("shop.view_session") or user.has_perm("shop.lead_session")
    rows = [_row(session, has_page=has_page) for session in found[:MOST]]
    zone = timezone.get_default_timezone()
    now_on = today()

    def day_of(row: Row) -> date:
        # One that began yesterday and still runs belongs to today.
        return max(row.session.starts_at.astimezone(zone).date(), now_on)

    days = [Day(on, on == now_on, list(group)) for on, group in groupby(rows, key=day_of)]
    return Week(days, has_more=len(found) > MOST, is_own=not sees_all)


def _of_coming_days(sessions: QuerySet[Session]) -> QuerySet[Session]:
    span = Span(today(), today() + timedelta(days=DAYS - 1))
    # One day back in the index, for those that run over midnight.
    since = span.starts_at - timedelta(days=1)
    found = sessions.filter(starts_at__gte=since, starts_at__lt=span.ends_at, ends_at__gte=span.starts_at)
    return found.select_related("project", "host").with_seats_left().order_by("starts_at", "pk")


def _row(session: Session, *, has_page: bool) -> Row:
    return Row(
        session,
        taken=session.capacity - session.seats_left,
        page=reverse("admin:shop_session_change", args=[session.pk]) if has_page else "",
        is_running=session.starts_at <= timezone.now() < session.ends_at,
    )
