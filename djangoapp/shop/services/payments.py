"""Payments: attempts at a provider, and the one step to which all news of money lead.

The webhook, the return page and the reconcile job all end in ``settle``, with a fact freshly asked from the provider.
No provider is called within a transaction.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.jobs import in_time
from core.mail import enqueue_mail
from shop.enums import LIVE, PAYMENT_MOVES, RECEIVED, OrderStatus, PaymentStatus
from shop.exceptions import (
    OrderNotPayable,
    ProviderRefused,
    ProviderUnavailable,
)
from shop.models import Order, Payment
from shop.providers import PaymentFact, ReturnAddresses, get_provider, offered
from shop.services import changes, disputes, history, ledger, orders, refunds
from shop.services.alarms import alarm

logger = logging.getLogger(__name__)

QUIET = timedelta(minutes=2)  # live payments are looked at again after this long without news
BATCH = 200


def start(payment: Payment) -> str:
    """Open the attempt at its provider and return the address at which the buyer pays ('' for the desk).

    Safe to repeat; the provider makes one attempt of it. Raises ``ProviderUnavailable`` when there was no answer, and
    ``ProviderRefused`` when there will be none: then the attempt has failed and another may begin.
    """
    if payment.status != PaymentStatus.CREATED:
        return payment.redirect_url
    try:
        fact = get_provider(payment.provider).start(payment, _return_addresses(payment.order))
    except ProviderRefused:
        _move_if_live(payment, PaymentStatus.FAILED, note="The provider refused to open it")
        raise
    return settle(payment, fact).redirect_url


def pay_again(order: Order, provider_name: str) -> Payment:
    """Prepare another attempt for a pending order, closing the one before, which may turn out to be paid.

    Raises ``OrderNotPayable`` if there is nothing to pay any more, ``ProviderUnavailable`` if the earlier attempt
    cannot be closed now: two open attempts could both be paid.
    """
    close_live(order)
    at = timezone.now()
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        if order.status != OrderStatus.PENDING or order.expires_at <= at:
            raise OrderNotPayable(_("This order can no longer be paid."))
        if order.payments.live().exists():
            raise OrderNotPayable(_("Another payment of this order is under way."))
        return orders.prepare_payment(order, provider_name, at=at)


def close_live(order: Order) -> None:
    """Close the order's live attempts at their providers. Raises ``ProviderUnavailable``; safe to repeat."""
    for payment in order.payments.live().select_related("order"):
        provider = get_provider(payment.provider)
        settle(payment, provider.close(payment, _return_addresses(payment.order)))


def cancel_unpaid(order: Order, *, actor=None, is_told: bool = False) -> Order:
    """Cancel an order that is not paid, once its provider has said that nobody can pay it any more.

    ``is_told`` writes to the buyer, who has not done it. Repeating the call is harmless.
    Raises ``OrderNotCancellable`` if it turns out to be paid, ``ProviderUnavailable`` if that cannot be known now.
    """
    close_live(order)
    with transaction.atomic():
        order = orders.cancel(order, only_unpaid=True, actor=actor, note="Cancelled before payment")
        if is_told:
            changes.tell_given_up(order, list(order.lines.all()), None)
    return order


def look_at(payment_id: int) -> Payment:
    """Ask the provider how an attempt stands and draw the conclusions. Safe to repeat.

    Raises ``ProviderUnavailable``; whoever calls from a queue is called again.
    """
    return ask(Payment.objects.select_related("order").get(pk=payment_id))


def ask(payment: Payment) -> Payment:
    """The same for an attempt that the caller has just read."""
    provider = get_provider(payment.provider)
    try:
        if payment.reference is None:
            # The answer to our first call was lost: the same call with the same key brings it again.
            fact = provider.start(payment, _return_addresses(payment.order))
        else:
            fact = provider.lookup(payment)
    except ProviderRefused:
        _move_if_live(payment, PaymentStatus.FAILED, note="The provider does not know it")
        payment.refresh_from_db()
        return payment
    return settle(payment, fact)


def settle(payment: Payment, fact: PaymentFact, *, actor=None) -> Payment:
    """Draw the conclusions from what the provider says of an attempt. Safe to repeat, in any order of facts.

    Money is recorded first and always. Then the order is confirmed; or it revives, if it had expired and places are
    left; or the money goes back. Money that is not what was asked confirms nothing and alarms the staff.
    """
    with transaction.atomic(), history.in_one_go():
        order = Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
        payment = Payment.objects.get(pk=payment.pk)
        payment.order = order
        was_prepared = payment.status == PaymentStatus.CREATED
        _record(payment, fact)
        if was_prepared and payment.status == PaymentStatus.OPEN:
            _tell_reserved(payment)
        if payment.is_fulfilling and order.status == OrderStatus.PENDING:
            orders.become_paid(order, actor=actor, note=f"Paid by {payment.provider}")
    if payment.status == PaymentStatus.PAID and not payment.is_fulfilling:
        place_late_money(payment)
    return payment


