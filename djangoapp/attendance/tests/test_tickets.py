"""Every paid place has a ticket, from the sale until it is given up."""

import pytest
from django.db import transaction

from attendance.models import CODE_LENGTH, Ticket, new_ticket_code
from attendance.receivers import issue_tickets
from attendance.services import issue, void
from shop.enums import OrderStatus
from shop.models import Order
from shop.services import orders
from shop.signals import order_paid
from shop.tests.factories import SessionFactory, order_for, paid_order_for

pytestmark = pytest.mark.django_db


def test_a_paid_order_has_one_ticket_for_each_place():
    order = paid_order_for((SessionFactory(), 2), (SessionFactory(), 1))

    tickets = Ticket.objects.of_order(order)

    assert [ticket.line for ticket in tickets] == list(order.lines.all())
    assert all(ticket.is_valid for ticket in tickets)


def test_an_order_that_is_not_paid_has_none():
    order_for((SessionFactory(), 2))

    assert not Ticket.objects.exists()


def test_an_order_that_costs_nothing_has_its_tickets_at_once():
    order_for((SessionFactory(base_price=0), 2))

    assert Ticket.objects.valid().count() == 2


def test_cancelling_an_order_voids_its_tickets_and_no_others():
    session = SessionFactory()
    gone, kept = paid_order_for((session, 2)), paid_order_for((session, 1), email="jon@example.org")

    orders.cancel(gone)

    assert not Ticket.objects.valid().of_order(gone).exists()
    assert Ticket.objects.valid().of_order(kept).count() == 1


def test_issuing_and_voiding_again_changes_nothing():
    order = paid_order_for((SessionFactory(), 2))
    [first, second] = Ticket.objects.of_order(order)

    assert issue(order.lines.all()) == []
    assert void([first.line]) == 1
    voided_at = Ticket.objects.get(pk=first.pk).voided_at
    assert void([first.line]) == 0

    assert Ticket.objects.get(pk=first.pk).voided_at == voided_at
    assert Ticket.objects.get(pk=second.pk).is_valid


def test_a_sale_whose_tickets_cannot_be_issued_is_none(monkeypatch):
    order = order_for((SessionFactory(), 1))

    def fail(**_more):
        raise RuntimeError("no paper")

    order_paid.connect(fail)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            orders.mark_paid(order)
    finally:
        order_paid.disconnect(fail)

    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("places", [1, 3])
def test_issuing_costs_two_statements_for_any_number_of_places(places, django_assert_num_queries):
    order = order_for((SessionFactory(), places))

    with django_assert_num_queries(3):  # the lines, the tickets there are, the new ones
        issue_tickets(sender=Order, order=order)


def test_codes_are_long_and_never_the_same():
    codes = {new_ticket_code() for _one in range(1000)}

    assert len(codes) == 1000
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert not set("".join(codes)) & set("01IO")
