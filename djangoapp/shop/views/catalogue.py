"""Looking around: what is offered, when, and at what price."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from core.addresses import absolute, with_query
from core.money import tax_included
from core.pages import page_number, page_of
from shop import structured_data
from shop.availability import State
from shop.calendars import CONTENT_TYPE, feed_calendar, session_calendar
from shop.forms.catalogue import SessionFilter
from shop.models import Category, Project, Session
from shop.months import Month, weeks_of
from shop.querysets import SessionQuerySet
from shop.services import policy
from shop.services.pricing import price_notes
from shop.views.cards import cards_of
from shop.views.visitor import opened_for, visitor_membership

SESSIONS_PER_PAGE = 18
SESSIONS_PER_MONTH = 1500
PROJECTS_PER_PAGE = 24
DATES_PER_PAGE = 30
OTHER_DATES = 5
FEED_LENGTH = 500
ICS_SECONDS = 300  # so long a calendar file may be kept
FEED_BACK = timedelta(days=31)  # what just took place stays in subscribed calendars for a while


@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    """Upcoming sessions as a list or, with ``?view=month``, as a calendar; both through the same filters.

    When htmx sends the filters, the answer is the results alone.
    """
    is_month = request.GET.get("view") == "month"
    form = SessionFilter(request.GET, categories=Category.objects.offered(), has_days=not is_month)
    membership = visitor_membership(request)
    opened = opened_for(request)
    sessions = Session.objects.announced(opened).for_cards()
    sessions = form.narrow(sessions, membership=membership, opened=opened)
    context = {"form": form, "is_month": is_month}
    context |= _as_month(request, form, sessions) if is_month else _as_list(request, form, sessions)
    is_part = request.htmx and not request.htmx.history_restore_request
    template = "_session_results" if is_part else "session_list"
    response = render(request, f"shop/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    if is_part:
        response["HX-Push-Url"] = context["here"]
    return response


def _as_list(request: HttpRequest, form: SessionFilter, sessions: SessionQuerySet) -> dict:
    page = page_of(sessions, page_number(request.GET.get("page")), size=SESSIONS_PER_PAGE)
    cards = cards_of(page.rows, request)
    first_day = form.asked.get("date_from")
    here = form.address(page=page.parameter)
    return {
        "page": page,
        "months": [
            (Month(*key), list(cards_of_month))
            for key, cards_of_month in groupby(
                cards, lambda card: (card.session.local_start.year, card.session.local_start.month)
            )
        ],
        "chips": form.chips(),
        "here": here,
        "list_url": here,
        "month_url": form.address(
            **{"view": "month", "month": first_day and Month.of(first_day), "from": None, "to": None}
        ),
        "clear_url": reverse("shop:session_list"),
        # Of all the ways to filter, only the list of a kind is worth finding by a search engine.
        "is_indexable": form.asked.keys() <= {"category"} and not page.is_beyond_the_end,
        "canonical_url": absolute(here),
    }


def _as_month(request: HttpRequest, form: SessionFilter, sessions: SessionQuerySet) -> dict:
    today = timezone.localdate()
    present = Month.of(today)
    text = request.GET.get("month", "")
    asked = Month.read(text)
    month = max(asked or present, present)
    kept = {"view": "month", "month": month}

    def day_address(day) -> str:
        return form.address(**{"from": day, "to": day})

    found = list(sessions.on_days(month.first, month.last)[: SESSIONS_PER_MONTH + 1])
    cards = cards_of(found[:SESSIONS_PER_MONTH], request)
    weeks = weeks_of(month, ((card.session, card) for card in cards), today=today, url_of=day_address)
    later = sessions.on_days(month.next.first, None).first()
    following = later and max(Month.of(later.local_start), month.next)  # it may have begun before
    return {
        "month": month,
        "weeks": weeks,
        "days": [day for week in weeks for day in week if day.entries],
        "count": len(cards),
        "is_cut": len(found) > SESSIONS_PER_MONTH,
        "is_month_over": asked is not None and asked < present,
        "is_month_misread": bool(text) and asked is None,
        "previous": month.previous if month > present else None,
        "previous_url": form.address(view="month", month=month.previous),
        "next_url": form.address(view="month", month=month.next) if following else "",
        "following": following,
        "following_url": following and form.address(view="month", month=following),
        "chips": form.chips(**kept),
        "here": form.address(**kept),
        "list_url": form.address(),
        "month_url": form.address(**kept),
        "clear_url": form.address(**dict.fromkeys(form.in_force), **kept),
        "is_indexable": False,
        **_feed_addresses(form.chosen_category),
    }


def _feed_addresses(category: Category | None) -> dict:
    """The feed's address for people, and for the calendar program that a browser opens."""
    address = absolute(with_query(reverse("shop:feed"), {"category": category and category.slug}))
    return {"feed_address": address, "webcal_address": f"webcal://{address.partition('://')[2]}"}


