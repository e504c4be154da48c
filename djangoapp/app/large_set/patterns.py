"""Bookings as patterns: made by the services that buyers use, read, and undone again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from accounts.models import User
from app.large_set.plan import Kind, Sale
from attendance.models import Ticket
from core import mail
from core.models import Mail
from shop import demo_story as story
from shop.demo_sales import Buyer, Till
from shop.enums import Subject
from shop.models import (
    Category,
    LedgerEntry,
    Order,
    OrderLine,
    Project,
    Refund,
    RefundShare,
    Session,
    TaxRule,
    Transition,
)
from shop.services import invoices, ledger

BUYER = Buyer("Pat", "Tern", "pattern@example.org")


@dataclass(frozen=True)
class Pattern:
    """All rows that one booking leaves behind in the end."""

    order: Order
    session: Session
    rows: list[Model]

    @property
    def places(self) -> int:
        return len(self.order.lines.all())


class PatternBook:
    """Patterns for all kinds of sales, each made when it is asked for first."""

    def __init__(self) -> None:
        people = User.objects.filter(email__in=[person.email for person in story.PEOPLE])
        users = {user.email: user for user in people}
        self._till = Till(users, cashier=users[story.PEOPLE[0].email], coupons={})
        self._known: dict[Sale, Pattern] = {}

    def pattern_of(self, sale: Sale) -> Pattern:
        if sale not in self._known:
            with transaction.atomic(), mail.quiet():
                self._known[sale] = self._make(sale)
                transaction.set_rollback(True)
        return self._known[sale]

    def _make(self, sale: Sale) -> Pattern:
        session = _session_for(sale.kind)
        end: Callable[[Order], timedelta] = getattr(self._till, sale.ending)
        with ledger.postponed():
            order = self._till.book(session, sale.places, BUYER)
            end(order)
        order = Order.objects.prefetch_related("lines", "payments__refunds").get(pk=order.pk)
        ledger.catch_up([order])
        invoices.catch_up([order])
        return Pattern(order, session, list(_rows_of(order)))


def _session_for(kind: Kind) -> Session:
    project = Project.objects.create(
        title="Pattern",
        slug="pattern-of-the-large-set",
        category=Category.objects.first(),
        tax_rule=TaxRule.objects.get(name=kind.tax_rule),
        is_published=True,
    )
    starts_at = timezone.now() + timedelta(days=100)
    return Session.objects.create(
        project=project,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        place_name="Nowhere",
        capacity=100,
        is_published=True,
        base_price=kind.price,
    )


def _rows_of(order: Order):
    lines = OrderLine.objects.filter(order=order)
    history = Q(order=order) | Q(subject=Subject.CART, subject_id=order.cart_id)
    yield order.cart
    yield from order.cart.lines.order_by("pk")
    yield order
    yield from lines.order_by("pk")
    yield from order.payments.order_by("pk")
    yield from Refund.objects.filter(payment__order=order).order_by("pk")
    yield from RefundShare.objects.filter(line__in=lines).order_by("pk")
    yield from Transition.objects.filter(history).order_by("pk")
    yield from LedgerEntry.objects.filter(order=order).order_by("pk")
    yield from order.invoices.order_by("pk")
    yield from Mail.objects.filter(to=order.email, context__order_id=order.pk).order_by("pk")
    for ticket in Ticket.objects.filter(line__in=lines).order_by("pk"):
        # Sales were moved into the past; their tickets follow.
        ticket.issued_at, ticket.voided_at = order.paid_at, ticket.voided_at and order.closed_at
        yield ticket
