"""Invoices of an order, for whoever has its link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.limits import Limit, answers_limits, enforce, network_of
from shop.invoice_paper import CONTENT_TYPE, invoice_pdf
from shop.models import Invoice, Order
from shop.services import invoices

PRINTS = Limit("invoice", times=30, minutes=1)  # each takes a tenth of a second to draw


@require_safe
@never_cache
@answers_limits
def invoice(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The latest document of the order. Should the worker not have issued it yet, it is issued now."""
    enforce(PRINTS, network_of(request))
    found = invoices.latest(_order_or_404(code, token))
    if found is None:
        raise Http404
    return printed(found)


@require_safe
@never_cache
def invoice_list(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """All documents of the order: the invoice, what cancelled it, and what came for it."""
    order = _order_or_404(code, token)
    invoices.bring_up_to_date(order)
    found = order.invoices.select_related("cancels", "cancelled_by").order_by("-pk")
    return render(request, "shop/invoices.html", {"order": order, "invoices": found})


@require_safe
@never_cache
@answers_limits
def numbered(request: HttpRequest, code: str, token: str, number: str) -> HttpResponse:
    """One document of the order, also one that no longer stands."""
    enforce(PRINTS, network_of(request))
    order = _order_or_404(code, token)
    return printed(get_object_or_404(order.invoices.select_related("cancels"), number=number))


def printed(found: Invoice) -> HttpResponse:
    return HttpResponse(
        invoice_pdf(found),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'inline; filename="{found.file_name}"'},
    )


def _order_or_404(code: str, token: str) -> Order:
    order = Order.objects.opened_by(code, token)
    if order is None:
        raise Http404
    return order
