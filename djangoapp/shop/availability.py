"""Whether a place can be had at this moment, in words for the catalogue.

The rules are the model's and ``services.places``'; this only tells how a session stands by them.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import models

from shop.models import Session


class State(models.TextChoices):
    CANCELLED = "cancelled"
    FREE = "free"
    FEW = "few"
    FULL = "full"
    NOT_YET = "not_yet"  # on sale later
    CLOSED = "closed"  # no longer on sale
    STARTED = "started"
    PAST = "past"


@dataclass(frozen=True)
class Availability:
    """How a session stands. ``left`` counts free places, whether or not they are on sale."""

    state: State
    left: int

    @property
    def is_bookable(self) -> bool:
        return self.state in {State.FREE, State.FEW}

    @property
    def few_from(self) -> int:
        """From how many places on the catalogue warns that there are few."""
        return settings.SHOP_FEW_PLACES

    @property
    def is_over(self) -> bool:
        return self.state in {State.STARTED, State.PAST, State.CANCELLED}


def availability_of(session: Session, *, at: datetime, is_opened: bool = False) -> Availability:
    """Tell how a session annotated with ``seats_left`` stands at an instant. ``is_opened``: by an access code."""
    left = max(session.seats_left, 0)
    return Availability(_state(session, left, at, is_opened), left)


def _state(session: Session, left: int, at: datetime, is_opened: bool) -> State:
    if session.is_cancelled:
        return State.CANCELLED
    if at >= session.ends_at:
        return State.PAST
    if at >= session.starts_at:
        return State.STARTED
    if session.sales_start_at and at < session.sales_start_at and not is_opened:
        return State.NOT_YET
    if session.sales_end_at and at >= session.sales_end_at:
        return State.CLOSED
    if not left:
        return State.FULL
    return State.FEW if left <= settings.SHOP_FEW_PLACES else State.FREE
