"""What happens to tickets, and at the door."""

from attendance.enums import Verdict
from attendance.services.answers import Answer, code_of, judge
from attendance.services.checkins import redeem, undo, walk_in
from attendance.services.guests import Counts, Guest, count, guest_list, look_up
from attendance.services.tickets import issue, void

__all__ = [
    "Answer",
    "Counts",
    "Guest",
    "Verdict",
    "code_of",
    "count",
    "guest_list",
    "issue",
    "judge",
    "look_up",
    "redeem",
    "undo",
    "void",
    "walk_in",
]
