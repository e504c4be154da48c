"""The frame holds without a database, without inline code, and within its weight."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.template.loader import render_to_string

from core.styleguide import styleguide

STATIC = Path(settings.BASE_DIR) / "static"
INLINE = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\ssrc=)(?![^>]*application/)[^>]*>|\son[a-z]+=|hx-on", re.I
)


def weight(*names: str) -> int:
    """Bytes over the wire, as whitenoise compresses them."""
    return sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in names)


@pytest.fixture
def frame(rf):
    """The frame as an anonymous visitor gets it."""
    request = rf.get("/")
    request.user = AnonymousUser()
    return render_to_string("base.html", {"user": request.user, "request": request})


@pytest.mark.parametrize("code", [400, 413, 429, 500, 503])
def test_pages_of_bad_news_need_neither_context_nor_database(code):
    # No django_db mark: a query would fail the test.
    html = render_to_string(f"{code}.html")

    assert f">{code}</p>" in html
    assert "<h1>" in html
    assert not INLINE.search(html)


def test_the_frame_asks_the_database_nothing(frame):
    # Without the django_db mark, rendering would have failed.
    assert '<main class="page" id="main"' in frame


def test_the_frame_of_an_anonymous_visitor_carries_nothing_personal(frame):
    assert "csrfmiddlewaretoken" not in frame


def test_the_frame_has_no_inline_code(frame):
    assert not INLINE.search(frame)


def test_htmx_never_evaluates_text(frame):
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']*)'", frame)[1])

    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False


def test_the_page_of_samples_has_no_inline_code(rf, settings):
    settings.DEBUG = True
    request = rf.get("/styleguide/")
    request.user = AnonymousUser()

    html = styleguide(request).content.decode()

    assert "Style guide" in html
    assert not INLINE.search(html)


def test_the_page_of_samples_is_not_for_the_public(rf):
    with pytest.raises(Http404):
        styleguide(rf.get("/styleguide/"))


def test_the_sheets_of_a_page_are_light(frame):
    sheets = re.findall(r'href="/static/(css/[^"]+)"', frame)

    assert sheets == ["css/tokens.css", "css/base.css", "css/shop.css", "css/print.css"]
    assert weight(*sheets) <= 12 * 1024


def test_the_scripts_of_a_page_are_light(frame):
    scripts = re.findall(r'src="/static/([^"]+\.js)"', frame)

    assert "vendor/htmx/htmx.min.js" in scripts
    assert weight(*scripts) <= 25 * 1024


def test_the_manifest_is_read_by_machines():
    manifest = json.loads(render_to_string("site.webmanifest", {"site_name": "TreesN’Qs"}))

    for icon in manifest["icons"]:
        assert (STATIC / icon["src"].removeprefix("/static/")).is_file()


def test_no_sheet_reaches_outside():
    for sheet in (STATIC / "css").glob("*.css"):
        for address in re.findall(r"url\(\"?([^\")]+)", sheet.read_text()):
            assert (sheet.parent / address).resolve().is_file(), f"{sheet.name}: {address}"
