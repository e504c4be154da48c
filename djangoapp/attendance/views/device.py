"""What a telephone keeps of the door, and asks for while it stands there."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from attendance import release
from attendance.forget import mark_list_kept
from attendance.services import count, kept_list, latest_entries, news
from attendance.services.answers import doors_open_at
from attendance.services.offline import Mark, list_version
from attendance.views.access import door_page, scanner_page, session_of
from attendance.views.door import LATEST
from attendance.views.shown import counts_data, entries_data, guest_data
from attendance.views.words import tools

fresh = cache_control(no_cache=True)


@require_safe
@fresh
@scanner_page
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It is for everybody, as style sheets are: it holds nothing but addresses of files."""
    context = {
        "release": release.release_key(),
        "parts": release.kept_addresses(),
        "root": reverse("door:home"),
        "shell": reverse("door:shell"),
    }
    response = render(request, "attendance/door_worker.js", context, content_type="text/javascript")
    response["Service-Worker-Allowed"] = reverse("door:home")
    return response


@require_safe
@fresh
def manifest(request: HttpRequest) -> HttpResponse:
    """What a telephone needs to put the door on its home screen. Browsers ask for it without signing in."""
    return render(request, "attendance/door.webmanifest", content_type="application/manifest+json")


@require_safe
@door_page
@scanner_page
def shell(request: HttpRequest) -> HttpResponse:
    """The door's page without any session in it: kept by the worker and shown where there is no network."""
    return render(request, release.SHELL, tools())


@require_safe
@door_page
def kept(request: HttpRequest, pk: int) -> HttpResponse:
    """The list that a telephone keeps of one session: names, states, and hashes of codes."""
    session = session_of(request, pk)
    mark = Mark.now()
    guests, is_complete = kept_list(session)
    day = date_format(session.local_start, "D j M")
    data = {
        "session": {
            "id": session.pk,
            "title": session.title,
            "when": f"{day}, {session.local_start:%H:%M} – {session.local_end:%H:%M}",
            "zone": session.time_zone,
            "opensAt": doors_open_at(session).isoformat(),
            "endsAt": session.ends_at.isoformat(),
        },
        "guests": [guest_data(guest) for guest in guests],
        "isComplete": is_complete,
        "counts": counts_data(count(session)),
        "latest": entries_data(latest_entries(session, LATEST)),
        "mark": str(mark),
        "version": list_version(session),
        "csrf": get_token(request),
    }
    response = JsonResponse(data)
    mark_list_kept(response, request.user)
    return response


@require_safe
@door_page
def latest(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened at the other doors since ``since``, a mark given out here, and how many are in."""
    session = session_of(request, pk)
    found = news(session, Mark.read(request.GET.get("since", "")) or Mark.now())
    data = {
        "entries": entries_data(found.entries),
        "mark": str(found.mark),
        "hasMore": found.has_more,
        "version": found.list_version,
        "counts": counts_data(count(session)),
        "csrf": get_token(request),
    }
    return JsonResponse(data)
