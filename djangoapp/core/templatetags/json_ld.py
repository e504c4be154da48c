"""``{{ data|json_ld }}`` writes structured data for search engines as a data block."""

import json

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# With these a text cannot end the block, whatever it says; JSON reads them as the same letters.
_ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def json_ld(data: dict | list | None) -> SafeString:
    """Write the block; nothing for nothing. Browsers do not run it, so the content policy lets it stand."""
    if not data:
        return SafeString()
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).translate(_ESCAPED)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped
