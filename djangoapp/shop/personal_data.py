"""What the shop knows about somebody, for the account's download, and what it lets go when the account is deleted."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.personal_data import Person
from core.models import Mail
from shop.enums import CartStatus
from shop.models import Cart, CartLine, Order, Session, WaitingEntry
from shop.services import places, privacy, waiting

WAITING_MAILS = ["waiting_joined", "waiting_offer", "waiting_lapsed", "waiting_cancelled"]


def tell_purchases(user: User) -> Iterator[tuple[str, object]]:
    """Orders, also those booked as a guest with the same e-mail address, and what is in the cart."""
    yield "orders", _orders(Order.objects.of_buyer(user, user.email))
    yield "waiting_list", _waiting(WaitingEntry.objects.of_person(user, user.email))
    yield (
        "cart",
        list(
            CartLine.objects.filter(cart__in=Cart.objects.open().filter(user=user)).values(
                "session__project__title", "session__starts_at", "quantity", "is_held", "held_until"
            )
        ),
    )


def tell_guest(email: str) -> Iterator[tuple[str, object]]:
    yield "orders", _orders(Order.objects.of_buyer(None, email))
    yield "waiting_list", _waiting(WaitingEntry.objects.of_person(None, email))


def hold_who_comes(person: Person) -> Iterator[str]:
    """Nobody is erased who is still to come, or whose money is still on its way."""
    orders = _orders_of(person)
    if privacy.still_to_come(orders).exists():
        yield _("A session that they have booked is still to come.")
    if privacy.with_money_under_way(orders).exists():
        yield _("Money of theirs is still on its way: a payment, a refund or a dispute is not finished.")


def erase_purchases(person: Person) -> dict[str, int]:
    """Take the person's names and addresses out of their orders and off the waiting lists."""
    # Whoever pays or changes one of these orders at this moment waits, and finds it without a name.
    pks = list(_orders_of(person).select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    entries = WaitingEntry.objects.filter(pk__in=_entries_of(person).values("pk"))
    waited = entries.count()
    waiting.forget(entries, _locked(entries.on_the_list()))
    return {"orders": privacy.anonymise(pks), "waiting_list": waited}


def forget_carts(user: User) -> None:
    """Free the places that the person's carts hold, and delete the carts; take the person off all waiting lists.

    Orders are kept: they are the ledger.
    """
    carts = Cart.objects.open().filter(user=user).select_for_update(no_key=True)
    locked = [cart.pk for cart in carts]
    lines = CartLine.objects.filter(cart__in=locked)
    entries = WaitingEntry.objects.of_person(user, user.email)
    concerned = set(lines.values_list("session", flat=True))
    concerned.update(entries.on_the_list().order_by().values_list("session", flat=True))
    sessions = places.lock(concerned, at=timezone.now())
    for line in lines.filter(is_held=True):
        places.free(sessions[line.session_id], line.quantity)
    # One that was begun since holds places: it stays, belongs to nobody, and its hold runs out like any other.
    Cart.objects.filter(user=user).filter(Q(pk__in=locked) | ~Q(status=CartStatus.OPEN)).delete()
    waiting.forget(entries, sessions)
    Mail.objects.filter(kind__in=WAITING_MAILS, to=user.email).delete()


def _orders_of(person: Person) -> QuerySet[Order]:
    mine = Q(email__in=person.addresses)
    return Order.objects.filter(mine if person.user is None else mine | Q(customer=person.user))


def _entries_of(person: Person) -> QuerySet[WaitingEntry]:
    mine = Q(email__in=person.addresses)
    return WaitingEntry.objects.filter(mine if person.user is None else mine | Q(user=person.user))


def _locked(entries: QuerySet[WaitingEntry]) -> dict[int, Session]:
    return places.lock(set(entries.order_by().values_list("session", flat=True)), at=timezone.now())


def _waiting(entries: QuerySet[WaitingEntry]) -> list[dict]:
    columns = ("session__project__title", "session__starts_at", "quantity", "status", "created_at")
    return list(entries.order_by("pk").values(*columns))


def _orders(orders: QuerySet[Order]) -> Iterator[dict]:
    found = orders.prefetch_related(
        "lines__session", "payments__refunds", "invoices", "refund_requests"
    ).order_by("pk")
    for order in found.iterator(chunk_size=100):
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
                    "fee_kept": line.fee,
                    "taken_off": line.allowance,
                }
                for line in order.lines.all()
            ],
            "refund_requests": [
                {
                    "asked_at": asked.created_at,
                    "status": asked.status,
                    "reason": asked.reason,
                    "wanted": asked.wanted,
                    "granted": asked.granted,
                    "answer": asked.answer,
                }
                for asked in order.refund_requests.all()
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
