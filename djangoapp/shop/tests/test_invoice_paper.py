"""Invoices on paper: everything that the law asks for, for any name, and always the same file."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from shop.invoice_paper import invoice_pdf
from shop.models import Invoice, Order, OrderLine
from shop.services import invoices, orders, payments
from shop.tests.factories import (
    CouponFactory,
    ProjectFactory,
    SessionFactory,
    TaxRuleFactory,
    cart_with,
    paid_order_for,
    purchase_for,
)
from tests.support.pdf import pages_of

pytestmark = pytest.mark.django_db

ZURICH = ZoneInfo("Europe/Zurich")


def test_the_paper_tells_who_sold_what_to_whom_with_which_tax(settings):
    settings.SHOP_VAT_NUMBER = "CHE-123.456.789 MWST"
    reduced = TaxRuleFactory(name="Reduced", rate=Decimal("2.6"))
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        grafting = SessionFactory(
            project=ProjectFactory(title="Grafting apple trees"),
            base_price=Decimal(108),
            starts_at=datetime(2026, 11, 28, 9, 30, tzinfo=ZURICH),
        )
        reading = SessionFactory(
            project=ProjectFactory(title="Reading circle", tax_rule=reduced), base_price=Decimal(50)
        )
        cart = cart_with((grafting, 1), (reading, 1), coupon=CouponFactory())
        order = orders.place_order(cart, purchase_for(cart))
        payments.mark_paid_at_desk(order, actor=None)
        invoice = invoices.latest(order)

    [text] = pages_of(invoice_pdf(invoice))

    for words in (
        "Invoice 2026-000001",
        "20 November 2026",
        "TreesN’Qs, Baumweg 3, 8004 Zürich",
        "CHE-123.456.789 MWST",
        "Ana Keller",
        "8004 Zürich",
        "Switzerland",
        order.code,
        "Grafting apple trees, 28 November 2026, 09:30",
        "CHF 108 less CHF 10.80 by coupon",
        "CHF 97.20",
        "8.1 % VAT",
        "CHF 7.28",
        "2.6 % Reduced",
        "CHF 1.14",
        "CHF 142.20",
        "CHF 45.00",
        "Paid on 20 November 2026",
    ):
        assert words in text.replace("\N{NO-BREAK SPACE}", " "), words


def test_a_cancellation_names_what_it_cancels():
    order = paid_order_for((SessionFactory(base_price=Decimal(85)), 1))
    first = invoices.latest(order)
    orders.cancel(order)

    [text] = pages_of(invoice_pdf(invoices.latest(order)))
    text = text.replace("\N{NO-BREAK SPACE}", " ")

    assert f"Cancellation {first.number[:5]}" in text
    assert f"Invoice {first.number} of" in text
    assert "CHF −85.00" in text


@pytest.mark.parametrize(
    "name",
    ["Ирина Кузнецова", "عبد الرحمن", "Žofie Ødegård", "Wolfeschlegelsteinhausenbergerdorff " * 3],
    ids=["cyrillic", "arabic", "accents", "long"],
)
def test_any_name_fits(name):
    order = paid_order_for((SessionFactory(), 1))
    Order.objects.update(billing_name=name.strip(), billing_company=f"{name} & Söhne"[:120])
    OrderLine.objects.update(attendee_last_name=name[:80])
    invoice = invoices.latest(order)

    [text] = pages_of(invoice_pdf(invoice))

    # Letters from right to left come out in the order in which they are seen, some joined.
    assert set(name.replace(" ", "")) <= set(text)


def test_many_lines_break_onto_a_second_page_with_the_head_of_the_table():
    sessions = [
        SessionFactory(project=ProjectFactory(title=f"A workshop with a rather long name, number {number}"))
        for number in range(20)
    ]
    order = paid_order_for(*((session, 1) for session in sessions))

    first, second = pages_of(invoice_pdf(invoices.latest(order)))

    assert first.count("A workshop") + second.count("A workshop") == 20
    assert "Tax included" in second
    assert "Total" in second
    assert "1 / 2" in first


def test_the_same_invoice_is_the_same_file_whatever_has_changed_since(settings):
    order = paid_order_for((SessionFactory(), 1))
    invoice = invoices.latest(order)
    before = invoice_pdf(invoice)

    settings.SITE_NAME, settings.SHOP_STUDIO_ADDRESS = "Another studio", "Elsewhere"
    Order.objects.update(billing_name="Somebody else")
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        again = invoice_pdf(Invoice.objects.get())

    assert again == before


def test_it_holds_no_mail_address_of_the_buyer():
    order = paid_order_for((SessionFactory(), 1))

    assert order.email not in str(invoices.latest(order).content)
