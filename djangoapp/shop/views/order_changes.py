"""Pages on which buyers change their order after it was paid; open, as the order's page is, to whoever has its link.

Each shows first what will happen and what it costs, and does it when that is confirmed.
"""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.exceptions import DomainError
from core.limits import limited
from core.money import ZERO, display
from shop.exceptions import AmountChanged, HasCome
from shop.forms.changes import ExpectedForm, NamesForm, RefundRequestForm, chosen_among
from shop.models import Order, Session
from shop.order_page import OrderPage, booked_sessions
from shop.services import own_orders, requests
from shop.services.own_orders import Choice, GivenUp, OtherDate
from shop.views.limits import CHANGES
from shop.views.order_access import order_or_404, own_user, page_context


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited(CHANGES)
def give_up(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Let whoever has the order's link give places up: choose them, see what goes back, confirm."""
    order = order_or_404(code, token, for_page=True)
    page = OrderPage(order)
    possible = [choice for choice in page.choices if choice.can_give_up] if page.can_give_up else []
    data = request.POST if request.method == "POST" else request.GET
    chosen = chosen_among(possible, data)
    if request.method == "POST" and chosen:
        return _give_up(request, order, chosen)
    if not possible:
        messages.info(request, _why(page, _("There is nothing that you can cancel by yourself now.")))
        return redirect(order)
    if len(possible) == 1:
        chosen = possible
    if not chosen:
        context = _choosing(request, order, page.choices) | {"is_unchosen": "choose" in data}
        return render(request, "shop/order_give_up.html", context)
    return render(request, "shop/order_give_up_confirm.html", _confirming(request, order, chosen))


def _why(page: OrderPage, otherwise: str) -> str:
    """Why nothing can be given up or moved."""
    return str(HasCome()) if any(choice.has_come for choice in page.choices) else otherwise


def _give_up(request: HttpRequest, order: Order, chosen: list[Choice]) -> HttpResponse:
    form = ExpectedForm(request.POST)
    expected = form.cleaned_data["expected"] if form.is_valid() else None
    try:
        if expected is None:
            raise AmountChanged(own_orders.back_of(chosen))
        done = own_orders.give_up(
            order, [choice.line for choice in chosen], expected=expected, actor=own_user(request)
        )
    except AmountChanged as refusal:
        messages.warning(request, str(refusal))
        return render(
            request, "shop/order_give_up_confirm.html", _confirming(request, order, chosen), status=409
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _told(done))
    return redirect(order)


def _told(done: GivenUp) -> str:
    if not done.lines:
        return _("That was cancelled already.")
    said = ngettext("%(count)d place is cancelled.", "%(count)d places are cancelled.", len(done.lines)) % {
        "count": len(done.lines)
    }
    if done.refund is None:
        return said
    return f"{said} " + _("%(amount)s goes back to you.") % {
        "amount": display(done.refund.amount, done.refund.payment.currency)
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited(CHANGES)
def move(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Let whoever has the order's link move places to another date: choose, see what it means, confirm."""
    order = order_or_404(code, token, for_page=True)
    page = OrderPage(order)
    possible = [choice for choice in page.choices if choice.can_move] if page.can_move else []
    if not possible:
        messages.info(request, _why(page, _("There is nothing that you can move by yourself now.")))
        return redirect(order)
    data = request.POST if request.method == "POST" else request.GET
    sessions = list(dict.fromkeys(choice.line.session for choice in possible))
    session = sessions[0] if len(sessions) == 1 else _named(data.get("session"), sessions)
    if session is None:
        context = page_context(request, order) | {"sessions": sessions}
        return render(request, "shop/order_move_which.html", context)
    there = [choice for choice in possible if choice.line.session == session]
    chosen = chosen_among(there, data) or (there if len(there) == 1 else [])
    dates = own_orders.dates_for(order, chosen or there, at=timezone.now())
    to = _named(data.get("to"), [date.session for date in dates])
    if chosen and to is not None:
        date = next(date for date in dates if date.session == to)
        if request.method == "POST":
            return _move(request, order, chosen, date)
        if date.is_possible:
            return render(request, "shop/order_move_confirm.html", _moving(request, order, chosen, date))
    was_sent = "choose" in data
    context = page_context(request, order) | {
        "session": session,
        "choices": there,
        "chosen": {choice.line.pk for choice in (chosen if was_sent else chosen or there)},
        "dates": dates,
        "to": to,
        "is_incomplete": was_sent or "to" in data or "place" in data,
    }
    return render(request, "shop/order_move.html", context)


def _move(request: HttpRequest, order: Order, chosen: list[Choice], date: OtherDate) -> HttpResponse:
    form = ExpectedForm(request.POST)
    try:
        if not form.is_valid():
            raise AmountChanged(date.back)
        done = own_orders.move(
            order,
            [choice.line for choice in chosen],
            date.session,
            expected=form.cleaned_data["expected"],
            actor=own_user(request),
        )
    except AmountChanged as refusal:
        messages.warning(request, str(refusal))
        context = _moving(request, order, chosen, date)
        return render(request, "shop/order_move_confirm.html", context, status=409)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("shop:order_move", order.code, order.token)
    if done.lines:
        messages.success(request, _("Done: see you on the new date. A letter confirms it."))
    else:
        messages.info(request, _("That was moved already."))
    return redirect(order)


def _moving(request: HttpRequest, order: Order, chosen: list[Choice], date: OtherDate) -> dict:
    terms = [choice.terms for choice in chosen]
    return page_context(request, order) | {
        "chosen": chosen,
        "session": chosen[0].line.session,
        "date": date,
        "way_back": _way_back(order, date.back),
        # Whoever moves when cancelling costs a fee stays in that time.
        "keeps_fee": any(timezone.now() > each.free_until for each in terms) and order.total > 0,
    }


def _named(slug: str | None, sessions: list[Session]) -> Session | None:
    return next((session for session in sessions if session.slug == slug), None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited(CHANGES)
def names(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Let whoever has the order's link say who comes instead, until the session begins."""
    order = order_or_404(code, token, for_page=True)
    lines = OrderPage(order).nameable
    if not lines:
        messages.info(request, _("There is no name that can still be changed."))
        return redirect(order)
    form = NamesForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        try:
            changed = own_orders.rename(order, form.names(), actor=own_user(request))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            said = _("The names are changed.") if changed else _("The names are as they were.")
            messages.success(request, said)
        return redirect(order)
    context = page_context(request, order) | {"form": form}
    return render(request, "shop/order_names.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited(CHANGES)
def ask_for_refund(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Let whoever has the order's link ask for money that the policy does not give back by itself."""
    order = order_or_404(code, token, for_page=True)
    page = OrderPage(order)
    possible = [choice for choice in page.choices if choice.can_ask] if page.can_ask else []
    if not possible:
        messages.info(request, _("There is nothing to ask for at the moment."))
        return redirect(order)
    can_give_up = any(not choice.is_over and not choice.has_come for choice in possible)
    form = RefundRequestForm(request.POST or None, can_give_up=can_give_up)
    chosen = chosen_among(possible, request.POST) or (possible if len(possible) == 1 else [])
    is_unchosen = request.method == "POST" and not chosen
    if request.method == "POST" and form.is_valid() and chosen:
        try:
            requests.ask(
                order, [choice.line for choice in chosen], actor=own_user(request), **form.cleaned_data
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("We have your request, and answer by mail."))
        return redirect(order)
    context = _choosing(request, order, possible) | {
        "form": form,
        "is_unchosen": is_unchosen,
        "chosen": {choice.line.pk for choice in chosen or possible},
    }
    return render(request, "shop/order_ask.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@never_cache
@limited(CHANGES)
def withdraw_request(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Let whoever has the order's link take back what was asked for."""
    order = order_or_404(code, token)
    asked = order.refund_requests.open().first()
    if asked is not None:
        try:
            requests.withdraw(asked, actor=own_user(request))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Your request is taken back."))
    return redirect(order)


def _choosing(request: HttpRequest, order: Order, choices: list[Choice]) -> dict:
    """The places among which the buyer chooses, by session."""
    by_line = {choice.line.pk: choice for choice in choices}
    groups = booked_sessions(order, [choice.line for choice in choices])
    return page_context(request, order) | {
        "groups": [(booked.session, [by_line[line.pk] for line in booked.lines]) for booked in groups]
    }


def _confirming(request: HttpRequest, order: Order, chosen: list[Choice]) -> dict:
    prices = sum((choice.line.final_price for choice in chosen), ZERO)
    fees = sum((choice.fee or ZERO for choice in chosen), ZERO)
    back = own_orders.back_of(chosen)
    before = back - (prices - fees)
    kept = sum(1 for line in order.lines.all() if line.cancelled_at is None)
    return _choosing(request, order, chosen) | {
        "chosen": chosen,
        "prices": prices,
        "fees": fees,
        "back": back,
        "before": max(before, ZERO),  # a refund that has failed, and is owed again
        "gone": max(-before, ZERO),  # the buyer's bank has taken it back
        "is_everything": len(chosen) == kept,
        "way_back": _way_back(order, back),
    }


def _way_back(order: Order, back: Decimal) -> str:
    """How the money comes back, in words."""
    if not back:
        return ""
    paid_at_desk = any(
        payment.is_fulfilling and payment.provider == "desk" for payment in order.payments.all()
    )
    if paid_at_desk:
        return _("You paid at the desk, and fetch it there.")
    return _("It goes back the way you paid, and takes some days until your bank shows it.")
