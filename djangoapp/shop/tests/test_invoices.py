"""Invoices: numbered without a gap, never changed, and always saying what the books say."""

import threading
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from shop.exceptions import Unchangeable
from shop.invoice_paper import invoice_pdf
from shop.models import Invoice, InvoiceCounter, Order, OrderLine
from shop.services import changes, integrity, invoices, ledger, orders, refunds
from shop.services.orders import BillingAddress
from shop.tests.factories import (
    SessionFactory,
    order_for,
    paid_order_for,
)
from shop.tests.staff import staff_with
from tests.support.pdf import pages_of
from tests.support.races import at_once

pytestmark = pytest.mark.django_db

ZURICH = ZoneInfo("Europe/Zurich")
ELSEWHERE = BillingAddress(
    name="Ana Keller", company="Keller AG", street="Seeweg 1", postcode="6300", city="Zug", country="CH"
)


def documents(order: Order) -> list[tuple[str, Decimal]]:
    return list(order.invoices.order_by("pk").values_list("kind", "total"))


# When which document is issued


def test_a_paid_order_has_an_invoice_as_soon_as_somebody_asks():
    order = paid_order_for((SessionFactory(base_price=Decimal(108)), 2))

    invoice = invoices.latest(order)

    assert (invoice.kind, invoice.total, invoice.tax, invoice.currency) == (
        "invoice",
        Decimal(216),
        order.tax,
        "CHF",
    )
    assert invoice.number == f"{timezone.localdate().year}-000001"


@pytest.mark.parametrize("price", [0, 85])
def test_what_is_free_or_not_paid_has_none(price):
    order = order_for((SessionFactory(base_price=Decimal(price)), 1))

    assert invoices.latest(order) is None
    assert not InvoiceCounter.objects.exists()


def test_asking_again_issues_nothing():
    order = paid_order_for((SessionFactory(), 1))

    assert invoices.latest(order) == invoices.latest(order)
    assert Invoice.objects.count() == 1


def test_the_worker_issues_what_nobody_asked_for_and_nothing_twice():
    session = SessionFactory(base_price=Decimal(85))
    for number in range(3):
        paid_order_for((session, 1), email=f"b{number}@example.org")
    order_for((session, 1), email="c@example.org")

    assert [invoices.issue_due(), invoices.issue_due()] == [3, 0]


def test_what_needs_no_document_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr(invoices, "BATCH", 1)
    session = SessionFactory(base_price=Decimal(85))
    orders.cancel(paid_order_for((session, 1)))
    paid_order_for((session, 1), email="b@example.org")

    assert [invoices.issue_due(), invoices.issue_due()] == [1, 0]


def test_giving_up_a_place_cancels_the_invoice_and_issues_another_with_the_fee():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 2))
    first = invoices.latest(order)
    line = order.lines.first()
    changes.cancel_lines(order, [line], fees={line.pk: Decimal(20)})

    assert invoices.issue_due() == 2

    assert documents(order) == [
        ("invoice", Decimal(170)),
        ("cancellation", Decimal(-170)),
        ("invoice", Decimal(105)),
    ]
    cancellation = order.invoices.get(kind="cancellation")
    assert (cancellation.cancels, cancellation.tax) == (first, -first.tax)
    fee = invoices.latest(order).content["lines"][-1]
    assert (fee["is_fee"], fee["amount"], fee["attendee"]) == (True, "20.00", "")


def test_what_is_given_back_from_kindness_is_taken_off_the_invoice_and_off_the_fee():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 2))
    kept, given_up = order.lines.all()
    changes.cancel_lines(order, [given_up], fees={given_up.pk: Decimal(20)})
    refunds.request(order.payments.get(), Decimal(65), reason="Cancelled")
    refunds.request(
        order.payments.get(),
        Decimal(30),
        reason="Rain",
        lines={kept.pk: Decimal(10), given_up.pk: Decimal(20)},
    )

    invoice = invoices.latest(order)

    [line] = invoice.content["lines"]
    assert (line["amount"], line["taken_off"], line["tax"]) == ("75.00", "10.00", "5.62")
    [text] = pages_of(invoice_pdf(invoice))
    assert "CHF 10 taken off" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert integrity.problems() == []


def test_a_cancelled_order_ends_with_the_cancellation():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    invoices.latest(order)
    orders.cancel(order)

    assert invoices.latest(order).kind == "cancellation"
    assert documents(order) == [("invoice", Decimal(85)), ("cancellation", Decimal(-85))]


def test_what_was_cancelled_before_anybody_asked_needs_no_document():
    order = paid_order_for((SessionFactory(), 1))
    orders.cancel(order)

    assert invoices.latest(order) is None
    assert integrity.problems() == []


def test_another_name_of_an_attendee_is_no_reason_for_another_invoice():
    order = paid_order_for((SessionFactory(), 1))
    invoices.latest(order)
    OrderLine.objects.update(attendee_first_name="Someone else")

    assert invoices.bring_up_to_date(order) == []


