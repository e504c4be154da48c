"""Booking on somebody's behalf: by telephone, at the desk, or as a present."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from shop.enums import CartStatus
from shop.exceptions import CartClosed
from shop.models import Cart, CartLine, Order, Session
from shop.services import history, orders, payments
from shop.services.orders import ByStaff, Purchase

DESK = "desk"  # the provider of all that is not paid at once: the order's page offers the others


def book_for(
    nonce: str, wanted: Mapping[Session, int], purchase: Purchase, *, customer: User | None, by: ByStaff
) -> Order:
    """Book places for somebody, at the price they would pay themselves, or for nothing. All or none.

    The order waits for its payment, which the buyer is told of, unless there is nothing to pay. Repeating the call
    with the same ``nonce`` returns the order that there is: a form may be sent twice.
    Raises as ``orders.place_order``; then nothing has happened.
    """
    with transaction.atomic():
        at = timezone.now()
        cart, is_new = Cart.objects.get_or_create(token=nonce, defaults={"user": customer})
        if is_new:
            history.begin(cart, actor=by.actor)
            CartLine.objects.bulk_create(
                CartLine(cart=cart, session=session, quantity=quantity, held_until=at)
                for session, quantity in wanted.items()
            )
        elif cart.status == CartStatus.OPEN:  # a visitor's: nothing of ours is ever left open
            raise CartClosed
        return orders.place_order(cart, purchase, user=customer, by=by)


def ask_for_payment(order: Order) -> None:
    """Tell the buyer until when to pay, and where. Nothing happens where nothing is to be paid. Safe to repeat."""
    payment = order.payments.live().first() if order.is_pending else None
    if payment is not None:
        payments.start(payment)
