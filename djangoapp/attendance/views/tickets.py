"""The page of a ticket, which its QR code opens on any telephone.

Its address is a secret, so it opens to whoever was given it. On the telephone of who works at that door it also lets
the person in.
"""

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.services import needs_second_factor
from attendance import services
from attendance.models import LONGEST_NONCE, Entry, Ticket
from attendance.paper import CONTENT_TYPE, order_pdf, tickets_pdf
from attendance.qr import qr_picture
from attendance.rights import may_work_at_door
from attendance.services.answers import words_for
from attendance.views.door import gate_of
from core.exceptions import DomainError
from core.limits import Limit, answers_limits, enforce, network_of
from shop.models import Order

PAPERS = Limit("ticket-papers", times=60, minutes=1)  # drawing one takes a good part of a second


@require_safe
@never_cache
def ticket(request: HttpRequest, code: str) -> HttpResponse:
    """Show a ticket to whoever has its address, and to who works at its door what the door says to it."""
    found = _ticket_or_404(code)
    session = found.line.session
    entry = Entry.objects.counted().filter(ticket=found).select_related("recorded_by").first()
    verdict = services.judge(found, session=session, at=timezone.now(), before=entry)
    context = {
        "ticket": found,
        "line": found.line,
        "session": session,
        "entry": entry,
        "verdict": verdict,
        "is_good": verdict in (services.Verdict.WELCOME, services.Verdict.TOO_EARLY),
        "is_over": session.ends_at <= timezone.now(),
        "is_at_door": _is_at_door(request.user, found),
        "words": words_for(verdict, found, session=session, entry=entry),
        "qr": qr_picture(found),
        "nonce": secrets.token_urlsafe(16),
        "canonical_url": "",  # the address is a secret
    }
    return render(request, "attendance/ticket.html", context)


@require_safe
@never_cache
@answers_limits
def pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The ticket for printing, for whoever has its address, as long as it is good."""
    found = _ticket_or_404(code)
    if not _is_kept(found):
        raise Http404
    enforce(PAPERS, network_of(request))
    title = _("Ticket %(code)s") % {"code": found.short_code}
    return _download(tickets_pdf([found], title=title), f"ticket-{found.short_code}.pdf")


@require_safe
@never_cache
@answers_limits
def order(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """All tickets of an order in one file, for whoever has the order's link."""
    found = Order.objects.opened_by(code, token)
    if found is None or not found.is_paid:
        raise Http404
    enforce(PAPERS, network_of(request))
    content = order_pdf(found)
    if not content:
        raise Http404
    return _download(content, f"tickets-{found.code}.pdf")


@require_POST
@never_cache
@login_required
def redeem(request: HttpRequest, code: str) -> HttpResponse:
    """Let the ticket's holder in, for who works at its door."""
    found = _ticket_at_door_or_403(request, code)
    nonce = request.POST.get("nonce", "")[:LONGEST_NONCE]
    try:
        answer = services.redeem(
            found.code, session=found.line.session, gate=gate_of(request), by=request.user, nonce=nonce
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        say = messages.success if answer.is_welcome else messages.error
        say(request, answer.message)
    return redirect("tickets:ticket", found.code)


@require_POST
@never_cache
@login_required
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """Take back that the ticket's holder came in, for who works at its door. Repeating it changes nothing."""
    found = _ticket_at_door_or_403(request, code)
    entry = Entry.objects.counted().filter(ticket=found).first()
    if entry is not None:
        services.undo(entry, by=request.user)
        messages.success(request, _("%(name)s is not in any more.") % {"name": entry.name})
    return redirect("tickets:ticket", found.code)


def _ticket_or_404(code: str) -> Ticket:
    found = Ticket.objects.for_door().filter(code=code.upper()).first()
    if found is None:
        raise Http404
    return found


def _ticket_at_door_or_403(request: HttpRequest, code: str) -> Ticket:
    found = _ticket_or_404(code)
    if not _is_at_door(request.user, found):
        raise PermissionDenied
    return found


def _is_at_door(user, ticket: Ticket) -> bool:
    """Whether somebody works at the ticket's door, behind the second factor that staff needs."""
    return may_work_at_door(user, ticket.line.session) and not needs_second_factor(user)


def _is_kept(ticket: Ticket) -> bool:
    return ticket.is_valid and ticket.line.order.is_paid


def _download(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=CONTENT_TYPE, headers={"Content-Disposition": f'inline; filename="{name}"'}
    )
