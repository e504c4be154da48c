"""``{% look_query look %}`` writes how a list is looked at as the end of an address."""

from django import template

from core.addresses import with_query

register = template.Library()


@register.simple_tag
def look_query(look) -> str:
    """``?show=done`` where a list is seen through a filter, so that one comes back to the same; else nothing."""
    if not look:
        return ""
    return with_query("", {"show": look.show if look.show != "open" else None})