def test_a_wrong_address_is_put_right_by_a_cancellation_and_another_invoice():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    wrong = invoices.latest(order)

    issued = invoices.correct_address(order, ELSEWHERE)

    assert [document.kind for document in issued] == ["cancellation", "invoice"]
    assert issued[0].content["buyer"] == wrong.content["buyer"]
    assert issued[1].content["buyer"]["company"] == "Keller AG"
    assert Order.objects.get().billing_city == "Zug"
    assert invoices.correct_address(order, ELSEWHERE) == []


# Numbers


def test_numbers_begin_anew_with_the_studios_year():
    session = SessionFactory(starts_at=datetime(2027, 3, 1, tzinfo=ZURICH))
    numbers = []
    for number, moment in enumerate(["2026-12-31 23:58", "2026-12-31 23:59", "2027-01-01 00:00"]):
        with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=ZURICH), tick=False):
            order = paid_order_for((session, 1), email=f"b{number}@example.org")
            numbers.append(invoices.latest(order).number)

    assert numbers == ["2026-000001", "2026-000002", "2027-000001"]


def test_a_rollback_gives_the_number_back():
    first, second = (paid_order_for((SessionFactory(), 1), email=f"{who}@example.org") for who in "ab")

    with suppress(ZeroDivisionError), transaction.atomic():
        invoices.bring_up_to_date(first)
        raise ZeroDivisionError

    assert invoices.latest(second).sequence == 1


@pytest.mark.parametrize(
    "tamper",
    [
        lambda invoice: invoice.save(),
        lambda invoice: invoice.delete(),
        lambda invoice: Invoice.objects.update(total=1),
        lambda invoice: Invoice.objects.all().delete(),
    ],
)
def test_an_invoice_is_never_changed_nor_deleted(tamper):
    invoice = invoices.latest(paid_order_for((SessionFactory(), 1)))

    with pytest.raises(Unchangeable):
        tamper(invoice)


