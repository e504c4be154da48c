"""What must hold when the dust has settled, whatever happened before."""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from core.mail import send_due_mails
from core.models import Mail
from core.money import from_minor
from shop.enums import (
    MOVES,
    UNSETTLED_REFUNDS,
    LineStatus,
    OrderStatus,
    PaymentStatus,
    RefundStatus,
    Subject,
)
from shop.models import (
    Cart,
    Dispute,
    Order,
    Payment,
    Refund,
    RefundRequest,
    Session,
    SessionCancellation,
    Transition,
    WaitingEntry,
)
from shop.services import cancelling, invoices, lost_news, payments, refunds
from shop.services import cart as carts
from shop.services.integrity import PATIENCE, problems

from . import breakage

MOST_ROUNDS = 30
MACHINES = {
    Subject.CART: Cart,
    Subject.ORDER: Order,
    Subject.PAYMENT: Payment,
    Subject.REFUND: Refund,
    Subject.DISPUTE: Dispute,
    Subject.REQUEST: RefundRequest,
    Subject.WAITING: WaitingEntry,
}


def heal(world) -> None:
    """Let everything work again, and the jobs run as they do every minute, until nothing is left to be done."""
    world.standin.behave()
    world.standin.webhooks_normal()
    world.standin.hold_refunds(False)
    for checkout_session in world.slow_money:
        world.standin.settle(checkout_session, succeed=True, wait=False)
    world.standin.flush(timeout_seconds=60)
    for _round in range(MOST_ROUNDS):
        world.clock.shift(timedelta(minutes=4))
        world.standin.advance(0)
        world.standin.flush(timeout_seconds=60)
        while task := world.tasks.take():
            breakage.run(*task)
        _settle_slow_refunds(world)
        _return_money_for_nothing()
        payments.reconcile_open()
        payments.expire_overdue()
        cancelling.resume()
        invoices.issue_due()
        lost_news.look_back()
        carts.sweep_lapsed()
        send_due_mails()
        if not _waits(world):
            break
    world.clock.shift(PATIENCE * 2)


def complaints(world) -> list[str]:
    """Everything that is not as it must be; empty when all is well."""
    checks = (_legal_histories, _one_mail_of_a_kind, _money_as_at_the_provider, _sold_places)
    found = [complaint for check in checks for complaint in check(world)]
    found += [f"{problem.kind}: {problem.about}: {problem.text}" for problem in problems()]
    found += [f"the jobs do not come to an end: {what}" for what in _waits(world)]
    return found


def _waits(world) -> list[str]:
    """What the jobs still have to do; an order that may be paid at the desk has days for it."""
    by_card = Order.objects.filter(status=OrderStatus.PENDING).exclude(payments__provider="desk")
    going_back = Refund.objects.filter(status__in=UNSETTLED_REFUNDS).exclude(
        provider="desk", status="pending"
    )
    cancelled = SessionCancellation.objects.filter(finished_at=None)
    return [
        *([f"{len(world.tasks)} tasks"] if len(world.tasks) else []),
        *(f"order {order.code} is pending" for order in by_card),
        *(f"refund {refund.reference} of {refund.amount} is {refund.status}" for refund in going_back),
        *(f"session {cancellation.session} is being cancelled" for cancellation in cancelled),
    ]


def _settle_slow_refunds(world) -> None:
    """Stripe’s part of it: what was on its way for days arrives."""
    for refund in Refund.objects.filter(status=RefundStatus.PENDING, provider="stripe"):
        # It may have arrived already, and the news of it got lost.
        if world.standin.get(refund.reference)["status"] == "pending":
            world.standin.settle_refund(refund.reference, wait=False)


def _return_money_for_nothing() -> None:
    """What staff does about money that is not what was asked for, or came back: alarms told them of it."""
    wrong = Payment.objects.filter(status=PaymentStatus.MISMATCHED)
    came_back = Payment.objects.filter(is_fulfilling=False, refunds__status=RefundStatus.FAILED)
    for payment in (wrong | came_back).distinct():
        left = refunds.refundable(payment)
        if left and not payment.disputes.open().exists():
            refunds.request(payment, left, reason="For nothing")


def _legal_histories(world):
    return illegal_moves()


def illegal_moves():
    """Each row's history leads from its first state to its present one, over legal moves only.

    That a place was sold tells the history of its order: that of the place begins when it is no longer as it was.
    """
    states: dict[tuple[str, int], str] = {}
    for move in Transition.objects.order_by("pk"):
        key = (move.subject, move.subject_id)
        sold = LineStatus.BOOKED if move.subject == Subject.LINE and move.from_status else ""
        before = states.get(key, sold)
        if move.from_status != before:
            yield f"{key} moved from {move.from_status!r}, but stood at {before!r}"
        if move.from_status and move.to_status not in MOVES[move.subject][move.from_status]:
            yield f"{key} moved from {move.from_status} to {move.to_status}"
        states[key] = move.to_status
    for subject, model in MACHINES.items():
        for pk, status in model.objects.values_list("pk", "status"):
            if states.get((subject, pk)) != status:
                yield f"{subject} {pk} is {status}, its history ends with {states.get((subject, pk))}"


def _one_mail_of_a_kind(world):
    """One confirmation for each order that was ever paid, and never two."""
    told = Counter(
        mail.context["order_id"] for mail in Mail.objects.filter(kind="order_paid") if mail.context
    )
    for order_id, number in told.items():
        if number > 1:
            yield f"order {order_id} was confirmed {number} times"
    for order in Order.objects.exclude(paid_at=None):
        if order.pk not in told:
            yield f"order {order.code} was paid, and nobody was told"


def _money_as_at_the_provider(world):
    """What Stripe took and gave back is what our payments and refunds say."""
    ours = {payment.reference: payment for payment in Payment.objects.filter(provider="stripe")}
    returned: dict[str, Decimal] = defaultdict(Decimal)
    for refund in Refund.objects.filter(status=RefundStatus.DONE, provider="stripe"):
        returned[refund.payment.charge_reference] += refund.amount
    for checkout_session in world.standin.checkout_sessions():
        if checkout_session["payment_status"] != "paid":
            continue
        payment = ours.get(checkout_session["id"])
        if payment is None or not payment.received_amount:
            # A page whose opening was never answered: its address was told to nobody but chaos.
            if _has_key(checkout_session):
                yield f"{checkout_session['id']} was paid, and we know nothing of it"
            continue
        taken = from_minor(checkout_session["amount_total"], checkout_session["currency"].upper())
        if payment.received_amount != taken and checkout_session["id"] not in world.tampered:
            yield f"order {payment.order.code}: received {payment.received_amount}, Stripe took {taken}"
        charge = world.standin.get(world.standin.get(payment.charge_reference)["latest_charge"])
        given = from_minor(charge["amount_refunded"], charge["currency"].upper())
        if given != returned[payment.charge_reference]:
            yield (
                f"order {payment.order.code}: {returned[payment.charge_reference]} refunded, Stripe says {given}"
            )


def _has_key(checkout_session: dict) -> bool:
    """Whether an attempt of ours belongs to the page, and still counts."""
    key = checkout_session["metadata"].get("payment")
    return Payment.objects.filter(idempotency_key=key).exclude(status=PaymentStatus.FAILED).exists()


def _sold_places(world):
    for session in Session.objects.filter(starts_at__gt=timezone.now()):
        if not 0 <= session.seats_taken <= session.capacity:
            yield f"{session}: {session.seats_taken} places taken of {session.capacity}"
