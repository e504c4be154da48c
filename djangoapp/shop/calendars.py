"""Sessions as calendar files (RFC 5545): one session, a feed of many, and what somebody booked.

The bytes depend on the rows alone and never on the present moment, so that an unchanged calendar keeps its ETag.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event, vText

from core.addresses import absolute
from shop.models import Order, OrderLine, Session

CONTENT_TYPE = "text/calendar; charset=utf-8"
REFRESH_EVERY = timedelta(hours=6)


def session_calendar(session: Session) -> bytes:
    """The calendar file of one session, with what everybody may know."""
    return _calendar([_public_event(session)], name=session.title)


def feed_calendar(sessions: Iterable[Session], *, name: str) -> bytes:
    """A calendar to subscribe to. Its events do not make anybody busy: nobody attends them all."""
    events = []
    for session in sessions:
        event = _public_event(session)
        event.add("transp", "TRANSPARENT")
        events.append(event)
    return _calendar(events, name=name, refresh_every=REFRESH_EVERY)


def order_calendar(order: Order) -> bytes:
    """What the order booked, each session once, with the names of those who come.

    The link of an online session is in it once the order is paid. Sessions whose places are all cancelled are marked
    as cancelled, so that importing the file again crosses them out. The order's own link stays out: calendars are
    shared with colleagues.
    """
    lines: dict[Session, list[OrderLine]] = {}
    for line in order.lines.select_related("session__project__category").order_by("position"):
        lines.setdefault(line.session, []).append(line)
    events = [
        _booked_event(order, session, [line for line in booked if line.cancelled_at is None])
        for session, booked in sorted(lines.items(), key=lambda item: (item[0].starts_at, item[0].pk))
    ]
    name = _("%(site)s, order %(code)s") % {"site": settings.SITE_NAME, "code": order.code}
    return _calendar(events, name=name)


def _booked_event(order: Order, session: Session, coming: list[OrderLine]) -> Event:
    link = session.online_url if session.is_online and order.is_paid and coming else ""
    names = ", ".join(line.attendee_name for line in coming)
    words = [
        ngettext("%(count)d place: %(names)s", "%(count)d places: %(names)s", len(coming))
        % {"count": len(coming), "names": names}
        if coming
        else _("This booking is cancelled."),
        _("Order %(code)s") % {"code": order.code},
        _("Join here: %(link)s") % {"link": link} if link else "",
    ]
    event = _event(session, where=link or session.where, words=words)
    event.add("status", "CONFIRMED" if coming else "CANCELLED")
    return event


def _public_event(session: Session) -> Event:
    event = _event(session, where=session.where, words=[session.project.summary])
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    return event


def _event(session: Session, *, where: str, words: list[str]) -> Event:
    url = absolute(session.get_absolute_url())
    changed_at = max(session.updated_at, session.project.updated_at)
    event = Event()
    event.add("uid", f"session-{session.pk}@{urlsplit(settings.SITE_URL).hostname}")
    # Without a METHOD, DTSTAMP tells when the event was last revised.
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", session.sequence)
    starts, ends = _clock(session)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", session.title)
    event.add("location", where)
    if not session.needs_code:  # nobody finds the page of a hidden one without its code
        words = [*words, url]
        event.add("url", url)
    event.add("description", "\n".join(word for word in words if word))
    event.add("categories", [session.project.category.name])
    return event


def _clock(session: Session) -> tuple[datetime, datetime]:
    """Start and end as the file writes them: on the clock of the session's zone.

    An hour that comes twice, when clocks are put back, means its first round in calendar files. A session that
    touches the second round is written in UTC instead, or it would be an hour early.
    """
    local = session.local_start, session.local_end
    if any(moment.fold for moment in local):
        return session.starts_at.astimezone(UTC), session.ends_at.astimezone(UTC)
    return local


def _calendar(events: list[Event], *, name: str, refresh_every: timedelta | None = None) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    # Calendar programs know the name by one of these two, and the pause between two looks likewise.
    calendar.add("name", vText(name))
    calendar.add("x-wr-calname", vText(name))
    if refresh_every is not None:
        calendar.add("refresh-interval", refresh_every, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", refresh_every, parameters={"VALUE": "DURATION"})
    for event in events:
        calendar.add_component(event)
    if events:
        # The zones' rules for the years that matter, not for half a century.
        years = [event.start.year for event in events]
        calendar.add_missing_timezones(
            first_date=date(min(years) - 1, 1, 1), last_date=date(max(years) + 2, 1, 1)
        )
    return calendar.to_ical()
