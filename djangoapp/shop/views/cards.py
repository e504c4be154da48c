"""Sessions as the catalogue shows them: with the price for this visitor, and how they stand at this moment."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from shop.availability import Availability, State, availability_of
from shop.models import Session
from shop.services.pricing import PlacePrice, price_for
from shop.views.visitor import opened_for, visitor_membership


@dataclass(frozen=True)
class Card:
    session: Session
    price: PlacePrice
    availability: Availability
    is_opened: bool = False  # by an access code of the visitor's

    @property
    def taken(self) -> int:
        return self.session.capacity - self.availability.left

    @property
    def mark(self) -> str:
        """How the calendar marks it: ``few`` places, ``none`` to be had at the moment, or nothing."""
        if self.availability.state == State.FEW:
            return "few"
        return "" if self.availability.is_bookable else "none"

    @property
    def is_elsewhere(self) -> bool:
        """Whether its clock is another than the studio's."""
        return self.session.time_zone != settings.TIME_ZONE


def cards_of(sessions: Iterable[Session], request: HttpRequest) -> list[Card]:
    """Prepare sessions (from ``for_cards()`` or at least ``with_seats_left()``) for the templates."""
    now = timezone.now()
    membership = visitor_membership(request)
    opened = opened_for(request)
    cards = []
    for session in sessions:
        is_opened = opened.code_for(session) is not None
        price = price_for(session, membership, at=now)
        cards.append(Card(session, price, availability_of(session, at=now, is_opened=is_opened), is_opened))
    return cards
