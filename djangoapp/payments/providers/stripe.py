"""Stripe Checkout: the buyer pays on Stripe's page.

Sources: Stripe's documentation of Checkout Sessions ("Manage limited inventory": a session stays open for at least 30
minutes), of idempotent requests (a key is kept for 24 hours with its first result) and of "Fulfill orders" (only the
freshly retrieved session tells whether it is paid).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.exceptions import DomainError
from core.money import from_minor, to_minor
from shop.enums import DisputeStatus, MovementKind, PaymentStatus, RefundStatus
from shop.exceptions import ProviderFailed, ProviderRefused, ProviderUnavailable
from shop.models import Payment, Refund
from shop.providers import DisputeFact, MovementFact, MovementPage, PaymentFact, RefundFact, ReturnAddresses

logger = logging.getLogger(__name__)

REFUND_STATUSES = {
    "succeeded": RefundStatus.DONE,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}

# An inquiry that comes to nothing, and a dispute that was averted, took no money.
DISPUTE_STATUSES = {
    "won": DisputeStatus.WON,
    "warning_closed": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}
MOVES_NOTHING = ("warning_", "prevented")

# By Stripe's reporting categories, which are the same whatever the way of paying.
MOVEMENT_KINDS = {
    "charge": MovementKind.PAYMENT,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND_FAILED,
    "dispute": MovementKind.DISPUTE,
    "dispute_reversal": MovementKind.DISPUTE_WON,
    "fee": MovementKind.PROVIDER_FEE,
    "payout": MovementKind.PAYOUT,
    "payout_reversal": MovementKind.PAYOUT,
}


@cache
def _client(key: str, host: str, timeout_seconds: float) -> stripe.StripeClient:
    """One client for each account, with connections that stay open."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": host} if host else {},
        stripe_version=settings.STRIPE_API_VERSION,
        http_client=stripe.RequestsClient(timeout=timeout_seconds),
        max_network_retries=1,
    )


def client() -> stripe.StripeClient:
    """The client for the account that the settings name."""
    key = settings.STRIPE_LIVE_SECRET_KEY if settings.STRIPE_LIVE_MODE else settings.STRIPE_TEST_SECRET_KEY
    return _client(key, getattr(settings, "STRIPE_API_HOST", ""), settings.STRIPE_TIMEOUT_SECONDS)


@contextmanager
def _errors_translated(*, on_server_error: Callable[[], DomainError] = ProviderUnavailable):
    """Tell apart what may be tried again from what may not.

    Stripe keeps the first answer to an idempotency key, even a server error: asking again with that key brings the same
    error for a day. ``on_server_error`` makes of it what the caller has to do: only a new key helps.
    """
    try:
        yield
    except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
        logger.warning("Stripe refused a request: %s, %s", type(error).__name__, error.code)
        raise ProviderRefused(_("The payment service refused the request.")) from error
    except stripe.StripeError as error:
        logger.warning("Stripe did not answer as hoped: %s", type(error).__name__)
        if (error.http_status or 0) >= 500:
            raise on_server_error() from error
        raise ProviderUnavailable from error


def _try_again() -> ProviderRefused:
    return ProviderRefused(_("The payment service has trouble. Please try again."))


