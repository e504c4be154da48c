"""How the parts of the installation are, for staff who want to know why something does not work."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from app import vitals
from app.studio.access import for_staff
from core.health import database_takes_writes

LATE_SECONDS = 180  # a job that runs every minute, and was missed three times


@dataclass(frozen=True)
class Part:
    """One part: how it is, in words for people. ``is_well`` is ``None`` where there is nothing to judge."""

    name: str
    is_well: bool | None
    text: str


@require_safe
@never_cache
@for_staff
def details(request: HttpRequest) -> HttpResponse:
    """For whoever works here. Programs that ask for JSON get the same."""
    parts = all_parts()
    is_well = all(part.is_well is not False for part in parts)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"is_well": is_well, "parts": [asdict(part) for part in parts]})
    context = {"parts": parts, "unwell": [part.name for part in parts if part.is_well is False]}
    return render(request, "studio/health.html", context)


def all_parts() -> list[Part]:
    """Every part, whatever state the others are in."""
    parts = [version(), _told(_("Database"), database), _told(_("Cache"), shared_cache)]
    try:
        signs = vitals.take()
    except Error:
        return parts
    return [*parts, *(look(signs) for look in (tables, worker, mails, stripe, money, places))]


def _told(name: str, look: Callable[[], tuple[bool, str]]) -> Part:
    """Look, and tell what stood in the way. What the error says may hold addresses and passwords, so it is not told."""
    try:
        return Part(name, *look())
    except Exception as error:  # whatever breaks is what this page is for
        return Part(name, False, _("does not answer (%(error)s)") % {"error": type(error).__name__})


def version() -> Part:
    commit = settings.COMMIT[:12] or _("unknown commit")
    text = _("%(version)s, %(commit)s") % {"version": settings.VERSION, "commit": commit}
    if settings.CHART_VERSION:
        text = _("%(what)s, installed by chart %(chart)s") % {"what": text, "chart": settings.CHART_VERSION}
    return Part(_("Version"), None, text)


def database() -> tuple[bool, str]:
    began = time.monotonic()
    takes_writes = database_takes_writes()
    milliseconds = (time.monotonic() - began) * 1000
    if not takes_writes:
        return False, _("read-only: it has stepped down, and another should have taken over")
    told = {"kind": connection.display_name, "milliseconds": f"{milliseconds:.0f}"}
    return True, _("%(kind)s, answers in %(milliseconds)s ms") % told


def shared_cache() -> tuple[bool, str]:
    began = time.monotonic()
    cache.set("health", "well", 10)
    is_well = cache.get("health") == "well" and not getattr(cache, "is_resting", False)
    milliseconds = (time.monotonic() - began) * 1000
    kinds = {RedisCache: _("Redis"), DatabaseCache: _("a table of the database")}
    backend = caches["default"]
    kind = next(
        (told for known, told in kinds.items() if isinstance(backend, known)), _("this process's memory")
    )
    if not is_well:
        return False, _("%(kind)s does not answer; each process remembers for itself") % {"kind": kind}
    return True, _("%(kind)s, answers in %(milliseconds)s ms") % {
        "kind": kind,
        "milliseconds": f"{milliseconds:.0f}",
    }


def tables(signs: vitals.Vitals) -> Part:
    missing = signs.migrations_missing
    if missing:
        text = ngettext("%(many)s migration is missing", "%(many)s migrations are missing", missing)
        return Part(_("Tables"), False, text % {"many": missing})
    return Part(_("Tables"), True, _("have every migration of this version"))


def worker(signs: vitals.Vitals) -> Part:
    name, late = _("Background work"), signs.worker_late_seconds
    if settings.Q_CLUSTER.get("sync"):
        return Part(name, None, _("done within each request; no worker is needed"))
    if late is None:
        return Part(name, False, _("no worker has ever run"))
    waiting = _("nothing waits")
    if many := signs.tasks_waiting:
        waiting = ngettext("%(many)s task waits", "%(many)s tasks wait", many) % {"many": many}
    if late > LATE_SECONDS:
        return Part(
            name, False, _("no worker for %(age)s; %(waiting)s") % {"age": _age(late), "waiting": waiting}
        )
    return Part(name, True, _("on time; %(waiting)s") % {"waiting": waiting})


def mails(signs: vitals.Vitals) -> Part:
    waiting, failed = signs.mails["waiting"], signs.mails["failed"]
    text = (
        ngettext("%(many)s waits", "%(many)s wait", waiting) % {"many": waiting}
        if waiting
        else _("none waits")
    )
    if signs.mail_oldest_seconds is not None:
        text = _("%(what)s, the oldest for %(age)s") % {"what": text, "age": _age(signs.mail_oldest_seconds)}
    if failed:
        gave_up = ngettext("%(many)s was given up", "%(many)s were given up", failed) % {"many": failed}
        text = f"{text}; {gave_up}"
    is_late = (signs.mail_overdue_seconds or 0) > LATE_SECONDS
    return Part(_("Mails"), not failed and not is_late, text)


def stripe(signs: vitals.Vitals) -> Part:
    """From what came last; nobody is asked, because this page must open when Stripe does not answer."""
    name = _("Stripe")
    if "stripe" not in settings.SHOP_PAYMENT_PROVIDERS:
        return Part(name, None, _("not set up: payment by card is not offered"))
    mode = _("real money") if settings.STRIPE_LIVE_MODE else _("test mode")
    if signs.webhook_last_seconds is None:
        text = _("%(mode)s, no notification has ever come") % {"mode": mode}
    else:
        text = _("%(mode)s, the last notification came %(age)s ago") % {
            "mode": mode,
            "age": _age(signs.webhook_last_seconds),
        }
    quiet = signs.payments_quiet
    if quiet:
        silent = ngettext("no news of %(many)s open payment", "no news of %(many)s open payments", quiet)
        text = f"{text}; {silent % {'many': quiet}}"
    return Part(name, not quiet, text)


def money(signs: vitals.Vitals) -> Part:
    refunds = ngettext(
        "%(many)s refund is under way", "%(many)s refunds are under way", signs.refunds_unsettled
    )
    text = refunds % {"many": signs.refunds_unsettled}
    if signs.payments_stranded:
        stranded = ngettext(
            "%(many)s payment paid for nothing", "%(many)s payments paid for nothing", signs.payments_stranded
        )
        text = f"{text}; {stranded % {'many': signs.payments_stranded}}"
    return Part(_("Money"), not signs.payments_stranded, text)


def places(signs: vitals.Vitals) -> Part:
    oversold = signs.oversold_sessions
    if oversold:
        text = ngettext("%(many)s session is oversold", "%(many)s sessions are oversold", oversold)
        return Part(_("Places"), False, text % {"many": oversold})
    held = signs.held_places["active"]
    text = ngettext("%(many)s is held in carts", "%(many)s are held in carts", held) % {"many": held}
    return Part(_("Places"), True, text if held else _("none is held in a cart"))


def _age(seconds: float) -> str:
    """How long that is, in the largest unit that fits."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            many = int(seconds // length)
            words = {
                "day": ngettext("%(many)s day", "%(many)s days", many),
                "hour": ngettext("%(many)s hour", "%(many)s hours", many),
                "minute": ngettext("%(many)s minute", "%(many)s minutes", many),
            }
            return words[unit] % {"many": many}
    return _("less than a minute")
