"""Reports: what the books say of a span, in days of the studio's clock."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache

from shop.enums import LedgerKind, RefundStatus
from shop.models import LedgerEntry
from shop.providers import RefundFact
from shop.services import changes, orders, refunds, reports
from shop.services.reports import Figures, Span
from shop.tests.factories import ProjectFactory, SessionFactory, TaxRuleFactory, paid_order_for

pytestmark = pytest.mark.django_db

ZURICH = ZoneInfo("Europe/Zurich")
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(autouse=True)
def forgotten():
    cache.clear()


def sold_at(moment: str, price: int = 100, places: int = 1, **fields):
    """An order that was paid at this moment of the studio's clock."""
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=ZURICH), tick=False):
        session = SessionFactory(base_price=Decimal(price), **fields)
        return paid_order_for((session, places), email=f"{session.slug[-6:]}@example.org")


def turnover(rows) -> dict[str, Decimal]:
    return {str(row[0]): row[-1].turnover for row in rows if row[-1] != Figures()}


def test_days_begin_at_the_studios_midnight():
    sold_at("2026-11-09 23:59", 10)
    sold_at("2026-11-10 00:00", 20)

    found = turnover(reports.by_time(NOVEMBER, "day"))

    assert found == {"2026-11-09": 10, "2026-11-10": 20}


def test_the_span_ends_with_its_last_day():
    for moment, price in (
        ("2026-10-31 23:59", 1),
        ("2026-11-01 00:00", 2),
        ("2026-11-30 23:59", 4),
        ("2026-12-01 00:00", 8),
    ):
        sold_at(moment, price)

    assert turnover(reports.by_time(NOVEMBER, "month")) == {"2026-11-01": 6}


@pytest.mark.parametrize(
    ("night", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)], ids=["forward", "back"]
)
def test_days_on_which_clocks_change_are_whole(night, hours):
    span = Span(night, night)
    sold_at(f"{night} 00:00", 1)
    sold_at(f"{night} 23:59", 2)

    assert span.ends_at.astimezone(UTC) - span.starts_at.astimezone(UTC) == timedelta(hours=hours)
    assert turnover(reports.by_time(span, "day")) == {str(night): 3}


@pytest.mark.parametrize(
    ("step", "first", "second", "many"),
    [
        ("day", "2026-11-01", "2026-11-02", 30),
        ("week", "2026-10-26", "2026-11-02", 6),
        ("month", "2026-11-01", "2026-12-01", 2),
        ("year", "2026-01-01", "2027-01-01", 2),
    ],
)
def test_every_piece_has_a_row_also_where_nothing_happened(step, first, second, many):
    last = {"month": date(2026, 12, 31), "year": date(2027, 1, 31)}.get(step, NOVEMBER.last)

    days = [str(day) for day, _figures in reports.by_time(Span(NOVEMBER.first, last), step)]

    assert (days[0], days[1], len(days)) == (first, second, many)


def test_figures_tell_sales_cancellations_fees_and_money_apart():
    with time_machine.travel("2026-11-10T12:00:00Z", tick=False):
        order = paid_order_for((SessionFactory(base_price=Decimal(100)), 3))
        first, second, _third = order.lines.all()
        changes.cancel_lines(order, [first], fees={first.pk: Decimal(20)})
        changes.cancel_lines(order, [second])
        refund = refunds.request(order.payments.get(), Decimal(180), reason="Ill")
        refunds.settle(refund, RefundFact(RefundStatus.DONE, "re_1", refund.amount))

    [(_day, found)] = reports.by_time(Span(date(2026, 11, 10), date(2026, 11, 10)), "day")

    assert found == Figures(
        places=1,
        sold=Decimal(300),
        cancelled=Decimal(-200),
        fees=Decimal(20),
        tax=Decimal("8.99"),
        received=Decimal(300),
        returned=Decimal(-180),
    )
    assert (found.turnover, found.net, found.money) == (Decimal(120), Decimal("111.01"), Decimal(120))


