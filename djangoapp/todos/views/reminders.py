"""The morning mail and the calendar link."""

import hashlib

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.addresses import absolute
from core.limits import limited
from todos.calendars import CONTENT_TYPE, due_calendar
from todos.forms import MorningForm
from todos.models import Preferences
from todos.services import reminders as services
from todos.views.access import own
from todos.views.lists import CHANGES


@own
@require_http_methods(["GET", "HEAD", "POST"])
@limited(CHANGES)
def reminders(request: HttpRequest) -> HttpResponse:
    """How this person is reminded."""
    preferences = services.preferences_of(request.user)
    form = MorningForm(
        request.POST if request.method == "POST" else None,
        initial={"wants_morning_mail": preferences.wants_morning_mail},
    )
    if form.is_valid():
        is_wanted = form.cleaned_data["wants_morning_mail"]
        services.set_morning_mail(request.user, is_wanted)
        news = (
            _("We write in the morning when something is due.") if is_wanted else _("No more morning mails.")
        )
        messages.success(request, news)
        return redirect("todos:reminders")
    feed_address = absolute(preferences.get_feed_path()) if preferences.has_feed else ""
    context = {
        "form": form,
        "preferences": preferences,
        "zone_name": services.zone_name(request.user),
        "feed_address": feed_address,
        "webcal_address": f"webcal://{feed_address.partition('://')[2]}" if feed_address else "",
    }
    return render(request, "todos/reminders.html", context)


@own
@require_POST
@limited(CHANGES)
def feed_change(request: HttpRequest) -> HttpResponse:
    """Make a secret link, a new one, or none."""
    if request.POST.get("link") == "none":
        services.end_feed(request.user)
        messages.success(request, _("The link is off. Calendars that used it get nothing any more."))
    else:
        services.make_feed(request.user)
        messages.success(request, _("Here is your link. An older one no longer works."))
    return redirect("todos:reminders")


@require_safe
@cache_control(private=True, max_age=300)
def feed(request: HttpRequest, user_pk: int, token: str) -> HttpResponse:
    """What is due, for calendar programs: opens by the secret link alone."""
    found = Preferences.objects.filter(user__pk=user_pk, has_feed=True, user__is_active=True)
    preferences = found.select_related("user__profile").first()
    if preferences is None or not preferences.is_feed_token(token):
        raise Http404
    content = due_calendar(services.feed_items(preferences.user))
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=response["ETag"], response=response)
