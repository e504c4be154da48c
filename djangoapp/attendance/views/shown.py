"""An answer of the door, as a screen shows it and as a script reads it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from attendance.enums import Verdict
from attendance.models import Entry
from attendance.services import Answer, Counts
from attendance.services.offline import KeptGuest

# How the screen looks from two metres away. Colour never speaks alone: a sign and a word stand with it.
TONES = {
    Verdict.WELCOME: "good",
    Verdict.ALREADY_IN: "stop",
    Verdict.UNPAID: "wait",
    Verdict.CANCELLED: "stop",
    Verdict.WRONG_SESSION: "other",
    Verdict.TOO_EARLY: "wait",
    Verdict.UNKNOWN: "stop",
}
SIGNS = {
    Verdict.WELCOME: "check",
    Verdict.ALREADY_IN: "people",
    Verdict.UNPAID: "card",
    Verdict.CANCELLED: "close",
    Verdict.WRONG_SESSION: "calendar",
    Verdict.TOO_EARLY: "clock",
    Verdict.UNKNOWN: "warning",
}


@dataclass(frozen=True)
class Card:
    """What fills the screen."""

    verdict: Verdict
    name: str
    message: str
    entry: Entry | None  # what may be undone

    @property
    def word(self) -> str:
        return self.verdict.label

    @property
    def tone(self) -> str:
        return TONES[self.verdict]

    @property
    def sign(self) -> str:
        return SIGNS[self.verdict]

    @property
    def is_welcome(self) -> bool:
        return self.verdict == Verdict.WELCOME


def card_of(answer: Answer) -> Card:
    """A welcome says the name; every other answer says why, and the name where there is one."""
    name = ""
    if answer.entry is not None:
        name = answer.entry.name
    elif answer.ticket is not None:
        name = answer.ticket.line.attendee_name
    message = answer.message
    if answer.is_welcome:
        gate = answer.entry.gate
        message = _("Gate %(gate)s") % {"gate": gate} if gate else ""
        if answer.ticket is None:
            message = ", ".join(filter(None, [_("Without a ticket"), message]))
    return Card(Verdict(answer.verdict), name, message, answer.recorded if answer.is_welcome else None)


def answer_data(answer: Answer, counts: Counts) -> dict:
    card = card_of(answer)
    return {
        "verdict": card.verdict.value,
        "word": card.word,
        "tone": card.tone,
        "name": card.name,
        "message": card.message,
        "guest": answer.ticket.line_id if answer.ticket else None,
        "entry": entry_data(answer.entry) if answer.entry else None,
        "recorded": answer.recorded.pk if answer.recorded else None,
        "counts": counts_data(counts),
    }


def entry_data(entry: Entry, guest: int | None = None) -> dict:
    """An entry; ``guest`` is the place on the list that it is about."""
    return {
        "id": entry.pk,
        "guest": guest,
        "name": entry.name,
        "at": entry.arrived_at.isoformat(),
        "gate": entry.gate,
        "by": str(entry.recorded_by or ""),
        "counts": entry.counts,
        "isConflict": entry.is_conflict,
        "isUndone": entry.undone_at is not None,
    }


def entries_data(entries: list[Entry]) -> list[dict]:
    """Entries that came with their tickets."""
    return [entry_data(entry, entry.ticket.line_id if entry.ticket else None) for entry in entries]


def counts_data(counts: Counts) -> dict:
    return {
        "expected": counts.expected,
        "arrived": counts.arrived,
        "walkIns": counts.walk_ins,
        "conflicts": counts.conflicts,
    }


def guest_data(guest: KeptGuest) -> dict:
    return {
        "id": guest.line,
        "hash": guest.code_hash,
        "shortHash": guest.short_hash,
        "first": guest.first_name,
        "last": guest.last_name,
        "state": guest.state,
        "entry": entry_data(guest.entry, guest.line) if guest.entry else None,
    }