@require_safe
def session_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One date: all that decides, and the form that reserves places. Past ones stay readable."""
    opened = opened_for(request)
    session = get_object_or_404(Session.objects.published(opened).for_page(), slug=slug)
    project = session.project
    same = Session.objects.upcoming(opened).filter(project=project).exclude(pk=session.pk)
    others = list(same.for_cards()[: OTHER_DATES + 1])
    [card, *other_cards] = cards_of([session, *others[:OTHER_DATES]], request)
    own_entry = None
    if card.availability.state == State.FULL and request.user.is_authenticated:
        own_entries = session.waiting.on_the_list().of_person(request.user, request.user.email)
        own_entry = own_entries.first()
    most = min(session.most_places, card.availability.left)
    context = {
        "card": card,
        "session": session,
        "project": project,
        "tax": tax_included(card.price.price, project.tax_rule.rate),
        "places": range(1, most + 1),
        "most_places": session.most_places,
        "policy_words": policy.in_words(
            policy.terms_of(session), session.tz, card.price.price, at=timezone.now()
        ),
        "price_notes": price_notes(session, at=timezone.now()),
        "hold_minutes": settings.SHOP_HOLD_MINUTES,
        "own_entry": own_entry,
        "other_cards": other_cards,
        "has_more_dates": len(others) > OTHER_DATES,
        "crumbs": [
            (_("Sessions"), reverse("shop:session_list")),
            (project.title, project.get_absolute_url()),
        ],
        # Nothing of a hidden session is for search engines.
        "structured_data": None
        if session.needs_code
        else structured_data.event_of(session, card.availability, at=timezone.now()),
        "og_image": _picture_address(project),
    }
    status = 410 if session.is_cancelled else 200  # people read why; search engines forget the page
    return render(request, "shop/session_detail.html", context, status=status)


@require_safe
def project_list(request: HttpRequest) -> HttpResponse:
    """Everything the studio does, what comes next first."""
    membership = visitor_membership(request)
    categories = list(Category.objects.offered())
    category = _chosen(request.GET.get("category"), categories)
    projects = Project.objects.published().for_cards(membership)
    if category:
        projects = projects.filter(category=category)
    page = page_of(projects, page_number(request.GET.get("page")), size=PROJECTS_PER_PAGE)
    next_sessions = Session.objects.in_bulk([project.next_session_id for project in page.rows])
    for project in page.rows:
        project.next_session = next_sessions.get(project.next_session_id)
    asked = {"category": category and category.slug, "page": page.parameter}
    context = {
        "page": page,
        "categories": categories,
        "category": category,
        "canonical_url": absolute(with_query(reverse("shop:project_list"), asked)),
    }
    return render(request, "shop/project_list.html", context)


@require_safe
def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One project and all its dates to come. ``app`` adds what is written about it."""
    projects = Project.objects.published().select_related("category", "tax_rule", "policy")
    project = get_object_or_404(projects, slug=slug)
    sessions = Session.objects.upcoming(opened_for(request)).filter(project=project).for_cards()
    page = page_of(sessions, page_number(request.GET.get("page")), size=DATES_PER_PAGE)
    context = {
        "project": project,
        "page": page,
        "cards": cards_of(page.rows, request),
        "policy_words": policy.in_general(policy.policy_of(project)),
        "crumbs": [(_("Projects"), reverse("shop:project_list"))],
        "canonical_url": absolute(with_query(project.get_absolute_url(), {"page": page.parameter})),
        "structured_data": structured_data.dates_of(project, page.rows) if page.rows else None,
        "og_image": _picture_address(project),
    }
    return TemplateResponse(request, "shop/project_detail.html", context)


@require_safe
def session_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """One session as a calendar file. That of a hidden one is for those alone who have its code."""
    sessions = Session.objects.published(opened_for(request)).select_related("project__category")
    session = get_object_or_404(sessions, slug=slug)
    response = HttpResponse(session_calendar(session), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{session.slug}.ics"'
    if session.needs_code:
        patch_cache_control(response, private=True, max_age=ICS_SECONDS)
        patch_vary_headers(response, ["Cookie"])
    else:
        patch_cache_control(response, public=True, max_age=ICS_SECONDS)
    return response


def _feed_sessions(request: HttpRequest) -> SessionQuerySet:
    sessions = Session.objects.since(timezone.now() - FEED_BACK)
    if asked := request.GET.get("category"):
        category = _chosen(asked, Category.objects.all())
        if category is None:
            raise Http404
        sessions = sessions.filter(project__category=category)
    return sessions.select_related("project__category")[:FEED_LENGTH]


def _feed_etag(request: HttpRequest) -> str:
    """Tell whether the feed has changed without writing it: programs ask again and again."""
    rows = _feed_sessions(request).values_list(
        "pk", "updated_at", "project__updated_at", "project__category__name"
    )
    return f'"{hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:32]}"'


@require_safe
@cache_control(public=True, max_age=ICS_SECONDS)
@condition(etag_func=_feed_etag)
def feed(request: HttpRequest) -> HttpResponse:
    """All sessions, or those of ``?category=``, for calendar programs that subscribe."""
    content = feed_calendar(_feed_sessions(request), name=settings.SITE_NAME)
    return HttpResponse(content, content_type=CONTENT_TYPE)


def _chosen(slug: str | None, categories: Iterable[Category]) -> Category | None:
    """Find a kind among the few there are, so that no nonsense of a visitor reaches the database."""
    return next((category for category in categories if category.slug == slug), None)


def _picture_address(project: Project) -> str:
    return absolute(project.picture.url) if project.picture else ""
