"""Choosing a door, and standing at it."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from attendance.forms import DayForm, GateForm, WalkInForm
from attendance.services import (
    conflicts_of,
    count,
    doors_for,
    gates_in_use,
    guest_page,
    latest_entries,
    look_up,
)
from attendance.services.answers import LONGEST_SCAN, doors_open_at
from attendance.views.access import door_page, scanner_page, session_of, wants_json
from attendance.views.words import tools
from core.pages import page_number
from shop.models import Session

GATE_COOKIE = "door_gate"
GATE_COOKIE_SECONDS = 30 * 24 * 3600
LATEST = 6
MOST_CONFLICTS = 20
SHOWS = ("", "missing", "in")


@require_safe
@door_page
def home(request: HttpRequest) -> HttpResponse:
    """The sessions to choose from: open doors first, then today's and the coming days', or those of another day."""
    form = DayForm(request.GET)
    day = form.cleaned_data["day"] if form.is_valid() else None
    context = {"doors": doors_for(request.user, day=day), "day": day, "form": form, **tools()}
    return render(request, "attendance/door_home.html", context)


@require_safe
@door_page
@scanner_page
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything for one door: scanning, searching, the list, people without a ticket, and taking back."""
    return session_page(request, session_of(request, pk))


def session_page(
    request: HttpRequest, session: Session, *, walk_in: WalkInForm | None = None, status: int = 200
) -> HttpResponse:
    """Draw the page of a door. ``walk_in`` is a form with something wrong in it."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SCAN]
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    context = {
        "session": session,
        "opens_at": doors_open_at(session),
        "counts": count(session),
        "gate": gate_of(request),
        "gates": gates_in_use(session),
        "latest": latest_entries(session, LATEST),
        "conflicts": conflicts_of(session, MOST_CONFLICTS),
        "walk_in": walk_in or WalkInForm(),
        # One for this page: with what is done from it, it names each attempt.
        "nonce": secrets.token_urlsafe(16),
        "q": text,
        "show": show,
        **tools(),
    }
    if text:
        context["guests"] = look_up(session, text)
    else:
        context["page"] = page = guest_page(session, page_number(request.GET.get("page")), show=show)
        context["guests"] = page.rows
    return render(request, "attendance/door_session.html", context, status=status)


@require_POST
@door_page
def gate(request: HttpRequest) -> HttpResponse:
    """Remember at which gate this telephone stands."""
    form = GateForm(request.POST)
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = redirect(back if is_ours else "door:home")
    if wants_json(request):
        response = JsonResponse({})
    if form.is_valid():
        remember_gate(response, form.cleaned_data["gate"])
    return response


def gate_of(request: HttpRequest) -> str:
    """The gate that this telephone remembers."""
    try:
        remembered = request.get_signed_cookie(GATE_COOKIE, default="", salt="attendance.gate")
    except ValueError:
        return ""
    form = GateForm({"gate": remembered})
    return form.cleaned_data["gate"] if form.is_valid() else ""


def remember_gate(response: HttpResponse, name: str) -> None:
    response.set_signed_cookie(
        GATE_COOKIE,
        name,
        salt="attendance.gate",
        max_age=GATE_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