def test_lost_numbers_and_forgotten_invoices_are_named():
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))

    assert [problem.about for problem in integrity.problems()] == [f"order {order.code}"]
    invoices.latest(order)
    assert integrity.problems() == []
    InvoiceCounter.objects.update(last=7)
    assert [problem.kind for problem in integrity.problems()] == ["invoices"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestRaces:
    BUYERS = 12

    @pytest.fixture
    def jobs(self):
        session = SessionFactory(capacity=self.BUYERS)
        placed = [
            paid_order_for((session, 1), email=f"b{number}@example.org") for number in range(self.BUYERS)
        ]
        return [lambda order=order: invoices.bring_up_to_date(order) for order in placed]

    def test_all_at_once_get_numbers_without_a_gap(self, jobs):
        ended = at_once(jobs)

        assert ended == {"ok": self.BUYERS}
        assert sorted(Invoice.objects.values_list("sequence", flat=True)) == list(range(1, self.BUYERS + 1))
        assert InvoiceCounter.objects.get().last == self.BUYERS

    def test_some_that_fail_leave_no_gap(self, jobs):
        def failing(job):
            with transaction.atomic():
                job()
                raise ZeroDivisionError

        every_third = {number for number in range(self.BUYERS) if number % 3 == 0}
        ended = at_once(
            [partial(failing, job) if number in every_third else job for number, job in enumerate(jobs)]
        )

        assert ended["ok"] + ended["ZeroDivisionError"] == self.BUYERS
        assert sorted(Invoice.objects.values_list("sequence", flat=True)) == list(range(1, ended["ok"] + 1))

    def test_one_order_asked_for_by_many_gets_one_invoice(self):
        order = paid_order_for((SessionFactory(), 1))

        at_once([lambda: invoices.latest(order)] * 8)

        assert Invoice.objects.count() == 1

    def test_without_the_lock_numbers_collide(self, jobs, monkeypatch):
        """What the lock is for: all look before anybody counts, and only one of them keeps the number."""
        meet = threading.Barrier(self.BUYERS)

        class Unlocked(QuerySet):
            def select_for_update(self, **options):
                return self

            def get(self, *args, **kwargs):
                found = super().get(*args, **kwargs)
                with suppress(threading.BrokenBarrierError):
                    meet.wait(timeout=5)
                return found

        InvoiceCounter.objects.create(year=timezone.localdate().year)
        monkeypatch.setattr(
            type(InvoiceCounter.objects),
            "get_queryset",
            lambda manager: Unlocked(manager.model, using=manager._db),
        )

        ended = at_once(jobs)

        assert ended["IntegrityError"] == self.BUYERS - 1

    def test_the_database_itself_refuses_to_change_an_invoice(self):
        migration = import_module("shop.migrations.0002_unchangeable_books")
        invoices.latest(paid_order_for((SessionFactory(), 1)))

        with connection.cursor() as cursor:
            cursor.execute(migration.REFUSE)
            try:
                for change in ("UPDATE shop_invoice SET total = 1", "DELETE FROM shop_invoice"):
                    with pytest.raises(IntegrityError, match="only ever added to"):
                        cursor.execute(change)
            finally:
                cursor.execute(migration.ALLOW)


# Pages


def test_whoever_has_the_link_of_the_order_gets_the_invoice(client):
    order = paid_order_for((SessionFactory(), 1))

    page = client.get(order.get_absolute_url()).content.decode()
    address = reverse("shop:order_invoice", args=[order.code, order.token])
    paper = client.get(address)

    assert address in page
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    assert Invoice.objects.get().number in paper["Content-Disposition"]


def test_an_order_without_invoice_shows_none(client):
    order = order_for((SessionFactory(), 1))

    assert "Invoice" not in client.get(order.get_absolute_url()).content.decode()
    assert client.get(reverse("shop:order_invoice", args=[order.code, order.token])).status_code == 404
    page = client.get(reverse("shop:order_invoices", args=[order.code, order.token]))
    assert "There is no invoice" in page.content.decode()


def test_all_documents_are_listed_and_each_opens(client):
    order = paid_order_for((SessionFactory(), 2))
    invoices.latest(order)
    changes.cancel_lines(order, [order.lines.first()])

    page = client.get(reverse("shop:order_invoices", args=[order.code, order.token])).content.decode()

    for invoice in order.invoices.all():
        address = reverse("shop:order_invoice_numbered", args=[order.code, order.token, invoice.number])
        assert address in page
        assert client.get(address).status_code == 200
    assert "cancelled by" in page
    assert "All invoices" in client.get(order.get_absolute_url()).content.decode()


def test_the_invoice_of_somebody_else_does_not_open(client):
    mine, other = (paid_order_for((SessionFactory(), 1), email=f"{who}@example.org") for who in "ab")
    number = invoices.latest(other).number

    address = reverse("shop:order_invoice_numbered", args=[mine.code, mine.token, number])

    assert client.get(address).status_code == 404


def test_the_admin_prints_and_exports_and_corrects(owner):
    order = paid_order_for((SessionFactory(), 1))
    invoice = invoices.latest(order)

    assert owner.get(reverse("admin:shop_invoice_pdf", args=[invoice.pk])).content.startswith(b"%PDF")
    changelist = reverse("admin:shop_invoice_changelist")
    assert invoice.number in owner.get(changelist, {"q": invoice.number}).content.decode()
    assert invoice.number in owner.get(changelist, {"q": order.code, "year": invoice.year}).content.decode()
    exported = owner.post(changelist, {"action": "export_csv", "_selected_action": [invoice.pk]})
    assert invoice.number in b"".join(exported.streaming_content).decode()
    address = reverse("admin:shop_invoice_address", args=[invoice.pk])
    assert "Baumweg 3" in owner.get(address).content.decode()
    filled = {
        "name": "Ana",
        "company": "",
        "street": "Seeweg 1",
        "postcode": "6300",
        "city": "Zug",
        "country": "CH",
    }
    told = owner.post(address, filled, follow=True).content.decode()

    assert "Issued: Cancellation" in told
    assert Invoice.objects.count() == 3
    assert "says that already" in owner.post(address, filled, follow=True).content.decode()


def test_the_accountant_prints_and_corrects_nothing():
    invoice = invoices.latest(paid_order_for((SessionFactory(), 1)))
    accountant = staff_with("view_invoice")

    assert accountant.get(reverse("admin:shop_invoice_pdf", args=[invoice.pk])).status_code == 200
    assert accountant.get(reverse("admin:shop_invoice_address", args=[invoice.pk])).status_code == 403
    assert (
        "Correct the address"
        not in accountant.get(reverse("admin:shop_invoice_change", args=[invoice.pk])).content.decode()
    )


def test_invoices_of_the_past_come_in_the_order_of_their_days():
    with ledger.postponed():
        late = paid_order_for((SessionFactory(), 1), email="late@example.org")
        early = paid_order_for((SessionFactory(), 2), email="early@example.org")
        changes.cancel_lines(early, [early.lines.first()])
    now = timezone.now()
    Order.objects.filter(pk=late.pk).update(paid_at=now - timedelta(days=10))
    Order.objects.filter(pk=early.pk).update(paid_at=now - timedelta(days=20))
    OrderLine.objects.filter(cancelled_at__isnull=False).update(cancelled_at=now - timedelta(days=5))
    ledger.catch_up(Order.objects.prefetch_related("lines", "payments__refunds"))

    assert invoices.catch_up(Order.objects.all()) == 4

    found = [(invoice.order, invoice.kind) for invoice in Invoice.objects.order_by("issued_at", "pk")]
    assert found == [(early, "invoice"), (late, "invoice"), (early, "cancellation"), (early, "invoice")]
    assert [invoice.sequence for invoice in Invoice.objects.order_by("pk")] == [1, 2, 3, 4]
    assert invoices.issue_due() == 0
