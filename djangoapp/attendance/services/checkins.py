"""Who comes in. A constraint of the database decides between two doors.

Between a door and a buyer who gives the place up, the ticket's lock does: whoever has it first is right.
"""

import re
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from attendance.enums import Verdict
from attendance.exceptions import NameUnfit, NonceReused
from attendance.models import LONGEST_GATE, LONGEST_NAME, LONGEST_NONCE, Entry, Ticket
from attendance.querysets import COUNTS
from attendance.services.answers import Answer, code_of, is_short_code, judge, words_for
from core.exceptions import TemporarilyUnavailable
from shop.enums import OrderStatus
from shop.models import OrderLine, Session

# A telephone that was without network longer than this has a clock that nobody believes.
LONGEST_OFFLINE = timedelta(days=7)
ATTEMPTS = 3
ORDER_CODE = re.compile(r"\w{4}-\w{4}-\w{4}", re.ASCII)


def lines_that_came(session: Session) -> set[int] | None:
    """The places whose people came to a session, by the order line's primary key; ``None`` if nobody was let in."""
    came = Entry.objects.counted().filter(ticket__line__session=session)
    return set(came.values_list("ticket__line", flat=True)) or None


def lines_inside(lines: Collection[int]) -> set[int]:
    """The same of these lines alone, by primary keys."""
    return set(Entry.objects.counted().filter(ticket__line__in=lines).values_list("ticket__line", flat=True))


class _VoidedMeanwhile(Exception):
    """The place was given up after the ticket was looked at."""


@dataclass(frozen=True)
class _Scan:
    """Where, when and by whom something was scanned. ``is_told_later``: the person was let in already."""

    session: Session | None
    gate: str
    by: object
    nonce: str | None
    at: datetime
    is_told_later: bool = False

    def entry(self, **facts) -> Entry:
        return Entry(
            session=self.session,
            gate=self.gate,
            arrived_at=self.at,
            recorded_by=self.by,
            nonce=self.nonce,
            **facts,
        )


def redeem(
    code: str, *, session: Session, gate: str = "", by, nonce: str | None, at: datetime | None = None
) -> Answer:
    """Let the holder of a ticket in, or say why not. ``code`` is what was scanned or typed, whole or as it is printed.

    ``nonce`` names this scan: sent again it gets the same answer and counts once. ``at`` (aware) is told by a device
    that was without network and has let the person in already: then the fact stays, and whatever speaks against it
    makes a conflict of it that people see. The number of statements is the same whatever is in the tables.
    Raises ``NonceReused`` or ``NameUnfit`` (the gate).
    """
    scan = _scan(session, gate, by, nonce, at)
    for _attempt in range(ATTEMPTS):
        ticket = _ticket_of(code, session)
        if ticket is None:
            verdict = Verdict.UNPAID if _is_reserved(code, session) else Verdict.UNKNOWN
            return Answer(verdict, words_for(verdict, None, session=session))
        with suppress(IntegrityError, _VoidedMeanwhile):
            return _redeem(ticket, scan)
        # Another door was quicker, the same scan came twice at once, or the place was given up: a second look tells.
    raise TemporarilyUnavailable(_("Too many doors at once. Please scan again."))


def _ticket_of(code: str, session: Session) -> Ticket | None:
    """Find a ticket by its code. Of the few whose short code is the same, this session's is meant, if it is one."""
    tickets = Ticket.objects.for_door()
    if not is_short_code(code):
        return tickets.filter(code=code_of(code)).first()
    alike = list(tickets.beginning(code_of(code)))
    meant = [ticket for ticket in alike if ticket.line.session_id == session.pk] or alike
    return meant[0] if len(meant) == 1 else None


def _redeem(ticket: Ticket, scan: _Scan) -> Answer:
    """Look, then write. Raises ``IntegrityError`` or ``_VoidedMeanwhile`` when somebody else wrote in between."""
    session = scan.session
    counting = Q(ticket=ticket) & COUNTS
    known = Entry.objects.for_door().filter(counting | Q(nonce=scan.nonce) if scan.nonce else counting)
    own = before = None
    for entry in known:
        if scan.nonce and entry.nonce == scan.nonce:
            own = entry
        else:
            before = entry
    if own is not None and own.ticket_id != ticket.pk:
        raise NonceReused
    if own is not None and not own.is_conflict:
        return _answer(Verdict.WELCOME, ticket, own.session, entry=own, recorded=own)

    verdict = judge(ticket, session=session, at=scan.at, before=before)
    is_conflict = verdict != Verdict.WELCOME
    if own is None and (scan.is_told_later or not is_conflict):
        own = scan.entry(
            ticket=ticket,
            first_name=ticket.line.attendee_first_name,
            last_name=ticket.line.attendee_last_name,
            is_conflict=is_conflict,
        )
        with transaction.atomic():
            if not is_conflict and not _is_still_valid(ticket):
                raise _VoidedMeanwhile
            own.save(force_insert=True)
    return _answer(verdict, ticket, session, entry=before if is_conflict else own, recorded=own)


def walk_in(
    session: Session | None,
    first_name: str,
    last_name: str,
    gate: str = "",
    by=None,
    nonce: str | None = None,
    at: datetime | None = None,
) -> Answer:
    """Note that somebody without a ticket came in. The same ``nonce`` counts once.

    Raises ``NameUnfit``, or ``NonceReused`` when the nonce belongs to a ticket's scan.
    """
    scan = _scan(session, gate, by, nonce, at)
    entry = scan.entry(
        first_name=fit("first_name", first_name, LONGEST_NAME),
        last_name=fit("last_name", last_name, LONGEST_NAME),
    )
    known = _of_nonce(scan.nonce)
    if known is None:
        try:
            with transaction.atomic():
                entry.save(force_insert=True)
        except IntegrityError:
            known = _of_nonce(scan.nonce)
            if known is None:
                raise
    if known is not None:
        if known.ticket_id is not None:
            raise NonceReused
        entry = known
    return _answer(Verdict.WELCOME, None, session, entry=entry, recorded=entry)


@transaction.atomic
def undo(entry: Entry, *, by, nonce: str = "") -> Entry:
    """Take back that somebody came in, so that the ticket is good again. Safe to repeat.

    Where the same ticket had let in somebody else without a network, that entry counts from now on.
    Raises ``NameUnfit`` for a nonce that is none.
    """
    now = timezone.now()
    taken_back = Entry.objects.filter(pk=entry.pk, undone_at__isnull=True).update(
        undone_at=now,
        undone_by=by,
        undo_nonce=fit("nonce", nonce, LONGEST_NONCE, is_optional=True),
        changed_at=now,
    )
    entry.refresh_from_db()
    if taken_back and entry.ticket_id is not None and not entry.is_conflict:
        _count_next(entry.ticket, now)
    return entry


def _count_next(ticket: Ticket, now: datetime) -> None:
    """Let the earliest conflict count in the place of an entry that was undone."""
    waiting = Entry.objects.conflicts().filter(ticket=ticket, session=ticket.line.session_id)
    following = waiting.in_order_of_arrival().first()
    if following is None or not ticket.is_valid:
        return
    with suppress(IntegrityError), transaction.atomic():  # at this moment a door may let somebody in again
        Entry.objects.filter(pk=following.pk).update(is_conflict=False, changed_at=now)


def fit(field: str, text: str, longest: int, *, is_optional: bool = False) -> str:
    """Return a name as it is kept, its blanks set right. Raises ``NameUnfit``."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") and not letter.isspace() for letter in text):
        raise NameUnfit(field, _("Control characters are not allowed."))
    text = " ".join(text.split())
    if not text and not is_optional:
        raise NameUnfit(field, _("This may not be blank."))
    if len(text) > longest:
        raise NameUnfit(field, _("At most %(most)d letters, please.") % {"most": longest})
    return text


def _scan(session: Session | None, gate: str, by, nonce: str | None, at: datetime | None) -> _Scan:
    now = timezone.now()
    is_credible = at is not None and now - LONGEST_OFFLINE <= at <= now
    return _Scan(
        session,
        fit("gate", gate, LONGEST_GATE, is_optional=True),
        by,
        fit("nonce", nonce or "", LONGEST_NONCE, is_optional=True) or None,
        at if is_credible else now,
        is_told_later=at is not None,
    )


def _is_still_valid(ticket: Ticket) -> bool:
    """Lock the ticket until the transaction ends, and look once more: it may be void by now."""
    locked = Ticket.objects.valid().select_for_update(no_key=True).filter(pk=ticket.pk)
    return locked.first() is not None


def _of_nonce(nonce: str | None) -> Entry | None:
    return Entry.objects.for_door().filter(nonce=nonce).first() if nonce else None


def _is_reserved(code: str, session: Session) -> bool:
    """Whether this is the code of an order that keeps places here and is not paid: its letter has no other."""
    typed = code.strip().upper()
    if not ORDER_CODE.fullmatch(typed):
        return False
    lines = OrderLine.objects.filter(session=session, cancelled_at__isnull=True)
    return lines.filter(order__code=typed, order__status=OrderStatus.PENDING).exists()


def _answer(verdict: Verdict, ticket: Ticket | None, session: Session | None, **found) -> Answer:
    message = words_for(verdict, ticket, session=session, entry=found["entry"])
    return Answer(verdict, message, ticket, **found)
