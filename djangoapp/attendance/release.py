"""What the door's page is made of, so that a telephone can keep it, and what tells one release of it from another."""

from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.templatetags.static import static

SHELL = "attendance/door_shell.html"
SCRIPTS = tuple(
    f"js/{name}.js" for name in "door-store door-net door-camera door-answer door-desk door".split()
)
DECODER = ("vendor/barcode-detector/ponyfill.js", "vendor/zxing-wasm/zxing_reader.wasm")
PARTS = (
    "css/tokens.css",
    "css/base.css",
    "css/shop.css",
    "css/door.css",
    "css/print.css",
    "vendor/newsreader/newsreader-600.woff2",
    "vendor/htmx/htmx.min.js",
    "js/countdown.js",
    "js/local-time.js",
    "js/forms.js",
    "img/favicon.svg",
    "img/icon-192.png",
    *SCRIPTS,
    *DECODER,
)
TEMPLATES = (
    "base.html",
    SHELL,
    "attendance/door_base.html",
    "attendance/door_worker.js",
    "attendance/_door_scripts.html",
    "attendance/_door_tools.html",
    "attendance/_desk.html",
    "attendance/_entry.html",
    "attendance/_guest.html",
)


def kept_addresses() -> list[str]:
    """The addresses of everything that the page loads."""
    return [static(name) for name in PARTS]


def release_key() -> str:
    """A short text that changes with anything that a telephone keeps: with it, a new release replaces the old one."""
    digest = sha256(f"{settings.VERSION} {settings.COMMIT}".encode())
    for address in kept_addresses():
        digest.update(address.encode())  # in production it carries a hash of the content
    for name in TEMPLATES:
        digest.update(get_template(name).template.source.encode())
    if settings.DEBUG:
        for name in PARTS:
            found = finders.find(name)
            digest.update(Path(found).read_bytes() if found else b"")
    return digest.hexdigest()[:16]
