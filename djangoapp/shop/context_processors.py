from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.views.visitor import cart_summary


def cart(request: HttpRequest) -> dict:
    """What the header shows of the visitor's cart. Nobody without a cart costs a query."""
    return {"cart_summary": SimpleLazyObject(lambda: cart_summary(request))}


def studio(request: HttpRequest) -> dict:
    """How to reach the people behind the shop."""
    return {
        "contact_email": settings.SHOP_CONTACT_EMAIL,
        "studio_address": settings.SHOP_STUDIO_ADDRESS,
    }
