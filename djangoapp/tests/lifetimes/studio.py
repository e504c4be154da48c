"""The studio whose orders live: its sessions, its bank, its clock, and what must agree after each step."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import wraps

import time_machine
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from django.utils.module_loading import import_string
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from attendance.models import Ticket
from core import mail
from core.exceptions import DomainError
from core.models import Mail
from shop import providers
from shop.enums import MONEY, RECEIVED, TURNOVER, OrderStatus, PaymentStatus, RefundStatus
from shop.exceptions import ProviderUnavailable
from shop.models import (
    CancellationPolicy,
    CartLine,
    Coupon,
    Invoice,
    LedgerEntry,
    Order,
    OrderLine,
    Payment,
    Session,
    WaitingEntry,
)
from shop.services import cancelling, invoices, letters, lost_news, payments, refunds, reminders, waiting
from shop.services import cart as carts
from shop.services.balance import left_of
from shop.services.integrity import PATIENCE, Problem, problems
from shop.tests.factories import CouponFactory, ProjectFactory, SessionFactory
from tests.chaos.verdict import illegal_moves

from . import bank

WHICH = st.integers(0, 7)  # one among what there is, counted round and round
SOME = st.integers(1, 7)  # of the places of an order: a bit for each
BEGINS = datetime(2026, 10, 16, 8, tzinfo=UTC)  # nine days before the clocks go back
JOBS = (
    invoices.issue_due,
    payments.reconcile_open,
    payments.expire_overdue,
    lost_news.look_back,
    carts.sweep_lapsed,
    waiting.sweep,
    cancelling.resume,
    letters.resume,
    reminders.send_reminders,
    reminders.send_thanks,
)
MOST_ROUNDS = 12


def action(**drawn) -> Callable:
    """Make a rule of a method. The shop may refuse what it does; anything else that is raised is a defect."""

    def register(method: Callable) -> Callable:
        @wraps(method)
        def act(self, **arguments) -> None:
            with self.acting(DomainError):
                method(self, **arguments)

        return rule(**drawn)(act)

    return register


class Studio(RuleBasedStateMachine):
    """Two dates that are soon full, one that is dearer, a coupon for two orders. Each life is undone at its end."""

    tasks: list[tuple]

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.clock = time_machine.travel(BEGINS, tick=False)
        self.now = self.clock.start()
        self.bank = providers.instances[bank.PATH] = bank.Bank()
        self.tasks.clear()
        self.jobs_are_due = False
        self.nonces = 0
        policy = CancellationPolicy.objects.create(
            name="Usual", fee_percent=Decimal(30), fee_fixed=Decimal(5)
        )
        project = ProjectFactory(policy=policy)
        for days, capacity, price in ((6, 2, "85.00"), (12, 3, "66.65"), (20, 4, "99.90")):
            SessionFactory(
                project=project,
                capacity=capacity,
                base_price=Decimal(price),
                starts_at=timezone.now() + timedelta(days=days),
            )
        CouponFactory(code="TWICE", value=Decimal(15), max_uses=2)

    def teardown(self) -> None:
        try:
            self.heal()
            self.check_the_end()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self._undone.__exit__(None, None, None)

    # What rules stand on

    @contextmanager
    def acting(self, *refusals: type[Exception]) -> Iterator[None]:
        """Do as if each transaction committed within the block, which may end with one of these refusals."""
        with TestCase.captureOnCommitCallbacks(execute=True), suppress(*refusals):
            yield

    def one(self, rows, which: int):
        """One of these rows, or None."""
        found = list(rows.order_by("pk"))
        return found[which % len(found)] if found else None

    def some_places(self, order: Order, some: int) -> list[OrderLine]:
        return [line for number, line in enumerate(order.lines.order_by("position")) if some >> number & 1]

    def work(self, which: int) -> None:
        """Do one of the tasks that wait."""
        task, *arguments = self.tasks.pop(which % len(self.tasks))
        with self.acting(ProviderUnavailable):
            import_string(task)(*arguments)

    def run_jobs(self) -> None:
        """Run the periodic jobs, which are never refused anything."""
        with self.acting():
            for job in JOBS:
                job()
        self.jobs_are_due = self.bank.mood != "well"

    # What must agree after each step

    @invariant()
    def all_agrees(self) -> None:
        self.what_the_shop_checks_itself()
        self.places_are_lines()
        self.tickets_are_places()
        self.uses_are_redemptions()
        self.ledger_is_money_and_sales()

    def what_the_shop_checks_itself(self) -> None:
        assert [problem for problem in problems() if not self._may_be(problem)] == []

    def _may_be(self, problem: Problem) -> bool:
        """Whether a problem waits for the next run of the jobs, for people, or for the bank to refuse what is too much.

        Somebody may have given back in its pages what was on its way already.
        """
        if problem.kind == "refunds" and any(left_of(payment) < 0 for payment in Payment.objects.all()):
            return True
        wrong = {payment.order.code for payment in self._money_for_people()}
        if problem.kind == "money without a place" and problem.about.split()[-1] in wrong:
            return True
        return self.jobs_are_due and (problem.kind == "invoices" or "overdue" in problem.text)

    def places_are_lines(self) -> None:
        counted: Counter[int] = Counter()
        for session, quantity in CartLine.objects.filter(is_held=True).values_list("session", "quantity"):
            counted[session] += quantity
        for session, offered in WaitingEntry.objects.filter(status="offered").values_list(
            "session", "offered"
        ):
            counted[session] += offered
        counted.update(self._kept_lines().values_list("session", flat=True))
        for session in Session.objects.all():
            assert session.seats_taken == counted[session.pk] <= session.capacity

    def tickets_are_places(self) -> None:
        sold = self._kept_lines().filter(order__status=OrderStatus.PAID).values_list("pk", flat=True)
        good = Ticket.objects.filter(voided_at=None).values_list("line", flat=True)
        assert sorted(good) == sorted(sold)

    def uses_are_redemptions(self) -> None:
        for coupon in Coupon.objects.all():
            assert coupon.uses == coupon.redemptions.filter(released_at=None).count() <= coupon.max_uses

    def ledger_is_money_and_sales(self) -> None:
        booked, sold = defaultdict(Decimal), defaultdict(Decimal)
        for order, kind, amount in LedgerEntry.objects.values_list("order", "kind", "amount"):
            (booked if kind in MONEY else sold)[order] += amount
        for order in Order.objects.prefetch_related("lines", "payments__refunds", "payments__disputes"):
            assert booked[order.pk] == sum(map(_here, order.payments.all()))
            assert sold[order.pk] == sum(_worth(order, line) for line in order.lines.all())

    def _money_for_people(self) -> list[Payment]:
        """What is not what was asked for, and what came too late and was refused when it was sent back."""
        refused = Payment.objects.filter(is_fulfilling=False, refunds__status=RefundStatus.FAILED)
        wrong = Payment.objects.filter(status=PaymentStatus.MISMATCHED)
        return list((refused | wrong).distinct().select_related("order"))

    def _kept_lines(self):
        return OrderLine.objects.filter(cancelled_at=None, order__status__in=("pending", "paid")).order_by()

    # How a life ends

    def heal(self) -> None:
        """The bank answers, people look at wrong amounts, and time passes until nothing is left to be done."""
        self.bank.mood, self.bank.is_slow = "well", False
        for _round in range(MOST_ROUNDS):
            self.now.shift(PATIENCE)
            self.run_jobs()
            for payment in self._money_for_people():
                with self.acting(DomainError):
                    refunds.request(payment, refunds.refundable(payment), reason="Not what was asked for")
            if not self.tasks:
                break
            while self.tasks:
                self.work(0)
        self.now.shift(PATIENCE * 2)
        self.run_jobs()

    def check_the_end(self) -> None:
        self.all_agrees()
        assert list(illegal_moves()) == []
        self._bank_says_the_same()
        self._invoices_say_the_same()
        self._letters_can_be_written()

    def _bank_says_the_same(self) -> None:
        for payment in Payment.objects.filter(provider="bank").prefetch_related("refunds"):
            fact = self.bank.attempts.get(payment.idempotency_key)
            if fact is None or fact.status not in (PaymentStatus.PAID, PaymentStatus.PROCESSING):
                assert payment.status not in (*RECEIVED, PaymentStatus.PROCESSING)
                continue
            assert payment.received_amount == fact.amount
            returned = self.bank.refunded.get(payment.idempotency_key, {}).values()
            known = [refund for refund in payment.refunds.all() if not refund.is_at_desk and refund.reference]
            assert sorted((refund.reference, refund.amount, refund.status) for refund in known) == sorted(
                (refund.reference, refund.amount, refund.status) for refund in returned
            )

    def _invoices_say_the_same(self) -> None:
        numbers = sorted(Invoice.objects.values_list("sequence", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        invoiced, sold = defaultdict(Decimal), defaultdict(Decimal)
        for order, total in Invoice.objects.values_list("order", "total"):
            invoiced[order] += total
        for order, amount in LedgerEntry.objects.filter(kind__in=TURNOVER).values_list("order", "amount"):
            sold[order] += amount
        assert all(invoiced[order] == amount for order, amount in sold.items())

    def _letters_can_be_written(self) -> None:
        """Whatever has happened since: the worker may be late."""
        mail.send_due_mails()
        assert list(Mail.objects.exclude(error="").values_list("kind", "error")) == []


def _here(payment: Payment) -> Decimal:
    """What we have of a payment."""
    if payment.status not in RECEIVED:
        return Decimal(0)
    gone = [refund.amount for refund in payment.refunds.all() if refund.status == RefundStatus.DONE]
    gone += [claim.amount for claim in payment.disputes.all() if claim.status != "won"]
    return payment.received_amount - sum(gone, Decimal(0))


def _worth(order: Order, line: OrderLine) -> Decimal:
    """What a place has brought: its price while it is kept, or what is kept of it."""
    if not order.paid_at:
        return Decimal(0)
    return line.fee if line.cancelled_at else line.price - line.allowance
