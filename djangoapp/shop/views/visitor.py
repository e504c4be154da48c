"""What the shop knows of the visitor: the cart and the access codes of this browser, and the membership.

The cart's token travels in a signed cookie of its own, so that a guest needs no server-side session to buy something.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.services import membership_of
from shop.models import NOTHING, AccessCode, Cart, Opened, Order
from shop.services.cart import find_cart, find_order, open_cart

CART_COOKIE = "cart"
CART_COOKIE_SECONDS = 30 * 24 * 3600
ORDERED_SECONDS = 3600  # for which the browser still knows the cart that has become an order
CODES_COOKIE = "codes"
MOST_CODES = 20


@dataclass(frozen=True)
class CartSummary:
    """``places`` in the cart, and until when they are held (``None`` once the hold has run out)."""

    places: int = 0
    held_until: datetime | None = None


def current_cart(request: HttpRequest) -> Cart | None:
    """Return the visitor's open cart, asked for once in a request."""
    if not hasattr(request, "_shop_cart"):
        token = _token(request)
        is_known = bool(token) or request.user.is_authenticated
        request._shop_cart = find_cart(token, request.user) if is_known else None
    return request._shop_cart


def cart_for_writing(request: HttpRequest) -> Cart:
    """Return the visitor's open cart, or a new one."""
    cart = current_cart(request)
    if cart is None:
        cart = request._shop_cart = open_cart(request.user)
    return cart


def reload_cart(request: HttpRequest) -> Cart | None:
    """Ask for the visitor's cart anew, once a service has changed it."""
    cart = current_cart(request)
    if cart is not None:
        request._shop_cart = Cart.objects.open().with_places().filter(pk=cart.pk).first()
    return request._shop_cart


def waiting_order(request: HttpRequest) -> Order | None:
    """The unpaid order that this browser's cart became within the hour, for whoever comes back without having paid."""
    token = _token(request)
    order = find_order(token, request.user) if token else None
    return order if order is not None and order.is_pending else None


def remember_cart(response: HttpResponse, cart: Cart, *, seconds: int = CART_COOKIE_SECONDS) -> HttpResponse:
    """Give the browser the cart's token."""
    response.set_signed_cookie(
        CART_COOKIE,
        cart.token,
        salt="shop.cart",
        max_age=seconds,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def cart_summary(request: HttpRequest) -> CartSummary:
    cart = current_cart(request)
    if cart is None:
        return CartSummary()
    is_running = cart.held_until is not None and cart.held_until > timezone.now()
    return CartSummary(cart.places, cart.held_until if cart.places and is_running else None)


def opened_for(request: HttpRequest) -> Opened:
    """What the access codes open that were typed in this browser and are still valid; asked for once in a request."""
    if not hasattr(request, "_shop_opened"):
        known = _known_codes(request)
        request._shop_opened = (
            Opened.by(AccessCode.objects.valid().filter(pk__in=known)) if known else NOTHING
        )
    return request._shop_opened


def remember_code(request: HttpRequest, response: HttpResponse, code: AccessCode) -> HttpResponse:
    """Let the browser keep a code that was typed; of very many the oldest is forgotten."""
    known = [pk for pk in _known_codes(request) if pk != code.pk]
    response.set_signed_cookie(
        CODES_COOKIE,
        ".".join(str(pk) for pk in [*known[1 - MOST_CODES :], code.pk]),
        salt="shop.codes",
        max_age=CART_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _token(request: HttpRequest) -> str:
    return request.get_signed_cookie(CART_COOKIE, default="", salt="shop.cart")


def _known_codes(request: HttpRequest) -> list[int]:
    kept = request.get_signed_cookie(CODES_COOKIE, default="", salt="shop.codes")
    return [int(pk) for pk in kept.split(".") if pk]


def visitor_membership(request: HttpRequest) -> str:
    """The membership that sets this visitor's prices, asked for once in a request."""
    if not hasattr(request, "_shop_membership"):
        request._shop_membership = membership_of(request.user)
    return request._shop_membership
