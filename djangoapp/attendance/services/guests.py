"""Who is expected at a session, and who of them came."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from attendance.enums import Verdict
from attendance.models import Entry, Ticket
from attendance.querysets import COUNTS
from attendance.services.answers import judge
from core.pages import Page, page_of
from shop.enums import OrderStatus
from shop.models import OrderLine, Session

MOST_FOUND = 30
MOST_MATCHES = 300  # of which those found are chosen
GUESTS_PER_PAGE = 50
_SHOWN = (OrderStatus.PENDING, OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED)


@dataclass(frozen=True)
class Guest:
    """One place of a session, and what the door would say to it now."""

    line: OrderLine
    ticket: Ticket | None
    entry: Entry | None  # the one that used the ticket up
    verdict: Verdict

    @property
    def name(self) -> str:
        return self.line.attendee_name

    @property
    def is_expected(self) -> bool:
        return self.verdict in (Verdict.WELCOME, Verdict.TOO_EARLY, Verdict.ALREADY_IN)


@dataclass(frozen=True)
class Counts:
    """``arrived`` of the ``expected`` have come, and so many ``walk_ins`` without a ticket."""

    expected: int
    arrived: int
    walk_ins: int
    conflicts: int

    @property
    def inside(self) -> int:
        return self.arrived + self.walk_ins

    @property
    def missing(self) -> int:
        return max(self.expected - self.arrived, 0)


def guest_list(session: Session, *, most: int | None = None) -> list[Guest]:
    """Every place that was ever sold or reserved here and not given up to somebody else, by last name.

    Two queries, however many they are.
    """
    entries = Entry.objects.counted().filter(ticket__line__session=session)
    return _guests(session, _lines(session)[:most], entries)


def guest_page(session: Session, number: int, *, show: str = "") -> Page:
    """One page of the same list, in two queries: of all, or of those who are ``missing`` or ``in``."""
    lines = _lines(session)
    came = Exists(Entry.objects.counted().filter(ticket__line=OuterRef("pk")))
    if show == "in":
        lines = lines.filter(came)
    elif show == "missing":
        awaited = Q(ticket__voided_at__isnull=True) & Q(ticket__isnull=False) | Q(
            order__status=OrderStatus.PENDING, cancelled_at__isnull=True
        )
        lines = lines.filter(awaited, ~came)
    page = page_of(lines, number, size=GUESTS_PER_PAGE)
    return replace(page, rows=_guests_of(session, page.rows))


def look_up(session: Session, text: str) -> list[Guest]:
    """Find guests by the beginnings of their names, the buyer's name, or a code of the order or the ticket.

    Case and accents do not matter: ``bar`` finds Bär. At most ``MOST_FOUND``, those who may still come in first.
    Three queries; of the others only names are read.
    """
    words = _plain(text).replace(",", " ").split()
    names = _lines(session).values_list(
        "pk",
        "attendee_first_name",
        "attendee_last_name",
        "order__billing_name",
        "order__code",
        "ticket__code",
    )
    matches = (row[0] for row in names.iterator(chunk_size=2000) if _matches(words, *row[1:]))
    lines = list(_lines(session).filter(pk__in=list(islice(matches, MOST_MATCHES))))
    found = _guests_of(session, lines)
    found.sort(key=lambda guest: not guest.is_expected)  # stable: by name within each
    return found[:MOST_FOUND]


def count(session: Session) -> Counts:
    """Count who is expected and who came, in two queries."""
    expected = Ticket.objects.valid().of_session(session).count()
    standing = Entry.objects.filter(session=session, undone_at__isnull=True)
    found = standing.aggregate(
        arrived=Count("pk", filter=COUNTS & Q(ticket__isnull=False)),
        walk_ins=Count("pk", filter=COUNTS & Q(ticket__isnull=True)),
        conflicts=Count("pk", filter=Q(is_conflict=True)),
    )
    return Counts(expected=expected, **found)


def _lines(session: Session) -> QuerySet[OrderLine]:
    return (
        OrderLine.objects.filter(session=session, order__status__in=_SHOWN)
        .select_related("order", "ticket")
        .order_by("attendee_last_name", "attendee_first_name", "pk")
    )


def _guests_of(session: Session, lines: list[OrderLine]) -> list[Guest]:
    return _guests(session, lines, Entry.objects.counted().filter(ticket__line__in=lines))


def _guests(session: Session, lines: Iterable[OrderLine], entries: QuerySet[Entry]) -> list[Guest]:
    used_up = {entry.ticket_id: entry for entry in entries.select_related("recorded_by")}
    return [_guest(line, session, used_up) for line in lines]


def _guest(line: OrderLine, session: Session, used_up: dict[int, Entry]) -> Guest:
    ticket = getattr(line, "ticket", None)
    if ticket is None:
        is_waiting = line.order.status == OrderStatus.PENDING and line.cancelled_at is None
        return Guest(line, None, None, Verdict.UNPAID if is_waiting else Verdict.CANCELLED)
    ticket.line = line  # known already: no query to go back
    entry = used_up.get(ticket.pk)
    return Guest(line, ticket, entry, judge(ticket, session=session, at=timezone.now(), before=entry))


def _matches(
    words: list[str], first_name: str, last_name: str, buyer: str, order_code: str, ticket_code: str | None
) -> bool:
    """Whether each word begins a name of the guest or the buyer, or a code."""
    names = _plain(f"{first_name} {last_name} {buyer}")
    beginnings = [*names.split(), *names.replace("-", " ").split(), _plain(order_code)]
    if ticket_code:
        code = _plain(ticket_code)
        beginnings += [code, f"{code[:4]}-{code[4:]}"]
    return all(any(beginning.startswith(word) for beginning in beginnings) for word in words)


def _plain(text: str) -> str:
    """Letters without case and accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
