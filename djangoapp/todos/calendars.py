"""What is due, as a calendar file (RFC 5545).

Days are whole days, and times stand on no zone's clock, so that a calendar shows them on the reader's own, as the
pages do. Programs that subscribe know events better than to-dos, so these are events that make nobody busy.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vText

from core.addresses import absolute
from todos.models import TodoItem

CONTENT_TYPE = "text/calendar; charset=utf-8"
REFRESH_EVERY = timedelta(hours=1)
LASTS = timedelta(minutes=30)


def due_calendar(items: Iterable[TodoItem]) -> bytes:
    """The file. Its bytes depend on the rows alone, so that an unchanged calendar keeps its ETag."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//To-dos//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    name = _("%(site)s to-dos") % {"site": settings.SITE_NAME}
    calendar.add("name", vText(name))
    calendar.add("x-wr-calname", vText(name))
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    for item in items:
        calendar.add_component(_event(item))
    return calendar.to_ical()


def _event(item: TodoItem) -> Event:
    url = absolute(item.todo_list.get_absolute_url())
    event = Event()
    event.add("uid", f"todo-{item.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", item.updated_at)
    event.add("last-modified", item.updated_at)
    if item.due_time is None:
        event.add("dtstart", item.due_on)
        event.add("dtend", item.due_on + timedelta(days=1))
    else:
        starts_at = datetime.combine(item.due_on, item.due_time)
        event.add("dtstart", starts_at)
        event.add("dtend", starts_at + LASTS)
    event.add("summary", item.title)
    event.add("description", "\n".join(part for part in (item.note, item.todo_list.title, url) if part))
    event.add("url", url)
    event.add("transp", "TRANSPARENT")
    return event
