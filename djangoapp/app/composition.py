"""What a text of one app shows of another: apps of one level do not know each other, so it is put together here."""

import re

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from polls.models import Poll
from polls.shown import show, studio_zone
from polls.visitor import voter_of

# A paragraph that holds the code and nothing else, as Markdown writes it.
POLL_CODE = re.compile(r"^<p>\[poll:([-a-zA-Z0-9_]{1,80})\]</p>$", re.MULTILINE)
MOST_POLLS = 5  # in one text


def expand_polls(html: SafeString, request: HttpRequest) -> SafeString:
    """Put polls where a text has ``[poll:slug]`` in a paragraph of its own.

    ``html`` is sanitised already (``core.markdown.render``) and is not touched otherwise. Each poll is shown once; a
    second code, or one too many, becomes a link. A code that leads nowhere is seen by staff alone. Costs no query
    where there is no code, and the same few for one poll and for several.
    """
    slugs = list(dict.fromkeys(POLL_CODE.findall(html)))
    if not slugs:
        return html
    polls = {poll.slug: poll for poll in Poll.objects.published().filter(slug__in=slugs)}
    shown_first = [polls[slug] for slug in slugs if slug in polls][:MOST_POLLS]
    waiting = {
        shown.poll.slug: shown
        for shown in show(shown_first, voter_of(request), is_part=True, back=request.get_full_path())
    }

    def put(code: re.Match) -> str:
        slug = code[1]
        if shown := waiting.pop(slug, None):
            context = {"shown": shown, "zone": studio_zone()}
            return render_to_string("polls/_embedded.html", context, request)
        if slug in polls:
            return _link_to(polls[slug])
        return _note_for_staff(slug) if request.user.is_staff else ""

    return mark_safe(POLL_CODE.sub(put, html))  # noqa: S308 - what is put in is rendered by templates


def _link_to(poll: Poll) -> SafeString:
    words = _("Our poll") if poll.is_for_members else poll.question
    return format_html('<p><a href="{}">{}</a></p>', poll.get_absolute_url(), words)


def _note_for_staff(slug: str) -> SafeString:
    note = _("There is no published poll “%(slug)s”. Only staff sees this note.") % {"slug": slug}
    return format_html('<div class="notice few"><div><p>{}</p></div></div>', note)
