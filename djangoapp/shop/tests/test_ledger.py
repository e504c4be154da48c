"""The books: every fact of a sale leaves an entry, and the entries sum to the orders."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from core.money import tax_included
from shop.enums import LedgerKind, PaymentStatus, RefundStatus
from shop.exceptions import Unchangeable
from shop.models import LedgerEntry, Order, OrderLine
from shop.providers import PaymentFact, RefundFact
from shop.services import books, changes, ledger, orders, payments, refunds
from shop.services.integrity import problems
from shop.signals import order_changed
from shop.tests.factories import SessionFactory, order_for, paid_order_for

pytestmark = pytest.mark.django_db


def entries(order: Order) -> list[tuple[str, Decimal]]:
    return list(order.ledger.values_list("kind", "amount"))


def sums(order: Order) -> tuple[Decimal, Decimal]:
    """What is sold, and what we have of the buyer's money."""
    found = order.ledger
    return (
        found.turnover().aggregate(sum=Sum("amount", default=0))["sum"],
        found.money().aggregate(sum=Sum("amount", default=0))["sum"],
    )


def refund_all(order: Order) -> refunds.Refund:
    payment = order.payments.get()
    refund = refunds.request(payment, payment.received_amount, reason="Ill")
    return refunds.settle(refund, RefundFact(RefundStatus.DONE, "re_1", refund.amount))


def test_an_order_that_is_not_paid_is_no_sale():
    order = order_for((SessionFactory(), 2))

    assert entries(order) == []


def test_a_paid_order_books_each_place_with_its_tax_and_the_money():
    order = paid_order_for((SessionFactory(base_price=Decimal(108)), 2))

    assert sorted(entries(order)) == [
        ("payment", Decimal(216)),
        ("sale", Decimal(108)),
        ("sale", Decimal(108)),
    ]
    line = order.lines.first()
    sale = LedgerEntry.objects.get(line=line)
    assert (sale.session, sale.tax_rate, sale.tax, sale.currency) == (
        line.session,
        line.tax_rate,
        line.tax,
        "CHF",
    )
    assert LedgerEntry.objects.get(kind=LedgerKind.PAYMENT).provider == "desk"


def test_a_free_place_is_booked_so_that_it_counts():
    order = order_for((SessionFactory(base_price=Decimal(0)), 1))

    assert entries(order) == [("sale", Decimal(0))]


def test_cancelling_takes_the_sale_back_and_the_money_stays_until_it_is_refunded():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))

    orders.cancel(order)

    assert sums(order) == (Decimal(0), Decimal(85))
    refund_all(order)
    assert sums(order) == (Decimal(0), Decimal(0))
    assert problems() == []


def test_cancelling_what_was_never_paid_books_nothing():
    order = order_for((SessionFactory(), 1))

    payments.cancel_unpaid(order)

    assert entries(order) == []


def test_a_refund_is_booked_when_it_is_done_and_comes_back_when_it_fails():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    orders.cancel(order)
    refund = refunds.request(order.payments.get(), Decimal(85), reason="Ill")
    refunds.settle(refund, RefundFact(RefundStatus.PENDING, "re_1", refund.amount))
    assert sums(order)[1] == Decimal(85)

    refunds.settle(refund, RefundFact(RefundStatus.DONE, "re_1", refund.amount))
    assert sums(order)[1] == Decimal(0)
    refunds.settle(refund, RefundFact(RefundStatus.FAILED, "re_1", refund.amount))

    assert sums(order)[1] == Decimal(85)
    assert problems() == []


def test_a_refund_that_fails_at_once_is_not_booked():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    refund = refunds.request(order.payments.get(), Decimal(5), reason="Ill")

    refunds.settle(refund, RefundFact(RefundStatus.FAILED, "re_1", refund.amount))

    assert sums(order)[1] == Decimal(85)


def test_news_that_come_twice_are_booked_once():
    order = order_for((SessionFactory(base_price=Decimal(85)), 1))
    payment = order.payments.get()
    fact = PaymentFact(PaymentStatus.PAID, amount=payment.amount, currency=payment.currency)

    payments.settle(payment, fact)
    payments.settle(payment, fact)
    orders.cancel(order)
    orders.cancel(order)
    refund = refund_all(order)
    refunds.settle(refund, RefundFact(RefundStatus.DONE, "re_1", refund.amount))

    assert sorted(entries(order)) == [
        ("cancellation", Decimal(-85)),
        ("payment", Decimal(85)),
        ("refund", Decimal(-85)),
        ("sale", Decimal(85)),
    ]


