"""Sessions on cards and lines. Each is drawn once for equal values, which are all that its template gets."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from shop.availability import Availability
from shop.services.pricing import PlacePrice

register = template.Library()

MOST_DRAWN = 2000  # about a kilobyte each


@dataclass(frozen=True)
class Face:
    """All that a card or a line shows, and what decides how it is written: two that are equal look the same."""

    project: int
    title: str
    picture: str  # its address, or nothing
    address: str
    local_start: datetime
    local_end: datetime
    time_zone: str
    place: str  # nothing where the session is held online
    capacity: int
    availability: Availability
    few_from: int
    price: PlacePrice
    currency: str
    this_year: int  # on the session's clock; another one is written out
    language: str

    @property
    def taken(self) -> int:
        return self.capacity - self.availability.left


def face_of(card) -> Face:
    """What a card (``shop.views.cards.Card``) shows."""
    session, project = card.session, card.session.project
    return Face(
        project=project.pk,
        title=project.title,
        picture=project.picture.url if project.picture else "",
        address=session.get_absolute_url(),
        local_start=session.local_start,
        local_end=session.local_end,
        time_zone=session.time_zone,
        place=session.place_name,
        capacity=session.capacity,
        availability=card.availability,
        few_from=card.availability.few_from,
        price=card.price,
        currency=settings.SHOP_CURRENCY,
        this_year=timezone.now().astimezone(session.tz).year,
        language=get_language() or "",
    )


@register.simple_tag
def session_card(card) -> SafeString:
    """A session as a list shows it."""
    return _once("shop/_session_card.html", card)


@register.simple_tag
def session_row(card) -> SafeString:
    """One date of a project on a line, for pages that say the project."""
    return _once("shop/_session_row.html", card)


@register.simple_tag
def day_row(card) -> SafeString:
    """A session on a line below its day."""
    return _once("shop/_day_row.html", card)


def _once(template: str, card) -> SafeString:
    draw = _draw if settings.DEBUG else _drawn  # while templates are being written, each time anew
    return draw(template, face_of(card))


def _draw(template: str, face: Face) -> SafeString:
    return render_to_string(template, {"face": face})


_drawn = lru_cache(MOST_DRAWN)(_draw)
