"""What a telephone keeps, so that the door goes on without a network, and what it asks for afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from attendance.models import SHORT_CODE_LENGTH, Entry
from attendance.services.answers import doors_open_at, judge
from attendance.services.guests import Guest, guest_list
from shop.models import OrderLine, Session

MOST_KEPT = 5000  # guests that a telephone holds of one session
MOST_NEWS = 300
# A row may be committed this much after the instant that it carries; what is told twice does no harm.
OVERLAP = timedelta(seconds=15)


@dataclass(frozen=True)
class KeptGuest:
    """A guest as a telephone holds one: the ticket's code only as hashes, which recognise it and open nothing."""

    line: int
    code_hash: str
    short_hash: str  # of the code as it is printed on the ticket
    first_name: str
    last_name: str
    state: str  # what the door says while the person is not in
    entry: Entry | None


@dataclass(frozen=True)
class Mark:
    """How far somebody has read: up to this instant, and of its entries up to this one. A text carries it."""

    at: datetime
    pk: int = 0

    def __str__(self) -> str:
        return f"{self.at.isoformat()}/{self.pk}"

    @classmethod
    def now(cls) -> "Mark":
        return cls(timezone.now() - OVERLAP)

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """Understand what ``str`` wrote; nothing for anything else."""
        instant, _slash, number = text.partition("/")
        try:
            at = datetime.fromisoformat(instant)
        except ValueError:
            return None
        if timezone.is_naive(at) or not (number.isascii() and number.isdecimal() and len(number) < 19):
            return None
        return cls(at, int(number))


@dataclass(frozen=True)
class News:
    """Entries that were made or undone; with ``has_more`` ask again at once, beginning with ``mark``."""

    entries: list[Entry]
    mark: Mark
    has_more: bool
    list_version: str


def kept_list(session: Session) -> tuple[list[KeptGuest], bool]:
    """Return what a telephone keeps of a session, and whether that is everybody."""
    guests = guest_list(session, most=MOST_KEPT + 1)
    return [_kept(guest, session) for guest in guests[:MOST_KEPT]], len(guests) <= MOST_KEPT


def list_version(session: Session) -> str:
    """A short text that differs once places of a session were sold, paid or given up. One query."""
    found = OrderLine.objects.filter(session=session).aggregate(
        lines=Count("pk"),
        paid=Count("pk", filter=Q(ticket__isnull=False)),
        given_up=Count("pk", filter=Q(cancelled_at__isnull=False) | Q(ticket__voided_at__isnull=False)),
        latest=Max("pk"),
    )
    return "-".join(str(found[name] or 0) for name in ("lines", "paid", "given_up", "latest"))


def news(session: Session, since: Mark) -> News:
    """What happened at all doors of a session since somebody last asked, oldest first. Two queries."""
    fresh = Mark.now()
    later = Q(changed_at__gt=since.at) | Q(changed_at=since.at, pk__gt=since.pk)
    changed = _told().filter(later, session=session, changed_at__gte=since.at)
    entries = list(changed.order_by("changed_at", "pk")[: MOST_NEWS + 1])
    has_more = len(entries) > MOST_NEWS
    entries = entries[:MOST_NEWS]
    mark = Mark(entries[-1].changed_at, entries[-1].pk) if has_more else fresh
    return News(entries, mark, has_more, list_version(session))


def latest_entries(session: Session, number: int) -> list[Entry]:
    """The last people who came in, the very last first."""
    standing = _told().filter(session=session, undone_at__isnull=True)
    return list(standing.order_by("-arrived_at", "-pk")[:number])


def conflicts_of(session: Session, number: int) -> list[Entry]:
    """People let in without a network against whom something speaks, the earliest first."""
    return list(_told().conflicts().filter(session=session).in_order_of_arrival()[:number])


def _told() -> QuerySet[Entry]:
    return Entry.objects.select_related("recorded_by", "ticket")


def _kept(guest: Guest, session: Session) -> KeptGuest:
    ticket = guest.ticket
    state = guest.verdict
    if ticket is not None:
        state = judge(ticket, session=session, at=doors_open_at(session))
    return KeptGuest(
        line=guest.line.pk,
        code_hash=_hash(ticket.code) if ticket else "",
        short_hash=_hash(ticket.code[:SHORT_CODE_LENGTH]) if ticket else "",
        first_name=guest.line.attendee_first_name,
        last_name=guest.line.attendee_last_name,
        state=state,
        entry=guest.entry,
    )


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()
