"""Looking again and again whether everything adds up: cheaply, and with one letter for each thing that does not."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.models import Mail
from shop.models import Finding, Inspection, Order, OrderLine, Session
from shop.services import books, inspection
from shop.services.inspection import inspect, inspect_if_due
from shop.tests.factories import SessionFactory, order_for, paid_order_for

pytestmark = pytest.mark.django_db


def open_findings() -> list[tuple[str, str]]:
    return list(Finding.objects.open().values_list("kind", "about"))


def damaged_session() -> Session:
    session = SessionFactory()
    order_for((session, 2))
    Session.objects.filter(pk=session.pk).update(seats_taken=1)
    return session


def test_when_all_is_well_nothing_is_found_and_nobody_is_written_to(mailoutbox):
    paid_order_for((SessionFactory(base_price=Decimal(85)), 1))

    assert inspect() == []

    last = inspection.latest()
    assert last.took_seconds > 0
    [balance] = books.balances_of(last.books)
    assert (balance.entries, balance.turnover, balance.money) == (2, Decimal(85), Decimal(85))
    assert not Mail.objects.filter(kind="integrity_alarm").exists()


def test_what_does_not_add_up_is_written_down_and_told_once(mailoutbox, django_capture_on_commit_callbacks):
    session = damaged_session()
    mailoutbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        inspect()
    with django_capture_on_commit_callbacks(execute=True):
        inspect()

    assert open_findings() == [("places", f"session {session.slug}")]
    [letter] = mailoutbox
    assert letter.subject == "1 thing does not add up"
    assert session.slug in letter.body
    assert "/studio/integrity/" in letter.body


def test_another_problem_is_told_without_repeating_the_first(mailoutbox, django_capture_on_commit_callbacks):
    first = damaged_session()
    inspect()
    mailoutbox.clear()
    second = damaged_session()

    with django_capture_on_commit_callbacks(execute=True):
        inspect()

    [letter] = mailoutbox
    assert second.slug in letter.body
    assert first.slug not in letter.body


def test_what_is_gone_is_closed_and_told_again_if_it_comes_back():
    session = damaged_session()
    inspect()
    Session.objects.filter(pk=session.pk).update(seats_taken=2)
    inspect()
    assert open_findings() == []
    assert Finding.objects.get().gone_at is not None

    Session.objects.filter(pk=session.pk).update(seats_taken=1)
    inspect()

    assert Finding.objects.count() == 2
    assert Mail.objects.filter(kind="integrity_alarm").count() == 2


def test_many_findings_make_one_short_letter(mailoutbox, django_capture_on_commit_callbacks):
    for number in range(25):
        order = paid_order_for((SessionFactory(), 1), email=f"b{number}@example.org")
        OrderLine.objects.filter(order=order).update(cancelled_at=timezone.now())
    mailoutbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        inspect()

    [letter] = mailoutbox
    assert letter.body.count(", order ") == 20
    assert "more." in letter.body


def test_it_looks_the_more_rarely_the_longer_it_takes():
    inspect()
    for took, minutes, looks in (
        (1, 1, False),
        (1, 2, True),
        (20, 30, False),
        (20, 34, True),
        (31, 10_000, False),
    ):
        Inspection.objects.update(ended_at=timezone.now() - timedelta(minutes=minutes), took_seconds=took)
        assert inspect_if_due() == looks, (took, minutes)


def test_the_nightly_command_looks_in_any_case(capsys):
    inspect()
    Inspection.objects.update(took_seconds=3000)
    session = damaged_session()

    with pytest.raises(CommandError, match="1 things do not add up"):
        call_command("check_integrity", stderr=StringIO())

    assert open_findings() == [("places", f"session {session.slug}")]


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    for number in range(4):
        paid_order_for((SessionFactory(), 1), email=f"b{number}@example.org")
    with time_machine.travel(timezone.now() + timedelta(hours=1)), django_assert_max_num_queries(30):
        inspect()
    assert Order.objects.count() == 4