class StripeCheckout:
    """Card and wallets on Stripe's own page."""

    label = _("Card")
    description = _("Credit or debit card, Apple Pay or Google Pay, on Stripe’s secure page.")
    is_online = True
    minutes_to_pay = 35  # Stripe's least is 30; five more, so that a call may be repeated for that long
    movements_per_page = 100  # Stripe's most

    def start(self, payment: Payment, addresses: ReturnAddresses) -> PaymentFact:
        order = payment.order
        params = {
            "mode": "payment",
            # Only ways that are paid at once: places are scarce, and a transfer may take days.
            "payment_method_types": ["card"],
            "line_items": _line_items(payment),
            "customer_email": order.email,
            "client_reference_id": order.code,
            "metadata": _metadata(payment),
            "payment_intent_data": {"metadata": _metadata(payment)},
            "expires_at": int(payment.expires_at.timestamp()),
            "success_url": addresses.done,
            "cancel_url": addresses.left,
        }
        # A session that was opened in spite of an error can be paid by nobody: its address was never told.
        with _errors_translated(on_server_error=_try_again):
            checkout_session = client().v1.checkout.sessions.create(
                params, {"idempotency_key": payment.idempotency_key}
            )
        return _fact(checkout_session)

    def lookup(self, payment: Payment) -> PaymentFact:
        with _errors_translated():
            checkout_session = client().v1.checkout.sessions.retrieve(
                payment.reference, {"expand": ["payment_intent"]}
            )
        return _fact(checkout_session)

    def close(self, payment: Payment, addresses: ReturnAddresses) -> PaymentFact:
        if payment.reference is None:
            # The first call's answer was lost, so the session may exist: the same call finds it.
            try:
                payment.reference = self.start(payment, addresses).reference
            except ProviderRefused:
                return PaymentFact(PaymentStatus.EXPIRED)
        try:
            with _errors_translated():
                return _fact(client().v1.checkout.sessions.expire(payment.reference))
        except ProviderRefused:
            return self.lookup(payment)  # it is no longer open: paid, or expired by itself

    def refund(self, refund: Refund) -> RefundFact:
        payment = refund.payment
        params = {
            "payment_intent": payment.charge_reference,
            "amount": to_minor(refund.amount, payment.received_currency),
            "reason": "requested_by_customer",
            "metadata": {"refund": refund.idempotency_key}
            | ({"request": refund.request_id} if refund.request_id else {}),
        }
        with _errors_translated(on_server_error=ProviderFailed):
            return _refund_fact(client().v1.refunds.create(params, {"idempotency_key": refund.request_key}))

    def refunds(self, payment: Payment) -> list[RefundFact]:
        if not payment.charge_reference:
            return []
        with _errors_translated():
            found = client().v1.refunds.list({"payment_intent": payment.charge_reference, "limit": 100})
            return [_refund_fact(refund) for refund in found.auto_paging_iter()]

    def disputes(self, payment: Payment) -> list[DisputeFact]:
        if not payment.charge_reference:
            return []
        with _errors_translated():
            found = client().v1.disputes.list({"payment_intent": payment.charge_reference, "limit": 100})
            return [_dispute_fact(dispute) for dispute in found.auto_paging_iter()]

    def charges_taken_back(self, since: datetime) -> Iterator[str]:
        api, lately = client().v1, {"created": {"gte": int(since.timestamp())}, "limit": 100}
        # A refund may come back weeks after it was made: then it is on no list of new refunds.
        came_back = lately | {"type": "refund_failure", "expand": ["data.source"]}
        with _errors_translated():
            for listing in (api.refunds.list, api.disputes.list):
                for taken in listing(lately).auto_paging_iter():
                    if taken.payment_intent:
                        yield str(taken.payment_intent)
            for movement in api.balance_transactions.list(came_back).auto_paging_iter():
                if movement.source and movement.source.payment_intent:
                    yield str(movement.source.payment_intent)

    def movements(self, since: datetime, until: datetime, after: str = "") -> MovementPage:
        params = {
            "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
            "limit": self.movements_per_page,
            "expand": ["data.source"],
        }
        if after:
            params["starting_after"] = after
        with _errors_translated():
            found = client().v1.balance_transactions.list(params)
            return MovementPage([_movement_fact(each) for each in found.data], found.has_more)


def _metadata(payment: Payment) -> dict[str, str]:
    """By which notifications find their payment, even before we know Stripe's own id of it.

    The request is the one that wrote the payment, not the present one: a call repeated with its key must be the same.
    """
    known = {"order": payment.order.code, "payment": payment.idempotency_key, "request": payment.request_id}
    return {name: value for name, value in known.items() if value}


