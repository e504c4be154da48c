"""Sending buyers to where they pay."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core.limits import Limit, enforce_all, network_of
from shop.exceptions import ProviderRefused, ProviderUnavailable
from shop.models import Order
from shop.services import payments

# Each order takes places away from others, and each attempt to pay opens a page on which cards can be tried out.
ATTEMPTS = Limit("pay", times=20, minutes=10)
ATTEMPTS_PER_BUYER = Limit("pay-buyer", times=8, minutes=10)


class SeeOther(HttpResponseRedirect):
    """Go there by GET, whatever brought you here."""

    status_code = 303


def enforce_limits(request: HttpRequest, email: str) -> None:
    """Count one attempt to order or to pay. Raises ``LimitReached``."""
    enforce_all([(ATTEMPTS, network_of(request)), (ATTEMPTS_PER_BUYER, email.lower())])


def pay(request: HttpRequest, order: Order) -> HttpResponse:
    """Open the order's prepared attempt and send the buyer there; to the order's page where nothing is to be opened.

    Safe to repeat: an attempt that is open already is used again.
    """
    payment = order.payments.live().first() if order.is_pending else None
    if payment is None:
        return SeeOther(order.get_absolute_url())
    try:
        address = payments.start(payment)
    except (ProviderUnavailable, ProviderRefused) as refusal:
        messages.error(request, str(refusal))
        address = ""
    return SeeOther(address or order.get_absolute_url())
