"""A session's time on the clock of the visitor who told us their zone."""

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.services import time_zone_of

register = template.Library()


@register.simple_tag(takes_context=True)
def your_time(context, session) -> SafeString | str:
    """``12:30 – 14:00 your time`` beside ``{% when session %}``; nothing where both clocks agree.

    ``session`` has ``local_start`` and ``local_end``, aware, on the session's own clock.
    """
    user = context.get("user")
    zone = time_zone_of(user) if user is not None else None
    if zone is None:
        return ""
    start, end = session.local_start.astimezone(zone), session.local_end.astimezone(zone)
    if start.utcoffset() == session.local_start.utcoffset():
        return ""
    hours = f"{start:%H:%M} – {end:%H:%M}"
    if start.date() != session.local_start.date():
        hours = f"{formats.date_format(start, 'l j F')}, {hours}"
    return format_html('<span class="local-time">{}</span>', _("%(hours)s your time") % {"hours": hours})
