"""Which letters somebody wants beyond those that their bookings need."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.limits import limited
from shop.services import reminders
from shop.views.limits import CHANGES
from shop.views.order_access import order_or_404


# The link is the secret. Mail programs send the form by themselves, without a page of ours before (RFC 8058).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited(CHANGES)
def order_letters(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Let whoever has an order's link refuse letters of thanks to its address, or want them again."""
    order = order_or_404(code, token)
    if request.method == "POST":
        if request.POST.get("wanted") == "yes":
            reminders.accept_thanks(order.email)
        else:
            reminders.refuse_thanks(order.email)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=204)  # a mail program asked, which follows no redirect (RFC 8058, 3.1)
        return redirect(reverse("shop:order_letters", args=[code, token]))
    context = {
        "order": order,
        "is_refused": reminders.wants_no_thanks(order.email),
        "canonical_url": "",
    }
    return render(request, "shop/order_letters.html", context)
