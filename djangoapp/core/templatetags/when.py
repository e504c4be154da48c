"""Times on the clock of the place they belong to, with the zone told."""

from datetime import datetime

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


def zone_label(local: datetime) -> str:
    """A zone as people say it: ``Zurich time`` for Europe/Zurich, or its abbreviation for anything else."""
    key = getattr(local.tzinfo, "key", "")
    city = key.rpartition("/")[2].replace("_", " ")
    return f"{city} time" if "/" in key else local.tzname() or "UTC"


@register.simple_tag
def when(session) -> SafeString:
    """``Saturday 28 November 2026, 09:30 – 12:30 (Zurich time)``, machine-readable within."""
    start, end = session.local_start, session.local_end
    day = formats.date_format(start, "l j F Y")
    is_one_day = start.date() == end.date()
    until = f"{end:%H:%M}" if is_one_day else f"{formats.date_format(end, 'l j F')}, {end:%H:%M}"
    return format_html(
        '<time datetime="{}">{}, {} – {}</time> <span class="zone">({})</span>',
        start.isoformat(),
        day,
        f"{start:%H:%M}",
        until,
        zone_label(start),
    )


@register.filter
def in_zone(instant: datetime, zone) -> datetime:
    """Put an instant on the clock of a zone (a ``ZoneInfo``)."""
    return instant.astimezone(zone)


@register.filter
def zone(local: datetime) -> str:
    """The name of a local time's zone, for people."""
    return zone_label(local)
