"""``{{ text|markdown }}`` writes Markdown as safe HTML; ``{{ text|markdown:3 }}`` begins at ``<h3>``."""

from django import template
from django.utils.safestring import SafeString

from core.markdown import render

register = template.Library()


@register.filter
def markdown(text: str | None, top_heading: int = 2) -> SafeString:
    """Return the HTML; nothing for nothing."""
    return render(text or "", top_heading=top_heading)
