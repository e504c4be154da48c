"""Who gets at an order, and what its pages need."""

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest

from shop.forms.checkout import country_name
from shop.models import Order
from shop.order_page import OrderPage, provider_label
from shop.querysets import order_page_lookups

RETURNED = "returned"  # marks the address of somebody who comes from the provider


def order_or_404(code: str, token: str, *, for_page: bool = False) -> Order:
    """The order that this link opens; without the right secret there is none."""
    order = Order.objects.opened_by(code, token)
    if order is None:
        raise Http404
    if for_page:
        load_for_page(order)
    return order


def load_for_page(order: Order) -> None:
    prefetch_related_objects([order], *order_page_lookups())


def page_context(request: HttpRequest, order: Order) -> dict:
    page = OrderPage(order, is_returned=RETURNED in request.GET)
    return {
        "order": order,
        "page": page,
        "country": country_name(order.billing_country),
        "ways_paid": [(payment, provider_label(payment.provider)) for payment in page.received],
        "canonical_url": "",  # the link is a secret, and nothing that search engines should hold on to
        "is_ours": request.user.is_authenticated and order.customer_id == request.user.pk,
    }


def own_user(request: HttpRequest):
    """Who is signed in, to be written into histories; ``None`` for guests."""
    return request.user if request.user.is_authenticated else None
