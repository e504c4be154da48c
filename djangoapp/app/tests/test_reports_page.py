"""Reports to look at and to take along: the same numbers on the page, in CSV and in XLSX."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.core.cache import cache
from django.http import StreamingHttpResponse
from django.test import Client

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from shop.services import changes
from shop.tests.factories import ProjectFactory, SessionFactory, UserFactory, paid_order_for

pytestmark = pytest.mark.django_db

ZURICH = ZoneInfo("Europe/Zurich")
NOVEMBER = {"first": "2026-11-01", "last": "2026-11-30", "step": "day"}


@pytest.fixture(autouse=True)
def today():
    cache.clear()
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=ZURICH)):
        yield


@pytest.fixture
def accountant() -> Client:
    user = UserFactory()
    roles.give(user, Role.ACCOUNTANT)
    client = Client()
    client.user = User.objects.get(pk=user.pk)
    client.force_login(client.user)
    return client


@pytest.fixture
def sales():
    """Three places sold at 108, one of them given up for a fee of 8."""
    session = SessionFactory(project=ProjectFactory(title="=Grafting"), base_price=Decimal(108))
    order = paid_order_for((session, 3))
    line = order.lines.first()
    changes.cancel_lines(order, [line], fees={line.pk: Decimal(8)})
    return order


def page(client: Client, **asked) -> str:
    return client.get("/studio/reports/", asked).content.decode().replace("\N{NO-BREAK SPACE}", " ")


def csv_of(client: Client, table: str, **asked) -> list[list[str]]:
    answer = client.get(f"/studio/reports/{table}.csv", NOVEMBER | asked)
    assert isinstance(answer, StreamingHttpResponse)
    return list(csv.reader(io.StringIO(answer.getvalue().decode().removeprefix("\ufeff"))))


def test_without_a_question_this_year_is_shown_by_month(accountant, sales):
    shown = page(accountant)

    for words in (
        "from 1 January 2026 to 20 November 2026",
        "November 2026",
        "224.00",
        "8.1 % VAT",
        "=Grafting",
    ):
        assert words in shown, words


def test_the_page_adds_up_sales_fees_tax_and_money(accountant, sales):
    tables = {table.name: table for table in accountant.get("/studio/reports/", NOVEMBER).context["tables"]}

    assert tables["turnover"].shown_total[1:] == [
        "2", "324.00", "−108.00", "0.00", "8.00", "224.00", "16.78", "207.22", "324.00", "0.00", "0.00",
    ]  # fmt: skip
    assert tables["tax"].shown == [["8.1\xa0% VAT", "224.00", "207.22", "16.78"]]
    assert tables["providers"].shown[0][1:] == ["324.00", "0.00", "0.00", "324.00"]
    assert len(tables["turnover"].rows) == 30


def test_the_files_hold_the_same_numbers(accountant, sales):
    told = csv_of(accountant, "tax")
    answer = accountant.get("/studio/reports/tax.xlsx", NOVEMBER)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active

    assert told == [["Tax", "Turnover", "Net", "Tax in it"], ["VAT 8.10", "224.00", "207.22", "16.78"]]
    assert [cell.value for cell in sheet[2]][1:] == [224, 207.22, 16.78]
    assert "tax-2026-11-01-2026-11-30.xlsx" in answer["Content-Disposition"]


def test_a_title_is_never_a_formula(accountant, sales):
    assert csv_of(accountant, "projects")[1][0] == "'=Grafting"


def test_every_entry_of_the_span_can_be_taken_along(accountant, sales):
    rows = csv_of(accountant, "entries")

    assert rows[0][:4] == ["booked", "kind", "order", "sold"]
    assert sorted(row[1] for row in rows[1:]) == ["cancellation", "fee", "payment", "sale", "sale", "sale"]
    assert {row[2] for row in rows[1:]} == {sales.code}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"first": "2026-11-30", "last": "2026-11-01"}, "The last day comes after the first."),
        ({"first": "2000-01-01", "last": "2026-11-01", "step": "day"}, "choose longer steps"),
        ({"first": "0001-01-01", "last": "9999-12-31", "step": "year"}, "Choose days between 2000 and 2199."),
        ({"first": "yesterday"}, "Enter a valid date."),
        ({"step": "fortnight"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(accountant, asked, words):
    answer = accountant.get("/studio/reports/", asked)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert accountant.get("/studio/reports/tax.csv", asked).status_code == 404


def test_an_unknown_table_is_none(accountant):
    assert accountant.get("/studio/reports/secrets.csv").status_code == 404


@pytest.mark.parametrize(
    ("day", "quarter", "last_quarter"),
    [
        (date(2026, 1, 1), ("2026-01-01", "2026-01-01"), ("2025-10-01", "2025-12-31")),
        (date(2026, 12, 31), ("2026-10-01", "2026-12-31"), ("2026-07-01", "2026-09-30")),
        (date(2024, 2, 29), ("2024-01-01", "2024-02-29"), ("2023-10-01", "2023-12-31")),
    ],
)
def test_presets_are_right_on_the_days_where_they_could_go_wrong(accountant, day, quarter, last_quarter):
    with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=ZURICH), tick=False):
        accountant.force_login(accountant.user)
        presets = dict(accountant.get("/studio/reports/").context["presets"])

    assert presets["This quarter"] == f"?first={quarter[0]}&last={quarter[1]}&step=week"
    assert presets["Last quarter"] == f"?first={last_quarter[0]}&last={last_quarter[1]}&step=week"


def test_hosts_and_the_door_see_no_reports():
    for role in (Role.HOST, Role.DOOR):
        user = UserFactory()
        roles.give(user, role)
        client = Client()
        client.force_login(user)

        assert client.get("/studio/reports/").status_code == 403
        assert client.get("/studio/reports/tax.csv").status_code == 403


def test_the_page_costs_the_same_for_few_and_many_and_little_when_looked_at_again(
    accountant, django_assert_num_queries
):
    with time_machine.travel(datetime(2026, 11, 20, 11, tzinfo=ZURICH)):
        for number in range(5):
            paid_order_for((SessionFactory(), 1), email=f"b{number}@example.org")

    # Who it is and what they may: 4, the cart: 1; for each of five tables, the sums and whether they are still true.
    with django_assert_num_queries(15):
        page(accountant, **NOVEMBER)
    with django_assert_num_queries(10):
        page(accountant, **NOVEMBER)
