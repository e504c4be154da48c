"""Letting people in and taking it back. A script gets JSON; everybody else a page that says it large."""

from hashlib import sha256

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from attendance import services
from attendance.forms import FromTheDoor, ScanForm, WalkInForm
from attendance.models import CODE_LENGTH, Entry, Ticket
from attendance.rights import may_work_at_door, sessions_at_door
from attendance.services import Answer, code_of, count, is_short_code
from attendance.views.access import LONGEST_KEY, door_page, session_of, wants_json
from attendance.views.door import gate_of, session_page
from attendance.views.shown import answer_data, card_of, counts_data, entry_data
from core.addresses import with_query
from core.exceptions import DomainError, TemporarilyUnavailable
from shop.models import OrderLine, Session


@require_POST
@door_page
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Redeem a ticket: by its code, or by the guest of the list who was tapped. Other words are looked for."""
    session = session_of(request, pk)
    form = ScanForm(request.POST)
    if not form.is_valid():
        return _refused(request, session, _("That could not be read. Please try again."))
    text, guest = form.cleaned_data["text"], form.cleaned_data["guest"]
    if guest is not None:
        code = _code_on_list(session, guest)
    elif wants_json(request) or _is_code(text):
        code = text
    else:
        return redirect(with_query(reverse("door:session", args=[pk]), {"q": text or None}))
    try:
        answer = services.redeem(code, session=session, by=request.user, **_attempt(request, form, code))
    except DomainError as refusal:
        return _refused(
            request, session, str(refusal), is_temporary=isinstance(refusal, TemporarilyUnavailable)
        )
    return _answer(request, session, answer)


@require_POST
@door_page
def walk_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Note somebody who came without a ticket."""
    session = session_of(request, pk)
    form = WalkInForm(request.POST)
    names = [request.POST.get("first_name", ""), request.POST.get("last_name", "")]
    if form.is_valid():
        try:
            answer = services.walk_in(
                session,
                form.cleaned_data["first_name"],
                form.cleaned_data["last_name"],
                by=request.user,
                **_attempt(request, form, "/".join(names)),
            )
        except DomainError as refusal:
            field = getattr(refusal, "field", None)
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            return _answer(request, session, answer)
    if wants_json(request):
        return _refused(request, session, " ".join(e for errors in form.errors.values() for e in errors))
    return session_page(request, session, walk_in=form, status=422)


@require_POST
@door_page
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an entry back, so that its ticket is good again. Repeating it changes nothing."""
    entries = Entry.objects.filter(_of_these_doors(request.user)).select_related("session__project", "ticket")
    entry = get_object_or_404(entries, pk=pk if pk <= LONGEST_KEY else 0)
    try:
        entry = services.undo(entry, by=request.user, nonce=request.POST.get("nonce", ""))
    except DomainError as refusal:
        return _refused(request, entry.session, str(refusal))
    if wants_json(request):
        guest = entry.ticket.line_id if entry.ticket else None
        counts = counts_data(count(entry.session)) if entry.session else None
        return JsonResponse({"entry": entry_data(entry, guest), "counts": counts})
    messages.success(request, _("%(name)s is not in any more.") % {"name": entry.name})
    if entry.session is None or request.POST.get("back") == "sheets":
        return redirect("door:sheets")
    return redirect("door:session", entry.session_id)


def _of_these_doors(user) -> Q:
    """Entries at the doors where somebody may work; those of no session belong to who may work everywhere."""
    here = Q(session__in=sessions_at_door(user))
    return here | Q(session__isnull=True) if may_work_at_door(user) else here


def _code_on_list(session: Session, guest: int) -> str:
    """The ticket's code of a guest who was tapped; where the place is not paid, the order's, which says so."""
    lines = OrderLine.objects.filter(session=session).select_related("order", "ticket")
    line = get_object_or_404(lines, pk=guest)
    ticket = getattr(line, "ticket", None)
    return ticket.code if ticket else line.order.code


def _is_code(text: str) -> bool:
    """Whether this can only be a ticket: the address in a QR code, all letters of a code, or how one begins."""
    if text.lower().startswith(("http://", "https://")) or len(code_of(text)) == CODE_LENGTH:
        return True
    # A name may look like what is printed on tickets, and is looked for unless there is such a ticket.
    return is_short_code(text) and Ticket.objects.beginning(code_of(text)).exists()


def _attempt(request: HttpRequest, form: FromTheDoor, what: str) -> dict:
    """Where and when, and the name of this attempt.

    Our script names each attempt and may tell it later. A page without a script has one name for all its forms: what
    they are about makes the difference, so that pressing twice counts once and going back to type another is another.
    """
    gate, nonce = form.cleaned_data["gate"], form.cleaned_data["nonce"]
    if wants_json(request):
        return {"gate": gate, "nonce": nonce, "at": form.cleaned_data["at"]}
    digest = sha256(what.encode()).hexdigest()[:16]
    return {"gate": gate or gate_of(request), "nonce": f"{nonce[:40]}.{digest}" if nonce else ""}


def _answer(request: HttpRequest, session: Session, answer: Answer) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(answer_data(answer, count(session)))
    context = {"session": session, "card": card_of(answer), "counts": count(session)}
    return render(request, "attendance/door_answer.html", context)


def _refused(
    request: HttpRequest, session: Session | None, message: str, *, is_temporary: bool = False
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": message}, status=503 if is_temporary else 422)
    messages.error(request, message)
    return redirect("door:session", session.pk) if session else redirect("door:sheets")
