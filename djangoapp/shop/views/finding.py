"""The way back for guests who have lost an order's link: it comes by mail, to the address that they booked with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.limits import Limit, answers_limits, enforce_all, network_of
from shop.forms.finding import FindOrdersForm
from shop.services import links

ASKED = Limit("order-links", times=10, minutes=10)
ASKED_PER_ADDRESS = Limit("order-links-address", times=5, minutes=60)  # others can ask for it, too


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_limits
def order_find(request: HttpRequest) -> HttpResponse:
    """Let everybody ask for the links to an address's orders, and tell nobody whether there are any."""
    if request.method != "POST":
        known = {"email": request.user.email} if request.user.is_authenticated else {}
        return render(request, "shop/order_find.html", {"form": FindOrdersForm(initial=known)})
    form = FindOrdersForm(request.POST)
    if not form.is_valid():
        return render(request, "shop/order_find.html", {"form": form}, status=422)
    email = form.cleaned_data["email"].lower()
    enforce_all([(ASKED, network_of(request)), (ASKED_PER_ADDRESS, email)])
    links.ask_for_links(email)
    return redirect("shop:order_find_asked")


@require_safe
def order_find_asked(request: HttpRequest) -> HttpResponse:
    """Tell everybody who has asked where to look: the same words for all."""
    return render(request, "shop/order_find_asked.html")
