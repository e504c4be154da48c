"""Pages that show several apps at once: posts with the dates of what they tell, projects with their posts, the search.

The apps' own views prepare them; here they get what their app does not know.
"""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from app.composition import expand_polls
from blog.models import Post
from blog.views import reading
from shop.models import Project, Session
from shop.views import catalogue
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