def _line_items(payment: Payment) -> list[dict[str, Any]]:
    """The order's lines as Stripe shows them: equal places of a session in one row."""
    currency = payment.currency

    def kind(line):
        return line.session_id, line.description, line.price

    lines = sorted(payment.order.lines.all(), key=lambda line: (kind(line), line.position))
    return [
        {
            "quantity": len(list(places)),
            "price_data": {
                "currency": currency.lower(),
                "unit_amount": to_minor(price, currency),
                "product_data": {"name": description},
            },
        }
        for (_session, description, price), places in groupby(lines, key=kind)
    ]


def _fact(checkout_session: stripe.checkout.Session) -> PaymentFact:
    """Read a Checkout Session. Complete is not paid: a transfer may be on its way, or may have failed."""
    currency = (checkout_session.currency or "").upper()
    intent = checkout_session.payment_intent
    intent_id = intent if isinstance(intent, str) else getattr(intent, "id", "")
    intent_status = "" if isinstance(intent, str) else getattr(intent, "status", "")
    if checkout_session.payment_status in {"paid", "no_payment_required"}:
        status = PaymentStatus.PAID
    elif checkout_session.status == "expired":
        status = PaymentStatus.EXPIRED
    elif checkout_session.status == "open":
        status = PaymentStatus.OPEN
    elif intent_status in {"requires_payment_method", "canceled"}:
        status = PaymentStatus.FAILED
    else:
        status = PaymentStatus.PROCESSING
    is_paid = status == PaymentStatus.PAID
    return PaymentFact(
        status=status,
        reference=checkout_session.id,
        charge_reference=intent_id or "",
        amount=from_minor(checkout_session.amount_total, currency) if is_paid else from_minor(0, currency),
        currency=currency,
        redirect_url=checkout_session.url or "",
        expires_at=datetime.fromtimestamp(checkout_session.expires_at, UTC),
    )


def _refund_fact(refund: stripe.Refund) -> RefundFact:
    return RefundFact(
        status=REFUND_STATUSES.get(refund.status or "", RefundStatus.PENDING),
        reference=refund.id,
        amount=from_minor(refund.amount, refund.currency),
        idempotency_key=dict(refund.metadata or {}).get("refund", ""),
        error=getattr(refund, "failure_reason", None) or "",
    )


def _dispute_fact(dispute: stripe.Dispute) -> DisputeFact:
    due_by = dispute.evidence_details.due_by if dispute.evidence_details else None
    return DisputeFact(
        status=DISPUTE_STATUSES.get(dispute.status, DisputeStatus.OPEN),
        reference=dispute.id,
        amount=from_minor(
            0 if dispute.status.startswith(MOVES_NOTHING) else dispute.amount, dispute.currency
        ),
        reason=dispute.reason or "",
        answer_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
    )


def _movement_fact(moved: stripe.BalanceTransaction) -> MovementFact:
    """Read a balance transaction together with what it came from: a charge, a refund, a dispute, a payout, nothing."""
    kind = MOVEMENT_KINDS.get(moved.reporting_category, MovementKind.OTHER)
    source = moved.source
    intent = getattr(source, "payment_intent", None) or ""
    intent = intent if isinstance(intent, str) else intent.id
    amount, currency = from_minor(moved.amount, moved.currency), moved.currency
    if moved.exchange_rate and hasattr(source, "currency"):
        # The buyer paid in another currency than the account's.
        currency = source.currency
        amount = from_minor(source.amount, currency).copy_sign(amount)
    marks = dict(getattr(source, "metadata", None) or {})
    return MovementFact(
        reference=moved.id,
        kind=kind,
        amount=from_minor(moved.amount, moved.currency),
        fee=from_minor(moved.fee, moved.currency),
        currency=moved.currency.upper(),
        buyer_amount=amount,
        buyer_currency=currency.upper(),
        booked_at=datetime.fromtimestamp(moved.created, UTC),
        about=intent if kind == MovementKind.PAYMENT else getattr(source, "id", ""),
        charge_reference=intent,
        is_claimed="payment" in marks or "refund" in marks,
    )
