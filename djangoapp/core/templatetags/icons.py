"""Signs beside words, drawn here. Hidden from screen readers, for the words say the same."""

from django import template
from django.utils.safestring import SafeString

register = template.Library()

SHAPES = {
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
    "cart": (
        '<path d="M4 9.5h16l-1.6 9a2 2 0 0 1-2 1.5H7.6a2 2 0 0 1-2-1.5zM8 9.5 11 4M16 9.5 13 4M10 '
        '13.5v3M14 13.5v3"/>'
    ),
    "user": '<circle cx="12" cy="8" r="3.75"/><path d="M4.5 20a7.5 7.5 0 0 1 15 0"/>',
    "people": (
        '<circle cx="9" cy="8.5" r="3.25"/><path d="M2.5 19.5a6.5 6.5 0 0 1 13 0M15.5 5.5a3.25 3.25 0 0 '
        '1 0 6M18 14.5a6.5 6.5 0 0 1 3.5 5"/>'
    ),
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "warning": '<path d="M12 4 2.75 20h18.5zM12 10v4.5M12 17.4v.1"/>',
    "stop": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V13M12 16.4v.1"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.6v.1"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 2.75V7M16 2.75V7"/>',
    "list": '<path d="M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4 6.5h.1M4 12h.1M4 17.5h.1"/>',
    "pin": '<path d="M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11z"/><circle cx="12" cy="10" r="2.25"/>',
    "online": '<rect x="3" y="4.5" width="18" height="12" rx="2"/><path d="M8.5 20h7M12 16.5V20"/>',
    "card": '<rect x="2.75" y="5" width="18.5" height="14" rx="2"/><path d="M2.75 9.5h18.5M6.5 15h4"/>',
    "desk": '<path d="M4 10.5V19.5h16v-9M2.75 10.5 5 4.5h14l2.25 6zM9.5 19.5v-5h5v5"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3.5 7 8.5 6 8.5-6"/>',
    "remove": (
        '<path d="M4.5 7h15M9 7V4.5h6V7M6.5 7l.8 12a1.5 1.5 0 0 0 1.5 1.5h6.4a1.5 1.5 0 0 0 1.5-1.5L17.5 '
        '7M10 11v5.5M14 11v5.5"/>'
    ),
    "edit": '<path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4"/>',
    "back": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "next": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "up": '<path d="m6 14.5 6-6 6 6"/>',
    "down": '<path d="m6 9.5 6 6 6-6"/>',
    "filter": '<path d="M4 7h16M7 12h10M10 17h4"/>',
    "ticket": '<path d="M3 6.5h18V10a2 2 0 0 0 0 4v3.5H3V14a2 2 0 0 0 0-4zM14 7v2M14 11v2M14 15v2"/>',
    "coupon": '<path d="M12.5 3.5h7v7l-9 9.5-7.5-7.5zM16 7.6v.1"/>',
    "print": '<path d="M7 9V3.5h10V9M7 17H4V9h16v8h-3M7 14h10v6.5H7z"/>',
    "lock": '<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>',
    "refund": '<path d="M4 10h11a5 5 0 0 1 0 10H9M8 5.5 3.5 10 8 14.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "feed": '<path d="M5 5a14 14 0 0 1 14 14M5 11.5A7.5 7.5 0 0 1 12.5 19M6 18.4v.1"/>',
    "out": '<path d="M14 4.5H5.5v15H14M10 12h10.5M16.5 8l4 4-4 4"/>',
    "wrench": (
        '<path d="M20 7.5a4.5 4.5 0 0 1-6 4.2L7.2 18.5a2 2 0 0 1-2.7-2.7L11.3 9a4.5 4.5 0 0 1 5.5-6l-2.6 '
        '2.700.6 2.6 2.500.6L20 6.2z"/>'
    ),
    "heart": '<path d="M12 20S3.5 15 3.5 9a4.25 4.25 0 0 1 8.5-1.5A4.25 4.25 0 0 1 20.5 9C20.5 15 12 20 12 20z"/>',
    "camera": '<path d="M4 8V4.5h4M16 4.5h4V8M20 16v3.5h-4M8 19.500H4V16M8.5 8.500h7v7h-7z"/>',
    "torch": '<path d="M8 3.500h8v3.500l-2 3v10.500h-4V10L8 7zM12 13v1.500"/>',
    "offline": '<path d="M3.500 9.500a13 13 0 0 1 17 0M7 13.500a7.500 7.500 0 0 1 10 0M12 18.400v.1M4 3.500l16 17"/>',
    "door": '<path d="M5.500 20.500V3.500h13v17M3.500 20.500h17M15 12v.1"/>',
}
# Signs by what they mean, for states.
SHAPES |= {"ok": SHAPES["check"], "few": SHAPES["clock"], "bad": SHAPES["stop"]}
TURNING = ("back", "next")  # to the other side where one reads from right to left

_SIGNS = {
    name: SafeString(
        f'<svg class="icon{" icon-turn" if name in TURNING else ""}" viewBox="0 0 24 24" width="24" height="24"'
        f' aria-hidden="true" focusable="false">{shape}</svg>'
    )
    for name, shape in SHAPES.items()
}


@register.simple_tag
def icon(name: str) -> SafeString | str:
    """The sign of this name; nothing where there is none."""
    return _SIGNS.get(name, "")
