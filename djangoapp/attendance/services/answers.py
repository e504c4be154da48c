"""What the door says to a ticket. The rule stands here alone; the words for the screen stand beside it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from attendance.enums import Verdict
from attendance.models import CODE_LENGTH, Entry, Ticket
from core.templatetags.when import when_text
from shop.enums import OrderStatus
from shop.models import Session
from shop.models.orders import CODE_ALPHABET

LONGEST_SCAN = 500
SHORT_CODE = re.compile(rf"[{CODE_ALPHABET}]{{4}}[-\s]?[{CODE_ALPHABET}]{{4}}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What the door says. ``message`` is one sentence for the screen.

    ``entry`` is what the verdict is about: the person's own entry with *welcome*, the one before with *already in*.
    ``recorded`` is the row that this scan left, if it left one: the same entry, or a conflict.
    """

    verdict: Verdict
    message: str
    ticket: Ticket | None = None
    entry: Entry | None = None
    recorded: Entry | None = None

    @property
    def is_welcome(self) -> bool:
        return self.verdict == Verdict.WELCOME


def code_of(scanned: str) -> str:
    """Return the code of a ticket as it is kept, of the address in a QR code or of what somebody typed."""
    try:
        path = urlsplit(scanned.strip()[:LONGEST_SCAN]).path
    except ValueError:  # an address that is none, such as "http://[" or "http://℀.example/x"
        return ""
    last = path.rstrip("/").rpartition("/")[2]
    return "".join(filter(str.isalnum, last.upper()))[: CODE_LENGTH + 1]


def is_short_code(typed: str) -> bool:
    """Whether this looks like what a ticket shows beside its QR code. Names of eight letters do so, too."""
    return SHORT_CODE.fullmatch(typed.strip()) is not None


def judge(ticket: Ticket, *, session: Session, at: datetime, before: Entry | None = None) -> Verdict:
    """Say whether a ticket opens the door of a session at an instant. It asks the database nothing.

    The ticket comes with its line, order and session; ``before`` is the entry that used it up.
    """
    if not ticket.is_valid:
        return Verdict.CANCELLED
    status = ticket.line.order.status
    if status != OrderStatus.PAID:
        return Verdict.UNPAID if status == OrderStatus.PENDING else Verdict.CANCELLED
    if ticket.line.session_id != session.pk:
        return Verdict.WRONG_SESSION
    if before is not None:
        return Verdict.ALREADY_IN
    return Verdict.TOO_EARLY if at < doors_open_at(session) else Verdict.WELCOME


def doors_open_at(session: Session) -> datetime:
    return session.starts_at - timedelta(minutes=settings.ATTENDANCE_DOORS_OPEN_MINUTES)


def words_for(
    verdict: Verdict, ticket: Ticket | None, *, session: Session, entry: Entry | None = None
) -> str:
    """Write the sentence that goes with a verdict. ``entry`` as in ``Answer``."""
    match verdict:
        case Verdict.WELCOME:
            name = entry.name if entry is not None else ticket.line.attendee_name
            return _("Welcome, %(name)s.") % {"name": name}
        case Verdict.ALREADY_IN:
            return _already_in(entry, session)
        case Verdict.UNPAID:
            return _("This place is not paid yet.")
        case Verdict.CANCELLED:
            return _("This place was cancelled. Its ticket opens nothing any more.")
        case Verdict.WRONG_SESSION:
            other = ticket.line.session
            return _("This ticket is for “%(title)s”, %(when)s.") % {
                "title": other.title,
                "when": when_text(other),
            }
        case Verdict.TOO_EARLY:
            opens_at = _clock(doors_open_at(session), session)
            return _("The doors open at %(time)s.") % {"time": opens_at}
    return _("There is no such ticket.")


def _already_in(entry: Entry, session: Session) -> str:
    """When, at which gate, and by whom."""
    told = [_("In since %(time)s") % {"time": _clock(entry.arrived_at, session)}]
    if entry.gate:
        told.append(_("gate %(gate)s") % {"gate": entry.gate})
    if entry.recorded_by is not None:
        told.append(_("let in by %(person)s") % {"person": entry.recorded_by})
    return f"{', '.join(told)}."


def _clock(instant: datetime, session: Session) -> str:
    """The time on the session's clock, with the day where it is not today there."""
    local = instant.astimezone(session.tz)
    if local.date() == timezone.now().astimezone(session.tz).date():
        return f"{local:%H:%M}"
    return f"{formats.date_format(local, 'j F Y')}, {local:%H:%M}"