def place_late_money(payment: Payment) -> None:
    """Find a home for money that reached an order which was not waiting for it, or send it back. Safe to repeat."""
    if payment.order.status == OrderStatus.EXPIRED and orders.revive(payment):
        return
    refunds.return_late_money(payment)


def mark_paid_at_desk(order: Order, *, actor) -> Order:
    """Note that the buyer paid the order in the studio. Raises ``OrderNotPayable``, ``ProviderUnavailable``.

    An attempt at another provider is closed first, so that nobody pays twice. Repeating the call is harmless.
    """
    order = Order.objects.get(pk=order.pk)
    if order.status == OrderStatus.PAID:
        return order
    live = order.payments.live().first()
    if live is None or live.provider != "desk":
        live = pay_again(order, "desk")
    fact = PaymentFact(
        status=PaymentStatus.PAID, reference=f"desk-{live.pk}", amount=live.amount, currency=live.currency
    )
    return settle(live, fact, actor=actor).order


def reconcile_open() -> int:
    """Look at every live payment without news, and at refunds on their way. Returns how many payments moved.

    Heals what notifications that never came, workers that died and answers that were lost have left behind. Nobody
    knows of payments at the desk but we; of those it only begins the ones that were never begun.
    """
    online = [offer.name for offer in offered() if offer.provider.is_online]
    at_desk = [offer.name for offer in offered() if not offer.provider.is_online]
    worth_asking = Q(provider__in=online) | Q(provider__in=at_desk, status=PaymentStatus.CREATED)
    quiet = Payment.objects.unsettled(timezone.now() - QUIET).filter(worth_asking)
    moved = 0
    for payment in in_time(list(quiet.order_by("checked_at")[:BATCH])):
        # Even one that fails goes to the end of the line, so that it cannot keep the others waiting.
        Payment.objects.filter(pk=payment.pk).update(checked_at=timezone.now())
        try:
            moved += look_at(payment.pk).status != payment.status
        except ProviderUnavailable:
            logger.warning("Payment %s: the provider does not answer", payment.pk)
    for payment in list(Payment.objects.stranded().select_related("order")[:BATCH]):
        place_late_money(payment)
    refunds.reconcile_open()
    disputes.reconcile_open()
    return moved


def expire_overdue() -> int:
    """Stop waiting for orders whose time to pay is over, once their provider has closed. Returns how many expired."""
    expired = 0
    for order in list(Order.objects.overdue().order_by("expires_at")[:BATCH]):
        try:
            close_live(order)
        except ProviderUnavailable:
            logger.warning("Order %s stays pending: the provider does not answer", order.pk)
            continue
        expired += orders.expire(order)
    return expired


def _record(payment: Payment, fact: PaymentFact) -> None:
    """Write what the provider says onto the (locked) attempt, and move it where the fact leads."""
    payment.checked_at = timezone.now()
    payment.reference = payment.reference or fact.reference or None
    payment.charge_reference = fact.charge_reference or payment.charge_reference
    payment.redirect_url = fact.redirect_url or payment.redirect_url
    also = ("checked_at", "reference", "charge_reference", "redirect_url")
    status = fact.status
    if status == PaymentStatus.PAID and payment.status not in RECEIVED:
        payment.received_amount = fact.amount
        payment.received_currency = fact.currency
        payment.paid_at = fact.paid_at or timezone.now()
        also += ("received_amount", "received_currency", "paid_at")
        if (fact.amount, fact.currency.upper()) != (payment.amount, payment.currency.upper()):
            status = PaymentStatus.MISMATCHED
            alarm(payment, "mismatch")
    # A fact that was overtaken on its way (open after paid, say) leads nowhere and changes nothing.
    has_moved = status in PAYMENT_MOVES[payment.status]
    becomes = status if has_moved else payment.status
    if becomes == PaymentStatus.PAID and payment.order.status == OrderStatus.PENDING:
        payment.is_fulfilling = True
        also += ("is_fulfilling",)
    if has_moved:
        history.move(payment, status, also=also)
        if status in RECEIVED:
            ledger.book_payment(payment)
    else:
        payment.save(update_fields=[*also, "updated_at"])


def _tell_reserved(payment: Payment) -> None:
    """Write to the buyer who will pay in person: until then this letter is the only way back to the order."""
    if not get_provider(payment.provider).is_online:
        enqueue_mail(
            "order_reserved",
            to=payment.order.email,
            dedupe_key=f"order-reserved:{payment.pk}",
            context={"order_id": payment.order_id},
        )


def _move_if_live(payment: Payment, status: PaymentStatus, *, note: str) -> None:
    with transaction.atomic():
        Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
        fresh = Payment.objects.get(pk=payment.pk)
        if fresh.status in LIVE:
            history.move(fresh, status, note=note)


def _return_addresses(order: Order) -> ReturnAddresses:
    done = reverse("shop:order_return", args=[order.code, order.token])
    left = reverse("shop:order_detail", args=[order.code, order.token])
    return ReturnAddresses(done=f"{settings.SITE_URL}{done}", left=f"{settings.SITE_URL}{left}")