def test_money_that_is_not_what_was_asked_is_booked_without_a_sale():
    order = order_for((SessionFactory(base_price=Decimal(85)), 1))
    payment = order.payments.get()

    payments.settle(payment, PaymentFact(PaymentStatus.PAID, amount=Decimal(80), currency="eur"))

    assert entries(order) == [("payment", Decimal(80))]
    assert LedgerEntry.objects.get().currency == "EUR"


def test_money_that_comes_too_late_is_booked_in_and_out(provider, django_capture_on_commit_callbacks):
    session = SessionFactory(capacity=1)
    late = order_for((session, 1), provider="scripted")
    payment = late.payments.get()
    payments.start(payment)
    provider.say(payment, PaymentStatus.EXPIRED)
    payments.look_at(payment.pk)
    Order.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    orders.expire(late)
    paid_order_for((session, 1), email="quick@example.org")

    provider.say(payment, PaymentStatus.PAID)
    with django_capture_on_commit_callbacks(execute=True):
        payments.look_at(payment.pk)

    assert entries(late) == [("payment", payment.amount), ("refund", -payment.amount)]
    assert problems() == []


def test_a_fee_is_kept_with_the_tax_of_its_place():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 2))
    line = order.lines.first()

    changes.cancel_lines(order, [line], fees={line.pk: Decimal("10.81")})

    fee = LedgerEntry.objects.get(kind=LedgerKind.FEE)
    assert (fee.line, fee.amount, fee.tax, fee.tax_rate) == (
        line,
        Decimal("10.81"),
        Decimal("0.81"),
        Decimal("8.10"),
    )
    assert sums(order) == (Decimal("95.81"), Decimal(170))
    assert problems() == []


@pytest.mark.parametrize("parts", [[5], [5, 5, 7]])
def test_what_is_taken_off_a_price_leaves_the_tax_of_the_rest(parts):
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))

    for part in parts:
        refunds.request(order.payments.get(), Decimal(part), reason="Sorry")

    assert tax_of(order) == tax_included(Decimal(85 - sum(parts)), Decimal("8.1"))
    changes.cancel_and_refund(order)
    assert (sums(order)[0], tax_of(order)) == (0, 0)


def test_a_fee_that_is_waived_in_part_leaves_the_tax_of_the_rest():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    line = order.lines.get()
    changes.cancel_lines(order, [line], fees={line.pk: Decimal(85)})

    refunds.request(order.payments.get(), Decimal(5), reason="Sorry")

    assert tax_of(order) == tax_included(Decimal(80), Decimal("8.1"))


def tax_of(order: Order) -> Decimal:
    return order.ledger.turnover().aggregate(sum=Sum("tax"))["sum"]


def test_giving_up_the_last_place_keeps_its_fee_as_well():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    line = order.lines.get()

    changes.cancel_lines(order, [line], fees={line.pk: Decimal(20)})

    assert sums(order) == (Decimal(20), Decimal(85))
    assert problems() == []


def test_a_place_that_moves_takes_its_turnover_along():
    before, after = SessionFactory(base_price=Decimal(85)), SessionFactory(base_price=Decimal(85))
    order = paid_order_for((before, 1))
    old = order.lines.get()
    new = OrderLine.objects.get(pk=old.pk)
    new.pk, new.position, new.session, new.moved_from = None, 2, after, old
    new.save()

    order_changed.send(sender=Order, order=order, added=[new], cancelled=[old])

    def turnover(session):
        return session.ledger.aggregate(sum=Sum("amount"))["sum"]

    assert (turnover(before), turnover(after)) == (Decimal(0), Decimal(85))
    assert LedgerEntry.objects.filter(kind=LedgerKind.CHANGE).count() == 2
    assert sums(order)[0] == Decimal(85)


def test_what_the_bank_takes_and_returns_is_booked():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    payment = order.payments.get()

    ledger.book_dispute(payment, Decimal(85), reference="dp_1")
    assert sums(order)[1] == Decimal(0)
    ledger.book_dispute_won(payment, Decimal(85), reference="dp_1")

    assert sums(order)[1] == Decimal(85)
    assert problems() == []


