"""What the shop knows about somebody, for the account's download, and what it lets go when the account is deleted."""

from collections.abc import Iterator

from django.utils import timezone

from accounts.models import User
from core.models import Mail
from shop.models import Cart, CartLine, Order, WaitingEntry
from shop.services import places, waiting

WAITING_MAILS = ["waiting_joined", "waiting_offer", "waiting_lapsed", "waiting_cancelled"]


def tell_purchases(user: User) -> Iterator[tuple[str, object]]:
    """Orders, also those booked as a guest with the same e-mail address, and what is in the cart."""
    yield "orders", _orders(user)
    yield (
        "waiting_list",
        list(
            WaitingEntry.objects.of_person(user, user.email)
            .order_by("pk")
            .values("session__project__title", "session__starts_at", "quantity", "status", "created_at")
        ),
    )
    yield (
        "cart",
        list(
            CartLine.objects.filter(cart__in=Cart.objects.open().filter(user=user)).values(
                "session__project__title", "session__starts_at", "quantity", "is_held", "held_until"
            )
        ),
    )


def forget_carts(user: User) -> None:
    """Free the places that the person's carts hold, and delete the carts; take the person off all waiting lists.

    Orders are kept: they are the ledger.
    """
    carts = Cart.objects.open().filter(user=user).select_for_update()
    lines = CartLine.objects.filter(cart__in=[cart.pk for cart in carts])
    entries = WaitingEntry.objects.of_person(user, user.email)
    concerned = set(lines.values_list("session", flat=True))
    concerned.update(entries.on_the_list().order_by().values_list("session", flat=True))
    sessions = places.lock(concerned, at=timezone.now())
    for line in lines.filter(is_held=True):
        places.free(sessions[line.session_id], line.quantity)
    Cart.objects.filter(user=user).delete()
    waiting.forget(entries, sessions)
    Mail.objects.filter(kind__in=WAITING_MAILS, to=user.email).delete()


def _orders(user: User) -> Iterator[dict]:
    orders = Order.objects.of_buyer(user, user.email).order_by("pk")
    for order in orders.prefetch_related("lines__session", "payments__refunds", "invoices").iterator(
        chunk_size=100
    ):
        yield {
            "code": order.code,
            "status": order.status,
            "placed_at": order.created_at,
            "email": order.email,
            "billing": {
                name: getattr(order, f"billing_{name}")
                for name in ("name", "company", "street", "postcode", "city", "country")
            },
            "membership": order.membership,
            "coupon": order.coupon_code,
            "currency": order.currency,
            "total": order.total,
            "tax_included": order.tax,
            "terms_accepted_at": order.terms_accepted_at,
            "paid_at": order.paid_at,
            "places": [
                {
                    "session": line.description,
                    "starts_at": line.session.starts_at,
                    "attendee": line.attendee_name,
                    "price": line.price,
                    "cancelled_at": line.cancelled_at,
                }
                for line in order.lines.all()
            ],
            "invoices": [
                {
                    "number": invoice.number,
                    "kind": invoice.kind,
                    "issued_at": invoice.issued_at,
                    "made_out_to": invoice.content["buyer"],
                    "total": invoice.total,
                }
                for invoice in order.invoices.all()
            ],
            "payments": [
                {
                    "provider": payment.provider,
                    "status": payment.status,
                    "amount": payment.amount,
                    "paid_at": payment.paid_at,
                    "refunds": [
                        {"amount": refund.amount, "status": refund.status, "done_at": refund.done_at}
                        for refund in payment.refunds.all()
                    ],
                }
                for payment in order.payments.all()
            ],
        }
