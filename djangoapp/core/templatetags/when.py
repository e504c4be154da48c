"""Times on the clock of the place they belong to, with the zone told.

Django's own ``date`` filter puts every instant on the clock of the active zone first. Whoever writes a session's time
uses these tags, or ``{% timezone session.tz %}`` around the filter.
"""

from datetime import date, datetime, time, timedelta

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


def zone_label(local: datetime) -> str:
    """A zone as people say it: ``Zurich time`` for Europe/Zurich, or its abbreviation for anything else."""
    key = getattr(local.tzinfo, "key", "")
    city = key.rpartition("/")[2].replace("_", " ")
    return _("%(city)s time") % {"city": city} if "/" in key else local.tzname() or "UTC"


@register.simple_tag
def when(session) -> SafeString:
    """``Saturday 28 November 2026, 09:30 – 12:30 (Zurich time)``, machine-readable within."""
    day = formats.date_format(session.local_start, "l j F Y")
    return _span(session, f"{day}, {_hours(session)}")


@register.simple_tag
def when_text(session) -> str:
    """The same as ``when`` in plain words, for letters."""
    day = formats.date_format(session.local_start, "l j F Y")
    return f"{day}, {_hours(session)} ({zone_label(session.local_start)})"


@register.simple_tag
def hours(session) -> SafeString:
    """``09:30 – 12:30 (Zurich time)``, for where the day stands beside it."""
    return _span(session, _hours(session))


@register.simple_tag
def moment(instant: datetime, zone) -> SafeString:
    """``Saturday 28 November 2026, 09:30 (Zurich time)``: one instant on the clock of a ``ZoneInfo``."""
    local = instant.astimezone(zone)
    text = f"{formats.date_format(local, 'l j F Y')}, {local:%H:%M}"
    return format_html(
        '<time datetime="{}">{}</time> <span class="zone">({})</span>',
        local.isoformat(),
        text,
        zone_label(local),
    )


@register.filter
def day_of(local: datetime | date, pattern: str = "l j F Y") -> str:
    """Write the day of a local time as it stands, on whatever clock that is."""
    return formats.date_format(local, pattern)


@register.filter
def day_ended(local: datetime) -> date | None:
    """The day that a local time ends, if it is midnight: people take "Thursday, 00:00" for the end of Thursday."""
    return (local - timedelta(days=1)).date() if local.time() == time.min else None


@register.filter
def in_zone(instant: datetime, zone) -> datetime:
    """Put an instant on the clock of a zone (a ``ZoneInfo``)."""
    return instant.astimezone(zone)


@register.filter
def zone(local: datetime) -> str:
    """The name of a local time's zone, for people."""
    return zone_label(local)


def _hours(session) -> str:
    start, end = session.local_start, session.local_end
    # On the nights on which clocks change, 02:30 may come twice: then the abbreviation tells CEST from CET.
    clock = "%H:%M %Z" if _is_twofold(start) or _is_twofold(end) else "%H:%M"
    until = end.strftime(clock)
    if start.date() != end.date():
        until = f"{formats.date_format(end, 'l j F')}, {until}"
    return f"{start.strftime(clock)} – {until}"


def _is_twofold(local: datetime) -> bool:
    """Whether the clock shows this time twice."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _span(session, text: str) -> SafeString:
    # The attributes beside the text let a script add the visitor's own clock.
    start, end = session.local_start, session.local_end
    return format_html(
        '<time datetime="{}" data-zone="{}" data-until="{}">{}</time> <span class="zone">({})</span>',
        start.isoformat(),
        session.time_zone,
        end.isoformat(),
        text,
        zone_label(start),
    )
