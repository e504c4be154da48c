"""A large set, small: what it holds is what the shop itself would have written."""

import io
from collections import Counter

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

import shop.demo
from app.large_set import copies, loading
from app.large_set.loading import TABLES
from app.management.commands import load_demo
from attendance.models import Ticket
from core.models import Mail
from shop.enums import MOVES, OrderStatus, Subject
from shop.models import Cart, Invoice, Order, OrderLine, Payment, Project, Refund, Session, Transition
from shop.services import integrity
from shop.tests.factories import SessionFactory, paid_order_for

pytestmark = pytest.mark.django_db(transaction=True)

SESSIONS, BOOKINGS = 40, 300


@pytest.fixture(autouse=True)
def short_story(monkeypatch) -> None:
    """Of the demo's story the shop's part without its sales; and batches of which a small set has several."""
    monkeypatch.setattr(load_demo, "demos", lambda: [shop.demo.load])
    monkeypatch.setattr(shop.demo.Till, "make_sales", lambda till: [])
    monkeypatch.setattr(loading, "BATCH", 70)


def load(**numbers: int) -> str:
    out = io.StringIO()
    out.isatty = lambda: True
    asked = {"projects": 6, "sessions": SESSIONS, "bookings": BOOKINGS} | numbers
    call_command("load_demo", **asked, stdout=out)
    return out.getvalue()


def test_a_large_set_is_what_the_shop_would_have_written(client):
    told = load()

    assert f"{SESSIONS} sessions with {BOOKINGS} bookings, 0:00 to go" in told
    assert Project.objects.filter(slug__startswith="large-set-").count() == 6
    assert Session.objects.filter(slug__startswith="large-set-").count() == SESSIONS
    assert Order.objects.count() == BOOKINGS
    assert set(Order.objects.values_list("status", flat=True)) == {
        OrderStatus.PAID,
        OrderStatus.EXPIRED,
        OrderStatus.REFUNDED,
    }
    expect_all_agrees()
    for order in Order.objects.order_by("?")[:5]:
        page = client.get(order.get_absolute_url())
        assert page.status_code == 200
        assert order.code in page.content.decode()


def expect_all_agrees() -> None:
    assert integrity.problems() == []
    # Each place that is kept has its ticket, and no other opens the door.
    kept = OrderLine.objects.places().filter(order__status=OrderStatus.PAID)
    assert set(Ticket.objects.valid().values_list("line", flat=True)) == set(
        kept.values_list("pk", flat=True)
    )
    # One confirmation for each order that was ever paid, to whoever paid.
    paid = Order.objects.exclude(paid_at=None)
    assert Counter(Mail.objects.filter(kind="order_paid").values_list("to", flat=True)) == Counter(
        paid.values_list("email", flat=True)
    )
    # Invoices were given out in the order of their days, without a gap.
    numbers = Invoice.objects.order_by("year", "sequence").values_list("issued_at", flat=True)
    assert list(numbers) == sorted(numbers)
    # Histories lead to where things are, by legal moves.
    states: dict[tuple[str, int], str] = {}
    for move in Transition.objects.filter(subject__in=MOVES).order_by("pk"):
        key = (move.subject, move.subject_id)
        assert move.from_status == states.get(key, "")
        assert not move.from_status or move.to_status in MOVES[move.subject][move.from_status]
        states[key] = move.to_status
    machines = {Subject.CART: Cart, Subject.ORDER: Order, Subject.PAYMENT: Payment, Subject.REFUND: Refund}
    for subject, model in machines.items():
        assert {pk: status for (what, pk), status in states.items() if what == subject} == dict(
            model.objects.values_list("pk", "status")
        )


def test_a_load_that_was_broken_off_goes_on_where_it_was(monkeypatch):
    calls = []

    def break_off_at_the_third(batch):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return write(batch)

    write = copies.write
    monkeypatch.setattr(loading, "write", break_off_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        load()
    there = Order.objects.count()
    assert 0 < there < BOOKINGS
    assert integrity.problems() == []

    load()

    assert Order.objects.count() == BOOKINGS
    assert Session.objects.filter(slug__startswith="large-set-").count() == SESSIONS
    expect_all_agrees()

    assert "there already" in load()
    assert Order.objects.count() == BOOKINGS


def test_a_set_of_other_numbers_is_refused():
    load(sessions=10, bookings=20)

    with pytest.raises(CommandError, match="10 sessions and 20 bookings"):
        load(sessions=10, bookings=30)
    with pytest.raises(CommandError, match="how many sessions"):
        call_command("load_demo", bookings=30)

    assert Order.objects.count() == 20


def test_no_table_is_forgotten_that_tells_of_a_booking():
    """Should a booking leave rows in one more table, copies need them, too: see ``app.large_set``."""
    paid_order_for((SessionFactory(), 1))

    tell_of_it = {
        model
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model in TABLES and model.objects.filter(**{f"{field.name}__isnull": False}).exists()
    }

    assert tell_of_it <= set(TABLES)
