"""Tickets, the door and the attendance sheets."""

from collections.abc import Callable

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from attendance.models import Ticket
from shop.models import Session
from tests.screens.scenes.kinds import FILLED, Scene, plain
from tests.screens.states import Shop


def busiest() -> Session:
    """Of the sessions that are not over, the one to which most tickets lead."""
    sessions = Session.objects.filter(ends_at__gt=timezone.now(), order_lines__ticket__voided_at=None)
    return sessions.annotate(tickets=Count("order_lines__ticket")).order_by("-tickets", "starts_at").first()


def at_door(query: str = "") -> Callable[[Shop], str]:
    return lambda shop: reverse("door:session", args=[busiest().pk]) + query


def ticket_of(visitor: str) -> Scene:
    """A ticket as its holder sees it, and as it shows on a telephone that works at the door."""
    return Scene(
        f"ticket-for-{visitor}",
        "tickets:ticket",
        lambda shop: reverse(
            "tickets:ticket", args=[Ticket.objects.valid().of_session(busiest()).first().code]
        ),
        visitor,
        FILLED,
    )


SCENES = [
    ticket_of("guest"),
    ticket_of("owner"),
    plain("door:home", "door", "owner"),
    plain("door:home", "door-other-day", "owner", "?day=2020-01-01"),
    Scene("door-session", "door:session", at_door(), "owner", FILLED),
    Scene("door-session-nobody-found", "door:session", at_door("?q=zzz"), "owner", FILLED),
    plain("door:sheets", "sheets", "owner"),
    Scene(
        "sheets-session",
        "door:sheets",
        lambda shop: reverse("door:sheets") + f"?session={busiest().pk}",
        "owner",
        FILLED,
    ),
    plain("door:show_rates", "sheets-show-rates", "owner"),
    Scene(
        "sheets-sign-in",
        "door:sign_in_sheet",
        lambda shop: reverse("door:sign_in_sheet", args=[busiest().pk]),
        "owner",
        FILLED,
    ),
]