def test_what_is_given_back_from_kindness_lowers_turnover_and_tax():
    with time_machine.travel("2026-11-10T12:00:00Z", tick=False):
        order = paid_order_for((SessionFactory(base_price=Decimal(108)), 1))
        refunds.request(order.payments.get(), Decimal("10.81"), reason="Rain")

    found = reports.total(figures for _day, figures in reports.by_time(NOVEMBER, "day"))

    assert (found.taken_off, found.turnover, found.tax) == (
        Decimal("-10.81"),
        Decimal("97.19"),
        Decimal("7.28"),
    )
    assert set(reports._PART) == set(LedgerKind)


def test_tax_is_told_by_rate_and_adds_up_to_the_cent():
    reduced = TaxRuleFactory(name="Reduced", rate=Decimal("2.6"))
    sold_at("2026-11-10 12:00", 100, places=3)
    sold_at("2026-11-11 12:00", 100, project=ProjectFactory(tax_rule=reduced))

    rows = reports.by_tax(NOVEMBER)

    assert [(name, rate, found.turnover, found.tax, found.net) for name, rate, found in rows] == [
        ("VAT", Decimal("8.10"), Decimal(300), Decimal("22.47"), Decimal("277.53")),
        ("Reduced", Decimal("2.60"), Decimal(100), Decimal("2.53"), Decimal("97.47")),
    ]
    assert reports.total(found for _name, _rate, found in rows).tax == Decimal(25)


def test_projects_and_providers_come_by_size():
    small, large = ProjectFactory(title="Small"), ProjectFactory(title="Large")
    sold_at("2026-11-10 12:00", 30, project=small)
    sold_at("2026-11-10 12:00", 50, project=large)
    sold_at("2026-11-11 12:00", 60, project=large)

    assert [(title, found.turnover) for title, found in reports.by_project(NOVEMBER)] == [
        ("Large", 110),
        ("Small", 30),
    ]
    assert [(name, found.received) for name, found in reports.by_provider(NOVEMBER)] == [("desk", 140)]


def test_other_currencies_are_not_added_to_ours():
    sold_at("2026-11-10 12:00", 30)
    LedgerEntry.objects.create(
        kind="payment",
        order=LedgerEntry.objects.first().order,
        payment=LedgerEntry.objects.get(kind="payment").payment,
        amount=Decimal(900),
        currency="EUR",
        booked_at="2026-11-10T12:00:00Z",
        key="payment:euros",
    )

    assert [found.received for _name, found in reports.by_provider(NOVEMBER)] == [30]


def test_looking_again_asks_only_whether_something_was_booked(django_assert_num_queries):
    with time_machine.travel("2026-11-10T12:00:00Z"):
        sold_at("2026-11-10 11:00", 30)
        with django_assert_num_queries(2):
            first = reports.by_time(NOVEMBER, "day")
        with django_assert_num_queries(1):
            assert reports.by_time(NOVEMBER, "day") == first

        sold_at("2026-11-10 11:30", 5)

        assert reports.total(found for _day, found in reports.by_time(NOVEMBER, "day")).turnover == 35
    with time_machine.travel("2027-01-10T12:00:00Z"):
        reports.by_time(NOVEMBER, "day")
        with django_assert_num_queries(0):
            reports.by_time(NOVEMBER, "day")


def test_an_entry_that_is_committed_after_a_later_one_is_seen():
    order = sold_at("2026-11-10 12:00", 30)
    moment = datetime(2026, 11, 10, 12, 0, 5, tzinfo=ZURICH)
    with time_machine.travel(moment, tick=False):
        assert turnover(reports.by_project(NOVEMBER)) == {order.lines.get().session.title: 30}

        LedgerEntry.objects.bulk_create(
            LedgerEntry(**fields | {"id": -fields["id"], "key": f"late:{fields['key']}"})
            for fields in LedgerEntry.objects.values()
        )

        assert turnover(reports.by_project(NOVEMBER)) == {order.lines.get().session.title: 60}


@time_machine.travel("2026-11-29 12:00:00+01:00", tick=False)  # a closed span costs even less
def test_the_cost_does_not_grow_with_what_was_sold(django_assert_num_queries):
    for day in range(1, 6):
        sold_at(f"2026-11-{day:02} 12:00", places=2)
        orders.cancel(LedgerEntry.objects.last().order)
    for summing, more in (
        (reports.by_time, ("week",)),
        (reports.by_tax, ()),
        (reports.by_project, ()),
        (reports.by_provider, ()),
    ):
        with django_assert_num_queries(2):
            summing(NOVEMBER, *more)