def test_a_fact_that_is_told_twice_is_booked_once():
    order = paid_order_for((SessionFactory(), 1))
    booked = entries(order)

    ledger.book_sale(Order, order)

    assert entries(order) == booked


@pytest.mark.parametrize(
    "tamper",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: LedgerEntry.objects.update(amount=1),
        lambda entry: LedgerEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: LedgerEntry.objects.bulk_update([entry], ["amount"]),
        lambda entry: entry.order.ledger.all().delete(),
    ],
)
def test_entries_are_never_changed_nor_deleted(tamper):
    paid_order_for((SessionFactory(), 1))

    with pytest.raises(Unchangeable):
        tamper(LedgerEntry.objects.first())


def test_booking_again_from_the_rows_says_the_same():
    """What the demo and the first loading of the ledger book is what services would have booked."""
    session = SessionFactory(base_price=Decimal(85))
    order = paid_order_for((session, 2))
    line = order.lines.first()
    changes.cancel_lines(order, [line], fees={line.pk: Decimal(5)})
    orders.cancel(order)
    refund = refunds.refund_owed(order, reason="Ill")
    refunds.settle(refund, RefundFact(RefundStatus.DONE, "re_1", refund.amount))
    paid_order_for((session, 1), email="b@example.org")
    order_for((session, 1), email="c@example.org")
    facts = ("kind", "order", "line", "session", "payment", "refund", "amount", "tax", "currency", "key")
    booked = list(LedgerEntry.objects.order_by("key").values(*facts))
    LedgerEntry.objects.all()._raw_delete("default")

    ledger.catch_up(Order.objects.prefetch_related("lines", "payments__refunds"))

    assert list(LedgerEntry.objects.order_by("key").values(*facts)) == booked


def test_nothing_is_booked_while_booking_is_postponed():
    with ledger.postponed():
        order = paid_order_for((SessionFactory(), 1))

    assert entries(order) == []
    assert {problem.kind for problem in problems()} == {"books"}


def test_the_command_tells_the_sums_and_that_they_agree(capsys):
    orders.cancel(paid_order_for((SessionFactory(base_price=Decimal(85)), 1)))
    paid_order_for((SessionFactory(base_price=Decimal(100)), 1))

    call_command("check_ledger")

    told = dict(line.rsplit("CHF", 1) for line in capsys.readouterr().out.splitlines() if "CHF" in line)
    figures = {label.strip(): amount.strip() for label, amount in told.items()}
    assert figures == {"Sale": "185", "Cancellation": "−85", "Payment": "185", "Owed to buyers": "85"}


def test_the_command_fails_when_an_order_differs(capsys):
    order = paid_order_for((SessionFactory(), 1))
    OrderLine.objects.update(cancelled_at=timezone.now())

    with pytest.raises(CommandError, match="differs from 1"):
        call_command("check_ledger")
    assert order.code in capsys.readouterr().err


def test_a_balance_keeps_currencies_apart_and_takes_one_query(django_assert_num_queries):
    paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    strange = order_for((SessionFactory(), 1), email="b@example.org")
    payments.settle(
        strange.payments.get(), PaymentFact(PaymentStatus.PAID, amount=Decimal(80), currency="EUR")
    )

    with django_assert_num_queries(1):
        found = books.balances(LedgerEntry.objects.all())

    assert [(balance.currency, balance.turnover, balance.money) for balance in found] == [
        ("CHF", Decimal(85), Decimal(85)),
        ("EUR", Decimal(0), Decimal(80)),
    ]
    assert [balance.owed_to_buyers for balance in found] == [Decimal(0), Decimal(80)]


@pytest.mark.postgres
def test_the_database_itself_refuses_to_change_the_books():
    """As the migration leaves it; tables of tests are made from the models, so the trigger is set here."""
    from importlib import import_module

    migration = import_module("shop.migrations.0002_unchangeable_books")
    paid_order_for((SessionFactory(), 1))

    with connection.cursor() as cursor:
        cursor.execute(migration.REFUSE)
        for change in ("UPDATE shop_ledgerentry SET amount = 1", "DELETE FROM shop_ledgerentry"):
            with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
                cursor.execute(change)
        cursor.execute(migration.ALLOW)
        cursor.execute("DELETE FROM shop_ledgerentry")
