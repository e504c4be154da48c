"""Codes that open hidden sessions and early sales: typed once, and remembered by this browser."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from core.limits import limited
from shop.exceptions import CouponInvalid
from shop.forms.cart import CodeForm
from shop.models import AccessCode, Session
from shop.services import access, coupons
from shop.views.cards import cards_of
from shop.views.limits import CODE_TRIES
from shop.views.visitor import opened_for, remember_code

MOST_SHOWN = 60


@require_http_methods(["GET", "HEAD", "POST"])
@limited(CODE_TRIES)
def unlock(request: HttpRequest) -> HttpResponse:
    """Take an access code from anybody, and show what the codes of this browser open."""
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")[:32]})
    if request.method == "POST":
        typed = form.cleaned_data["code"] if form.is_valid() else ""
        if code := access.find(typed):
            return open_with(request, code)
        if request.POST.get("code", "").strip():
            form.errors.pop("code", None)
            form.add_error("code", _why_useless(typed))
    opened = opened_for(request)
    sessions = Session.objects.opened_alone(opened).for_cards() if opened else []
    context = {"form": form, "cards": cards_of(sessions[:MOST_SHOWN], request)}
    return render(request, "shop/unlock.html", context, status=422 if form.errors else 200)


def open_with(request: HttpRequest, code: AccessCode) -> HttpResponse:
    """Remember a code, and lead to what it opens."""
    messages.success(request, _("The code %(code)s opens this for you.") % {"code": code.code})
    is_visible = code.session is not None and code.session.is_published and code.session.project.is_published
    response = redirect(code.session if is_visible else "shop:unlock")
    if request.htmx:
        response = HttpResponseClientRedirect(response.url)
    return remember_code(request, response, code)


def _why_useless(typed: str) -> str:
    try:
        coupons.find(typed, at=timezone.now())
    except CouponInvalid as refusal:
        return str(refusal)
    return _("This code lowers the price: redeem it in your cart.")
