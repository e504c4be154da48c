"""Pages of orders.

An order's address carries a secret, so it opens to whoever was given the link: guests have nothing else. Without the
right secret there is no such page, for nobody. What belongs to an account is listed under ``bookings``.
"""

from collections import Counter
from contextlib import suppress

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.exceptions import DomainError
from core.limits import Limit, LimitReached, answers_limits, enforce, limited, network_of
from core.pages import page_number, page_of
from shop.calendars import CONTENT_TYPE, order_calendar
from shop.enums import PaymentStatus
from shop.exceptions import CartClosed, OrderNotPayable, ProviderUnavailable
from shop.models import Order, WaitingEntry
from shop.order_page import OrderPage, row_of
from shop.providers import offered
from shop.services import cart as carts
from shop.services import payments
from shop.views.limits import CHANGES, PLACES_HELD
from shop.views.order_access import RETURNED, load_for_page, order_or_404, own_user, page_context
from shop.views.paying import enforce_limits, pay
from shop.views.visitor import cart_for_writing, remember_cart

BOOKINGS_PER_PAGE = 10
WAITING_SHOWN = 20
LOOKS = Limit("look", times=30, minutes=1)


@require_safe
@never_cache
def order_detail(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Show an order to whoever has its link."""
    order = order_or_404(code, token, for_page=True)
    return TemplateResponse(request, "shop/order_detail.html", page_context(request, order))


@require_safe
@never_cache
def order_return(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Where the provider sends whoever has the order's link, after paying.

    Nothing in the request says whether it is paid: the provider is asked, as it is by the webhook and the job.
    """
    order = order_or_404(code, token)
    is_settled = not order.is_pending
    # The page says "being confirmed" when there was no answer or too many questions; the job asks again.
    with suppress(ProviderUnavailable, LimitReached):
        for payment in order.payments.live() if order.is_pending else []:
            enforce(LOOKS, network_of(request))
            is_settled = not payments.ask(payment).order.is_pending
    address = order.get_absolute_url()
    return redirect(address if is_settled else f"{address}?{RETURNED}=1")


@require_safe
@never_cache
def order_status(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Tell the page of whoever has the order's link, every other second, whether something has changed."""
    order = order_or_404(code, token)
    if not request.htmx:
        return redirect(order)
    if order.is_pending and OrderPage(order, is_returned=RETURNED in request.GET).is_waiting:
        return HttpResponse(status=204)
    load_for_page(order)
    return TemplateResponse(request, "shop/_order_swap.html", page_context(request, order))


@require_POST
@never_cache
@answers_limits
def order_pay(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Let whoever has the order's link pay it: in the attempt that is open, or in another one."""
    order = order_or_404(code, token)
    provider = request.POST.get("provider", "")
    if provider not in {offer.name for offer in offered()}:
        messages.error(request, _("Choose how you want to pay."))
        return redirect(order)
    enforce_limits(request, order.email)
    live = order.payments.live().first()
    is_usable = live and live.provider == provider and live.status != PaymentStatus.PROCESSING
    if not is_usable or OrderPage(order).is_out_of_time:
        try:
            payments.pay_again(order, provider)
        except OrderNotPayable as refusal:
            order.refresh_from_db()
            if not order.is_paid:
                messages.error(request, str(refusal))
            return redirect(order)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect(order)
    return pay(request, order)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited(CHANGES)
def order_cancel(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Let whoever has the order's link cancel it while it is not paid; asked back once."""
    order = order_or_404(code, token, for_page=True)
    page = OrderPage(order)
    if request.method != "POST":
        if not page.can_cancel:
            return redirect(order)
        return render(request, "shop/order_cancel.html", page_context(request, order))
    try:
        payments.cancel_unpaid(order, actor=own_user(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The order is cancelled."))
    return redirect(order)


@require_POST
@never_cache
@limited(CHANGES)
def order_again(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Put the places of an order that came to nothing into the visitor's own cart, as far as there are any."""
    order = order_or_404(code, token, for_page=True)
    if not OrderPage(order).can_book_again:
        raise Http404
    wanted = Counter(line.session for line in order.lines.all())
    enforce(PLACES_HELD, network_of(request), cost=wanted.total())
    try:
        with transaction.atomic():
            own_cart = cart_for_writing(request)
            choices, refusals = carts.set_many(own_cart, wanted)
            if not choices:
                transaction.set_rollback(True)  # no empty cart stays behind
    except CartClosed as refusal:
        messages.error(request, str(refusal))
        return redirect(order)
    for refusal in refusals:
        messages.error(request, str(refusal))
    for choice in choices:
        if choice.granted < choice.wanted:
            words = {"left": choice.granted, "title": choice.session.title}
            messages.warning(request, _("Only %(left)d left in “%(title)s”.") % words)
    return remember_cart(redirect("shop:cart"), own_cart) if choices else redirect(order)


@require_safe
@never_cache
def order_ics(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The booked sessions as a calendar file, for whoever has the order's link."""
    order = order_or_404(code, token)
    if not order.is_paid:
        raise Http404
    return HttpResponse(
        order_calendar(order),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{order.code}.ics"'},
    )


@require_safe
@never_cache
@login_required
def bookings(request: HttpRequest) -> HttpResponse:
    """List the orders of the account that is signed in: what is to come first, then the rest, newest first.

    Before them stands what the account waits for.
    """
    own_orders = Order.objects.filter(customer=request.user).bookings_first().for_display()
    page = page_of(own_orders, page_number(request.GET.get("page")), size=BOOKINGS_PER_PAGE)
    address = reverse("shop:bookings")
    context = {
        "page": page,
        "waiting": [] if page.earlier else _own_waiting(request.user),
        "upcoming": [row_of(order) for order in page.rows if order.is_upcoming],
        "earlier": [row_of(order) for order in page.rows if not order.is_upcoming],
        "newer_url": f"{address}?page={page.earlier}" if page.earlier else "",
        "older_url": f"{address}?page={page.later}" if page.later else "",
    }
    return render(request, "shop/bookings.html", context)


def _own_waiting(user) -> list[WaitingEntry]:
    """The waiting lists on which somebody is, what they are offered first."""
    entries = WaitingEntry.objects.on_the_list().of_person(user, user.email)
    return list(
        entries.select_related("session__project").order_by("status", "session__starts_at")[:WAITING_SHOWN]
    )
