"""The checkout: who comes, who pays, and how. It turns the visitor's own cart into an order."""

import re
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.exceptions import DomainError
from core.limits import answers_limits
from core.money import display
from shop.exceptions import CartClosed, CartEmpty, CouponInvalid, NotBookable, SessionFull
from shop.forms.checkout import CheckoutForm
from shop.models import Cart, Order
from shop.providers import offered
from shop.services import cart as carts
from shop.services import orders
from shop.views.cart import cart_context, own_page
from shop.views.paying import enforce_limits, pay
from shop.views.visitor import ORDERED_SECONDS, current_cart, remember_cart

TYPED = "checkout_typed"  # in the visitor's session: what a checkout that was refused had been told
TYPED_SECONDS = 3600
CART_TOKEN = re.compile(r"[\w-]{10,32}", re.ASCII)


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
@answers_limits
def checkout(request: HttpRequest) -> HttpResponse:
    """Show visitors the checkout of their own cart, as guests or signed in, and take their order."""
    own_cart = current_cart(request)
    context = _context(request)
    if not context["rows"]:
        order = _ordered_before(request)
        return pay(request, order) if order else redirect("shop:cart")
    if request.method == "POST":
        return _take_order(request, own_cart, context)
    known = request.session.get(TYPED) or _known_of(request) or _known_by_offer(context)
    context["form"] = CheckoutForm(initial=known, **_form_options(context))
    response = render(request, "shop/checkout.html", context)
    # A cart that was begun on another device is now this browser's, too.
    return remember_cart(response, own_cart) if request.user.is_authenticated else response


def _take_order(request: HttpRequest, own_cart: Cart, context: dict) -> HttpResponse:
    form = CheckoutForm(request.POST, **_form_options(context))
    if not form.is_valid():
        return _show_again(request, context, form)
    user = request.user if request.user.is_authenticated else None
    purchase = form.purchase()
    enforce_limits(request, purchase.email)
    try:
        order = orders.place_order(own_cart, purchase, user=user)
    except (SessionFull, NotBookable, CartEmpty, CartClosed) as refusal:
        messages.error(request, str(refusal))
        _keep_typed(request, form)
        return redirect("shop:cart")
    except CouponInvalid:
        return _without_coupon(request, own_cart)
    except DomainError as refusal:
        return _refused(request, str(refusal))
    if TYPED in request.session:
        del request.session[TYPED]
    return remember_cart(pay(request, order), own_cart, seconds=ORDERED_SECONDS)


def _context(request: HttpRequest, *, is_changed: bool = False) -> dict:
    context = cart_context(request, is_changed=is_changed)
    if context["rows"]:
        context["offers"] = offered() if context["quote"].total else []
    return context


def _form_options(context: Mapping) -> dict:
    return {
        "wanted": [(row.session, row.line.quantity) for row in context["rows"]],
        "offers": context["offers"],
    }


def _show_again(request: HttpRequest, context: dict, form: CheckoutForm) -> HttpResponse:
    return render(request, "shop/checkout.html", context | {"form": form}, status=422)


def _refused(request: HttpRequest, problem: str) -> HttpResponse:
    """Show the checkout with the cart as it is now, and why it was not ordered. Everything typed stays."""
    context = _context(request, is_changed=True)
    if not context["rows"]:
        messages.error(request, problem)
        return redirect("shop:cart")
    form = CheckoutForm(request.POST, **_form_options(context))
    form.add_error(None, problem)
    return _show_again(request, context, form)


def _without_coupon(request: HttpRequest, own_cart: Cart) -> HttpResponse:
    """The coupon was used up meanwhile, or by this buyer before: take it off and show the price without it."""
    code = own_cart.coupon.code
    carts.drop_coupon(own_cart)
    total = _context(request, is_changed=True)["quote"].total
    problem = _(
        "The code %(code)s cannot be used any more, or not with this e-mail address. We took it off: "
        "the total is now %(total)s."
    )
    return _refused(request, problem % {"code": code, "total": display(total)})


def _keep_typed(request: HttpRequest, form: CheckoutForm) -> None:
    """Remember what was typed while the buyer mends the cart."""
    request.session[TYPED] = form.typed()
    if not request.user.is_authenticated:
        request.session.set_expiry(TYPED_SECONDS)


def _known_of(request: HttpRequest) -> dict[str, str]:
    """What a signed-in buyer need not type: name, e-mail address, and the address of the order before."""
    user = request.user
    if not user.is_authenticated:
        return {}
    known = {"email": user.email, "first_name": user.first_name, "last_name": user.last_name}
    return known | Order.objects.last_address(user)


def _known_by_offer(context: Mapping) -> dict[str, str]:
    """What a guest said who was on the waiting list and follows the offer."""
    entries = (row.line.offer for row in context["rows"] if row.line.offered_until)
    entry = next(entries, None)
    if entry is None:
        return {}
    return {"email": entry.email, "first_name": entry.first_name, "last_name": entry.last_name}


def _ordered_before(request: HttpRequest) -> Order | None:
    """The order that this very form has led to already, when it was sent twice or again after coming back."""
    token = request.POST.get("cart", "")
    if not CART_TOKEN.fullmatch(token):
        return None
    return carts.find_order(token, request.user)
