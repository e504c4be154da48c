"""The verdict itself: it must find what chaos could do to a shop with a hole in it."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import F

from core.models import Mail
from payments.tests.conftest import shop_at, standin  # noqa: F401
from shop.models import Order, Payment, Refund, Session, Transition
from shop.services import cart as carts
from shop.services import orders, payments
from shop.tests.factories import SessionFactory, purchase_for

from . import verdict

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(standin):  # noqa: F811
    """A shop in which one order was paid and a part of the money returned."""
    cart, _choice = carts.begin_cart(AnonymousUser(), SessionFactory(capacity=5), 2)
    order = orders.place_order(cart, purchase_for(cart, provider="stripe"))
    payments.start(order.payments.get())
    standin.pay(order.payments.get().reference)
    standin.refund(order.payments.get().reference, amount=500)
    return SimpleNamespace(standin=standin, tasks=[], tampered=set())


def test_a_shop_in_order_gives_no_cause_for_complaint(world):
    assert verdict.complaints(world) == []


DAMAGES = {
    "places taken": lambda: Session.objects.update(seats_taken=F("seats_taken") + 1),
    "received": lambda: Payment.objects.update(received_amount=F("received_amount") - 1),
    "Stripe says": lambda: Refund.objects.update(amount=F("amount") - 1),
    "its history ends with": lambda: Order.objects.update(status="expired"),
    "moved from": lambda: Transition.objects.filter(subject="order", to_status="paid").update(
        from_status="expired"
    ),
    "nobody was told": lambda: Mail.objects.filter(kind="order_paid").delete(),
    "confirmed 2 times": lambda: Mail.objects.bulk_create(
        [
            Mail(
                kind="order_paid",
                to="x@example.org",
                dedupe_key="again",
                context=Mail.objects.first().context,
            )
        ]
    ),
    "is created": lambda: Refund.objects.update(status="created"),
}


@pytest.mark.parametrize("complaint", DAMAGES)
def test_damage_is_found(complaint, world):
    DAMAGES[complaint]()

    assert complaint in "\n".join(verdict.complaints(world))
