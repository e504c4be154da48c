"""Pages of the waiting list. An entry's address carries a secret, as that of an order does."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.exceptions import DomainError
from core.limits import Limit, answers_limits, enforce, enforce_all, network_of
from shop.availability import State, availability_of
from shop.exceptions import PlacesLeft
from shop.forms.waiting import WaitingForm
from shop.models import Session, WaitingEntry
from shop.services import waiting
from shop.views.cart import CHANGES
from shop.views.visitor import current_cart, opened_for, remember_cart

JOINS = Limit("waiting", times=10, minutes=10)
JOINS_PER_ADDRESS = Limit("waiting-address", times=5, minutes=60)  # each writes a mail to that address


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_limits
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Let everybody, guest or member, wait for places in a session that is full."""
    opened = opened_for(request)
    session = get_object_or_404(Session.objects.published(opened).for_page(), slug=slug)
    user = request.user if request.user.is_authenticated else None
    if request.method == "POST":
        return _take_wish(request, session, WaitingForm(request.POST, session=session, user=user), user)
    is_opened = opened.code_for(session) is not None
    availability = availability_of(session, at=timezone.now(), is_opened=is_opened)
    if availability.state not in {State.FULL, State.FEW}:
        return redirect(session)  # which says what can be done instead
    known = {"first_name": user.first_name, "last_name": user.last_name} if user else {}
    return _form(request, session, WaitingForm(initial=known, session=session, user=user))


def _take_wish(request: HttpRequest, session: Session, form: WaitingForm, user) -> HttpResponse:
    if not form.is_valid():
        return _form(request, session, form, status=422)
    wish = form.wish()
    enforce_all([(JOINS, network_of(request)), (JOINS_PER_ADDRESS, wish.email.lower())])
    try:
        entry = waiting.join(session, wish, user=user, opened=opened_for(request))
    except PlacesLeft as good_news:
        messages.success(request, str(good_news))
        return redirect(session)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _form(request, session, form, status=422)
    return redirect(entry)


def _form(request: HttpRequest, session: Session, form: WaitingForm, status: int = 200) -> HttpResponse:
    crumbs = [(session.title, session.get_absolute_url())]
    context = {"session": session, "form": form, "crumbs": crumbs}
    return render(request, "shop/waiting_join.html", context, status=status)


@require_safe
@never_cache
def entry(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Tell whoever has an entry's link where it stands, and let them leave."""
    found = _entry_or_404(pk, token)
    context = {
        "entry": found,
        "session": found.session,
        "is_running": found.is_running(),
        "position": waiting.position_of(found) if found.is_waiting else None,
        "is_open": not found.session.why_not_bookable(is_opened=True),
        "canonical_url": "",  # the link is a secret, and nothing that search engines should hold on to
    }
    return render(request, "shop/waiting_entry.html", context)


@require_safe
@never_cache
@answers_limits
def take(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Lead whoever has an entry's link to the checkout, with the offered places in their cart.

    The offer goes on holding the places, so opening the link again, or by a program that looks at mails, takes
    nothing from anybody.
    """
    found = _entry_or_404(pk, token)
    if request.method == "HEAD":
        return redirect("shop:checkout")
    enforce(CHANGES, network_of(request))
    user = request.user if request.user.is_authenticated else None
    try:
        cart = waiting.take_offer(found, current_cart(request), user=user)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    return remember_cart(redirect("shop:checkout"), cart)


@require_POST
@never_cache
@answers_limits
def leave(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Let whoever has an entry's link leave the list, or decline what is offered."""
    found = _entry_or_404(pk, token)
    enforce(CHANGES, network_of(request))
    waiting.leave(found, actor=request.user if request.user.is_authenticated else None)
    messages.success(request, _("You are no longer on the list."))
    return redirect(found)


def _entry_or_404(pk: int, token: str) -> WaitingEntry:
    """Return the entry that the link opens. An unknown number and a wrong secret take the same time to refuse."""
    entries = WaitingEntry.objects.select_related("session__project__category", "session__host__profile")
    found = entries.filter(pk=pk).first() if pk < 2**63 else None
    if not (found or WaitingEntry(pk=pk)).is_token(token) or found is None:
        raise Http404
    return found
