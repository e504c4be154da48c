"""What search engines read of a page, in the words of schema.org. Prices are those that everybody pays."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from core.addresses import absolute
from shop.availability import Availability, State
from shop.models import Project, Session
from shop.services.pricing import early_bird, price_for

_SCHEMA = "https://schema.org/"
_SELLING = {
    State.FREE: "InStock",
    State.FEW: "LimitedAvailability",
    State.NOT_YET: "PreSale",
    State.FULL: "SoldOut",
}


def event_of(session: Session, availability: Availability, *, at: datetime) -> dict:
    """The session as an ``Event`` with its ``Offer``. The link of an online session stays with those who booked."""
    project = session.project
    url = absolute(session.get_absolute_url())
    event = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": url,
        "url": url,
        "name": project.title,
        "description": project.summary,
        "startDate": session.local_start.isoformat(),
        "endDate": session.local_end.isoformat(),
        "eventStatus": f"{_SCHEMA}Event{'Cancelled' if session.is_cancelled else 'Scheduled'}",
        "eventAttendanceMode": f"{_SCHEMA}{'Online' if session.is_online else 'Offline'}EventAttendanceMode",
        "location": _location(session, url),
        "organizer": organizer(),
        "maximumAttendeeCapacity": session.capacity,
        "remainingAttendeeCapacity": availability.left,
        "offers": _offer(session, availability, url, at),
    }
    if project.picture:
        event["image"] = [absolute(project.picture.url)]
    if session.host:
        event["performer"] = {"@type": "Person", "name": session.host.get_full_name()}
    return event


def dates_of(project: Project, sessions: Iterable[Session]) -> dict:
    """The project's dates as a list that leads to the page of each."""
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": project.title,
        "itemListElement": [
            {"@type": "ListItem", "position": position, "url": absolute(session.get_absolute_url())}
            for position, session in enumerate(sessions, start=1)
        ],
    }


def studio() -> dict:
    """Who we are, for the home page."""
    return (
        {"@context": "https://schema.org"}
        | organizer()
        | {
            "address": settings.SHOP_STUDIO_ADDRESS,
            "email": settings.SHOP_CONTACT_EMAIL,
        }
    )


def organizer() -> dict:
    return {"@type": "Organization", "name": settings.SITE_NAME, "url": absolute("/")}


def _location(session: Session, url: str) -> dict:
    if session.is_online:
        return {"@type": "VirtualLocation", "url": url}
    place = {"@type": "Place", "name": session.place_name}
    if session.place_address:
        place["address"] = session.place_address
    return place


def _offer(session: Session, availability: Availability, url: str, at: datetime) -> dict:
    ends_at = session.sales_end_at or session.starts_at
    offer = {
        "@type": "Offer",
        "url": url,
        "price": f"{price_for(session, '', at=at).price:.2f}",
        "priceCurrency": settings.SHOP_CURRENCY,
        "availability": f"{_SCHEMA}{_SELLING.get(availability.state, 'Discontinued')}",
        "validFrom": (session.sales_start_at or session.created_at).isoformat(),
        "availabilityEnds": ends_at.isoformat(),
    }
    early = early_bird(session, at=at)
    if early is not None and not early.is_over and session.early_until_at is not None:
        offer["priceValidUntil"] = session.early_until_at.isoformat()
    return offer
