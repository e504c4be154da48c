"""The sessions at whose doors somebody works today, with how full they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, F, Q
from django.utils import timezone

from attendance.models import Entry, Ticket
from attendance.querysets import COUNTS
from attendance.rights import sessions_at_door
from attendance.services.guests import Counts
from shop.models import Session

MOST_DOORS = 60
AHEAD = timedelta(days=7)
MOST_GATES = 12


@dataclass(frozen=True)
class Door:
    """A session to be chosen at the door, and who came to it."""

    session: Session
    counts: Counts


@dataclass(frozen=True)
class Doors:
    """``has_more``: there are more than are told here; a day's own list leads further."""

    now: list[Door]
    today: list[Door]
    over: list[Door]
    later: list[Door]
    has_more: bool = False

    @property
    def are_none(self) -> bool:
        return not (self.now or self.today or self.over or self.later)


def doors_for(user, *, day: date | None = None) -> Doors:
    """The sessions whose doors this person may work at: those open now, of today, over today, of the coming week.

    With a ``day`` those of that day alone. At most ``MOST_DOORS``, in three queries.
    """
    now = timezone.now()
    today = timezone.localdate(now)
    begins = _midnight(day or today)
    ends = _midnight(day + timedelta(days=1)) if day else now + AHEAD
    found = sessions_at_door(user).filter(ends_at__gt=begins, starts_at__lt=ends)
    sessions = list(found.select_related("project").order_by("starts_at", "pk")[: MOST_DOORS + 1])
    doors = with_counts(sessions[:MOST_DOORS])
    tomorrow = _midnight(today + timedelta(days=1))
    opening = timedelta(minutes=settings.ATTENDANCE_DOORS_OPEN_MINUTES)

    def is_open(door: Door) -> bool:
        return door.session.starts_at - opening <= now < door.session.ends_at

    return Doors(
        now=[door for door in doors if is_open(door)],
        today=[door for door in doors if now + opening < door.session.starts_at < tomorrow],
        over=[door for door in doors if door.session.ends_at <= now],
        later=[door for door in doors if not is_open(door) and door.session.starts_at >= tomorrow],
        has_more=len(sessions) > MOST_DOORS,
    )


def with_counts(sessions: Iterable[Session]) -> list[Door]:
    """Add to each of these sessions who is expected and who came: two queries for all of them."""
    sessions = list(sessions)
    tickets = Ticket.objects.valid().filter(line__session__in=sessions).order_by()
    expected = dict(
        tickets.values(key=F("line__session")).annotate(number=Count("pk")).values_list("key", "number")
    )
    standing = Entry.objects.filter(session__in=sessions, undone_at__isnull=True).order_by()
    came = {
        row["session"]: row
        for row in standing.values("session").annotate(
            arrived=Count("pk", filter=COUNTS & Q(ticket__isnull=False)),
            walk_ins=Count("pk", filter=COUNTS & Q(ticket__isnull=True)),
            conflicts=Count("pk", filter=Q(is_conflict=True)),
        )
    }
    nobody = {"arrived": 0, "walk_ins": 0, "conflicts": 0}
    return [
        Door(
            session,
            Counts(
                expected=expected.get(session.pk, 0),
                **{name: came.get(session.pk, nobody)[name] for name in nobody},
            ),
        )
        for session in sessions
    ]


def gates_in_use(session: Session | None = None) -> list[str]:
    """The gates at which people came in today (or to this session), by name."""
    entries = (
        Entry.objects.filter(session=session)
        if session
        else Entry.objects.on_day(timezone.localdate(), timezone.get_default_timezone())
    )
    names = entries.exclude(gate="").order_by("gate").values_list("gate", flat=True).distinct()
    return list(names[:MOST_GATES])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
