"""The year before the demo's story: plausible, in order, and nothing in it that does not add up."""

import io
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import F

from attendance.models import Entry, Ticket
from core.models import Mail
from shop.demo_history import COUPON
from shop.models import Coupon, Invoice, InvoiceCounter, LedgerEntry, Order, OrderLine, Payment, Session
from shop.services import matching, provider_accounts, reports
from shop.services.integrity import problems
from shop.services.matching import Match
from shop.services.reminders import send_thanks
from shop.services.reports import Span

pytestmark = [pytest.mark.once, pytest.mark.slow]

FIRST_DAY = datetime(2026, 11, 20, 15, 2, tzinfo=ZoneInfo("Europe/Zurich"))


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """A year of sales, loaded once for all tests here and taken back afterwards."""
    patch = pytest.MonkeyPatch()
    patch.setattr(settings, "DEMO_HISTORY_DAYS", 350)
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(FIRST_DAY, tick=True):
            call_command("load_demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)
    patch.undo()


@pytest.fixture
def shop(loaded, db):
    with time_machine.travel(FIRST_DAY + timedelta(minutes=30), tick=True):
        yield


def test_everything_adds_up(shop):
    assert problems() == []


def test_every_month_of_the_year_sold_something(shop):
    rows = reports.by_time(Span(FIRST_DAY.date() - timedelta(days=330), FIRST_DAY.date()), "month")

    assert len(rows) == 12
    assert all(figures.places > 20 and figures.turnover > 1000 for _month, figures in rows[1:])
    assert reports.total(figures for _month, figures in rows).fees > 0


def test_orders_ended_in_all_ways_and_were_paid_in_two(shop):
    states = Counter(Order.objects.values_list("status", flat=True))

    assert states["paid"] > 800
    assert min(states["cancelled"], states["refunded"], states["expired"]) >= 10
    assert set(Payment.objects.values_list("provider", flat=True)) == {"stripe", "desk"}
    uses = Coupon.objects.get(code=COUPON)
    assert uses.uses == uses.redemptions.filter(released_at=None).count() > 20


def test_what_happened_lies_in_the_past_and_in_order(shop):
    placed = list(Order.objects.order_by("pk").values_list("created_at", flat=True))
    lines = OrderLine.objects.filter(session__starts_at__lt=FIRST_DAY)

    assert not Order.objects.filter(created_at__gt=FIRST_DAY + timedelta(minutes=10)).exists()
    assert not Order.objects.filter(paid_at__lt=F("created_at")).exists()
    assert not lines.filter(order__created_at__gte=F("session__starts_at")).exists()
    past = [at for at in placed if at < FIRST_DAY - timedelta(days=60)]
    assert past == sorted(past)
    booked = list(LedgerEntry.objects.order_by("pk").values_list("booked_at", flat=True))
    assert booked == sorted(booked)


def test_invoices_are_numbered_in_the_order_of_their_days_without_a_gap(shop):
    for counter in InvoiceCounter.objects.all():
        issued = Invoice.objects.filter(year=counter.year).order_by("sequence")
        days = list(issued.values_list("issued_at", flat=True))
        assert days == sorted(days)
        assert list(issued.values_list("sequence", flat=True)) == list(range(1, counter.last + 1))
    assert InvoiceCounter.objects.count() == 2


def test_most_people_came_and_some_stayed_away(shop):
    tickets = Ticket.objects.valid().filter(line__session__ends_at__lt=FIRST_DAY)

    came = Entry.objects.counted().filter(ticket__in=tickets).count()

    assert 0.8 < came / tickets.count() < 0.98


def test_the_statement_of_the_payment_service_says_the_same_as_the_books(shop):
    year = Span(FIRST_DAY.date() - timedelta(days=360), FIRST_DAY.date())

    counts = matching.counts(year)
    rows = provider_accounts.by_time(year, "month")

    assert counts.pop(Match.AGREES) > 500
    assert not any(counts.values())
    assert all(figures.fees < 0 for _month, figures in rows[:-1])
    assert all(figures.paid_out < 0 for _month, figures in rows[1:])


def test_nobody_is_written_to(shop, mailoutbox):
    send_thanks()

    history = Session.objects.filter(thanked_at=F("ends_at"))
    assert history.count() > 100
    assert not Mail.objects.filter(created_at__lt=FIRST_DAY - timedelta(days=60)).exists()
