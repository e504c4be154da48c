"""What happens to tickets, and at the door."""

from attendance.enums import Verdict
from attendance.services.answers import Answer, code_of, is_short_code, judge
from attendance.services.checkins import redeem, undo, walk_in
from attendance.services.doors import Door, Doors, doors_for, gates_in_use, with_counts
from attendance.services.guests import Counts, Guest, count, guest_list, guest_page, look_up
from attendance.services.offline import conflicts_of, kept_list, latest_entries, news
from attendance.services.tickets import issue, void

__all__ = [
    "Answer",
    "Counts",
    "Door",
    "Doors",
    "Guest",
    "Verdict",
    "code_of",
    "conflicts_of",
    "count",
    "doors_for",
    "gates_in_use",
    "guest_list",
    "guest_page",
    "is_short_code",
    "issue",
    "judge",
    "kept_list",
    "latest_entries",
    "look_up",
    "news",
    "redeem",
    "undo",
    "void",
    "walk_in",
    "with_counts",
]
