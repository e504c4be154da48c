"""Refund requests: a buyer asks and says why, somebody of the studio decides, the buyer reads the answer."""

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.mail import enqueue_mail
from core.money import ZERO, shares
from shop.enums import RequestStatus
from shop.exceptions import AlreadyDecided, RefundTooHigh, RequestNotPossible
from shop.models import Order, OrderLine, RefundRequest
from shop.services import changes, history, refunds
from shop.services.balance import LineMoney, balance_of
from shop.services.own_orders import changeable, check_nobody_came, choices_of

BY_REQUEST = "Asked for by the buyer"


@transaction.atomic
def ask(
    order: Order, lines: Iterable[OrderLine], *, reason: str, gives_up: bool = False, actor=None
) -> RefundRequest:
    """Ask for the money of places, with a reason, and tell the studio.

    With ``gives_up`` places that have not begun, and with which nobody is inside, are free for others at once,
    whatever the answer will be; their whole price is kept until then. Raises ``NotChangeable``, ``HasCome``,
    ``RequestNotPossible`` or ``OrderChanged``.
    """
    order = changeable(order)
    wanted = {line.pk for line in lines}
    at = timezone.now()
    chosen = [choice for choice in choices_of(order, at=at) if choice.line.pk in wanted and choice.can_ask]
    if not chosen:
        raise RequestNotPossible(_("Choose the places for which you ask."))
    if gives_up:
        to_come = [choice.line for choice in chosen if not choice.is_over and not choice.has_come]
        fees = {line.pk: line.final_price for line in to_come}
        check_nobody_came(changes.cancel_lines(order, to_come, actor=actor, note=BY_REQUEST, fees=fees))
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    if order.refund_requests.open().exists():
        raise RequestNotPossible(_("You have asked already. We answer as soon as we can."))
    request = RefundRequest.objects.create(
        order=order,
        reason=reason,
        gives_up=gives_up,
        wanted=min(chosen[0].balance.left, _refundable(choice.money for choice in chosen)),
    )
    request.lines.set([choice.line for choice in chosen])
    history.begin(request, actor=actor)
    enqueue_mail(
        "refund_asked",
        to=settings.SHOP_CONTACT_EMAIL,
        dedupe_key=f"refund-asked:{request.pk}",
        context={"request_id": request.pk},
    )
    return request


@transaction.atomic
def withdraw(request: RefundRequest, *, actor=None) -> RefundRequest:
    """Take a request back. Repeating it is harmless; raises ``AlreadyDecided`` when it was answered before."""
    request = _locked(request)
    if request.status == RequestStatus.WITHDRAWN:
        return request
    if not request.is_open:
        raise AlreadyDecided
    history.move(request, RequestStatus.WITHDRAWN, actor=actor)
    return request


@transaction.atomic
def accept(request: RefundRequest, amount: Decimal, *, answer: str = "", actor) -> RefundRequest:
    """Give back what was asked for, or part of it. Places that have not begun are given up with it.

    Raises ``AlreadyDecided``, ``RefundTooHigh``, ``PaymentDisputed`` or ``OrderChanged``; then nothing has happened.
    """
    lines = list(request.lines.select_related("session"))
    # Places are given up first: sessions are locked before the order.
    money = _money(request)
    parts = _parts(money, amount)
    to_come = [
        line for line in lines if line.cancelled_at is None and line.session.starts_at > timezone.now()
    ]
    # What is owed already, after a refund that has failed, goes back first.
    rest = {each.line.pk: each.refundable - parts.get(each.line.pk, ZERO) for each in money}
    fees = {line.pk: min(line.final_price, rest[line.pk]) for line in to_come}
    changes.cancel_lines(request.order, to_come, actor=actor, note=BY_REQUEST, fees=fees)
    request = _locked(request)
    if not request.is_open:
        raise AlreadyDecided
    payment = balance_of(request.order).payment
    refunds.request(payment, amount, reason=BY_REQUEST, by=actor, lines=parts)
    _decide(request, RequestStatus.ACCEPTED, answer, actor, granted=amount)
    return request


@transaction.atomic
def decline(request: RefundRequest, *, answer: str, actor) -> RefundRequest:
    """Say no, with an answer that the buyer reads. Raises ``AlreadyDecided``."""
    request = _locked(request)
    if not request.is_open:
        raise AlreadyDecided
    _decide(request, RequestStatus.DECLINED, answer, actor)
    return request


def most(request: RefundRequest) -> Decimal:
    """What can be given back at most for the places of the request, of what is still here."""
    return min(balance_of(request.order).left, _refundable(_money(request)))


def _money(request: RefundRequest) -> list[LineMoney]:
    wanted = set(request.lines.values_list("pk", flat=True))
    return [money for money in balance_of(request.order).lines if money.line.pk in wanted]


def _refundable(money: Iterable[LineMoney]) -> Decimal:
    return sum((each.refundable for each in money), ZERO)


def _parts(money: list[LineMoney], amount: Decimal) -> dict[int, Decimal]:
    """How much of the amount is for which place: in proportion to what could go back."""
    weights = [each.refundable for each in money]
    if not ZERO < amount <= sum(weights, ZERO):
        raise RefundTooHigh(sum(weights, ZERO))
    parts = zip(money, shares(amount, weights), strict=True)
    return {each.line.pk: part for each, part in parts if part}


def _locked(request: RefundRequest) -> RefundRequest:
    order = Order.objects.select_for_update(no_key=True).get(pk=request.order_id)
    request = RefundRequest.objects.get(pk=request.pk)
    request.order = order
    return request


def _decide(
    request: RefundRequest, status: RequestStatus, answer: str, actor, *, granted: Decimal = ZERO
) -> None:
    request.granted = granted
    request.answer = answer
    request.decided_at = timezone.now()
    request.decided_by = actor
    history.move(request, status, actor=actor, also=("granted", "answer", "decided_at", "decided_by"))
    enqueue_mail(
        "refund_decided",
        to=request.order.email,
        dedupe_key=f"refund-decided:{request.pk}",
        context={"request_id": request.pk},
    )
