"""Markdown to HTML that is safe to show, whoever wrote it.

Markdown's own HTML is off, the result is sanitised all the same, and headings are fitted below those of the page.
"""

from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

DEEPEST_HEADING = 6
TAGS = set(
    "p br hr h2 h3 h4 h5 h6 strong em s code pre blockquote ul ol li a img table thead tbody tr th td".split()
)
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start"},
}
SCHEMES = {"http", "https", "mailto", "tel"}

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def render(text: str, *, top_heading: int = 2) -> SafeString:
    """Return the HTML of a Markdown text. Its highest heading, of whatever level, becomes ``<h{top_heading}>``.

    Links to other sites carry ``rel="nofollow noopener"``.
    """
    return mark_safe(_render(text, top_heading, urlsplit(settings.SITE_URL).netloc))  # noqa: S308 - sanitised


@lru_cache(maxsize=256)
def _render(text: str, top_heading: int, own_host: str) -> str:
    tokens = _parser.parse(text)
    _fit_headings(tokens, top_heading)
    for token in tokens:
        for child in token.children or []:
            _mark(child, own_host)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)


def _fit_headings(tokens: list[Token], top: int) -> None:
    """Give the levels in use consecutive ones from ``top`` on, so that an outline never skips a level."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    levels = sorted({token.tag for token in headings})
    fitted = {tag: f"h{min(top + depth, DEEPEST_HEADING)}" for depth, tag in enumerate(levels)}
    for token in headings:
        token.tag = fitted[token.tag]


def _mark(token: Token, own_host: str) -> None:
    if token.type == "link_open" and _is_foreign(str(token.attrGet("href") or ""), own_host):
        token.attrSet("rel", "nofollow noopener")
    elif token.type == "image":
        token.attrSet("loading", "lazy")


def _is_foreign(address: str, own_host: str) -> bool:
    try:
        host = urlsplit(address).netloc
    except ValueError:  # "http://[" and the like: no browser opens it, and nobody vouches for it
        return True
    return host not in {"", own_host}
