"""Every paid place has a ticket, from the sale until it is given up."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from attendance.models import CODE_LENGTH, Ticket, new_ticket_code
from attendance.receivers import issue_tickets
from attendance.services import issue, void
from shop.enums import OrderStatus
from shop.models import Order
from shop.services import orders
from shop.services.changes import cancel_lines
from shop.services.integrity import problems
from shop.signals import order_changed, order_paid
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


def test_giving_up_one_place_voids_its_ticket():
    order = paid_order_for((SessionFactory(), 3))
    first, *others = order.lines.all()

    cancel_lines(order, [first])

    assert [ticket.line for ticket in Ticket.objects.valid().of_order(order)] == others


def test_a_place_on_another_date_has_a_ticket_of_its_own():
    order, other = paid_order_for((SessionFactory(), 1)), paid_order_for((SessionFactory(), 1))
    old, new = order.lines.get(), other.lines.get()
    Ticket.objects.of_order(other).delete()

    for _time in range(2):
        order_changed.send(sender=Order, order=order, added=[new], cancelled=[old])

    assert [ticket.line for ticket in Ticket.objects.valid()] == [new]


def test_issuing_and_voiding_again_changes_nothing():
    order = paid_order_for((SessionFactory(), 2))
    [first, second] = Ticket.objects.of_order(order)

    issue(order.lines.all())
    assert list(Ticket.objects.of_order(order)) == [first, second]
    assert void([first.line]) == 1
    voided_at = Ticket.objects.get(pk=first.pk).voided_at
    assert void([first.line]) == 0

    assert Ticket.objects.get(pk=first.pk).voided_at == voided_at
    assert list(Ticket.objects.valid()) == [second]


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
def test_issuing_costs_one_statement_for_any_number_of_places(places, django_assert_num_queries):
    order = order_for((SessionFactory(), places))

    with django_assert_num_queries(2):  # the lines, which are read once for all who listen, and the tickets
        issue_tickets(sender=Order, order=order)


def lose_ticket(order: Order) -> None:
    Ticket.objects.of_order(order).first().delete()


def void_ticket(order: Order) -> None:
    void([order.lines.first()])


def lose_place(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.REFUNDED)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lose_ticket, "place without a ticket"),
        (void_ticket, "place without a ticket"),
        (lose_place, "ticket without a place"),
    ],
)
def test_tickets_that_do_not_fit_their_places_are_named(damage, kind):
    order = paid_order_for((SessionFactory(), 1))
    orders.cancel(paid_order_for((SessionFactory(), 1), email="jon@example.org"))
    assert problems() == []

    damage(order)

    assert kind in {problem.kind for problem in problems()}
    with pytest.raises(CommandError, match="do not add up"):
        call_command("check_integrity")


def test_codes_are_long_and_never_the_same():
    codes = {new_ticket_code() for _one in range(1000)}

    assert len(codes) == 1000
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert not set("".join(codes)) & set("01IO")
