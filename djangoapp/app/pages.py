"""Pages that show several apps at once: posts with the dates of what they tell, projects with their posts, the search.

The apps' own views prepare them; here they get what their app does not know.
"""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from app.composition import expand_polls
from blog.models import Post
from blog.views import reading
from shop.models import Project, Session
from shop.views import catalogue, orders
from shop.views.cards import cards_of

NEXT_DATES = 3
LATEST_POSTS = 3
SESSIONS_FOUND = 6
POSTS_FOUND = 6
PROJECTS_FOUND = 3
LONGEST_QUESTION = 100


def post_detail(request: HttpRequest, slug: str) -> HttpResponse:
    return _with_dates(request, reading.post_detail(request, slug))


def post_draft(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    return _with_dates(request, reading.post_draft(request, pk, token))


def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A project with the latest that was written about it."""
    response = catalogue.project_detail(request, slug)
    if isinstance(response, TemplateResponse):
        project = response.context_data["project"]
        posts = Post.objects.published().of_project(project).for_cards()[:LATEST_POSTS]
        response.context_data |= {"posts": posts, "zone": ZoneInfo(settings.TIME_ZONE)}
        response.template_name = "app/project_detail.html"
    return response


def order_detail(request: HttpRequest, code: str, token: str) -> HttpResponse:
    return _with_tickets(orders.order_detail(request, code, token))


def order_status(request: HttpRequest, code: str, token: str) -> HttpResponse:
    return _with_tickets(orders.order_status(request, code, token))


def _with_tickets(response: HttpResponse) -> HttpResponse:
    """Show an order with the tickets of its places. Redirects and empty answers stay what they are."""
    if not isinstance(response, TemplateResponse):
        return response
    order = response.context_data["order"]
    number = 0
    for line in order.lines.all() if order.is_paid else []:
        ticket = getattr(line, "ticket", None)
        if ticket is not None and ticket.is_valid:
            number += 1
            line.page = {
                "url": reverse("tickets:ticket", args=[ticket.code]),
                "label": _("Ticket of %(name)s") % {"name": line.attendee_name},
                "icon": "ticket",
            }
    if number:
        action = {
            "url": reverse("tickets:order", args=[order.code, order.token]),
            "label": ngettext("My ticket (PDF)", "My tickets (PDF)", number),
            "icon": "ticket",
        }
        response.context_data["more_actions"] = [action]
    return response


def _with_dates(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Show polls within the post, and beside it the next dates of what it is about. Redirects stay redirects."""
    if not isinstance(response, TemplateResponse):
        return response
    context = response.context_data
    text = context["body"]
    context["body"] = expand_polls(text, request)
    context["has_polls"] = context["body"] != text
    project = context["post"].project
    if project is not None and project.is_published:
        sessions = Session.objects.upcoming().filter(project=project).for_cards()
        context |= {"project": project, "cards": cards_of(sessions[:NEXT_DATES], request)}
    response.template_name = "app/post_detail.html"
    return response


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Sessions to come, projects and posts that speak of ``?q=``: the first of each, and ways to all of them."""
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST_QUESTION]
    context = {"words": words, "zone": ZoneInfo(settings.TIME_ZONE)}
    if words:
        sessions = Session.objects.upcoming().matching(words).for_cards()[: SESSIONS_FOUND + 1]
        posts = list(Post.objects.published().matching(words).for_cards()[: POSTS_FOUND + 1])
        cards = cards_of(sessions, request)
        context |= {
            "cards": cards[:SESSIONS_FOUND],
            "has_more_sessions": len(cards) > SESSIONS_FOUND,
            "posts": posts[:POSTS_FOUND],
            "has_more_posts": len(posts) > POSTS_FOUND,
            "projects": _projects_without_dates(words, cards),
        }
    response = render(request, "app/search.html", context)
    patch_vary_headers(response, ["Cookie"])
    return response


def _projects_without_dates(words: str, cards: list) -> list[Project]:
    """What is offered but has no date among those found: somebody may look for it all the same."""
    found = Project.objects.published()
    for word in words.split()[:8]:
        found = found.telling_of(word)
    shown = {card.session.project_id for card in cards}
    return list(found.exclude(pk__in=shown).defer("description").order_by("title")[:PROJECTS_FOUND])
