"""The studio's first page: each sees what their role may see, at the same cost however much there is."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from attendance.models import Entry, Ticket
from core.models import Mail, MailStatus
from shop.models import CouponRedemption, Session
from shop.services import orders
from shop.tests.factories import (
    CouponFactory,
    ProjectFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    order_for,
    paid_order_for,
    purchase_for,
)

pytestmark = pytest.mark.django_db

# Who it is and what they may: 4. Each thing that may wait: 1. Ideas: 3. The week: 1. Was anything booked: 2. Cart: 1.
MOST_QUERIES = 23


@pytest.fixture(autouse=True)
def forgotten():
    cache.clear()


def working_as(*given: Role) -> Client:
    user = UserFactory(first_name="Mira")
    for role in given:
        roles.give(user, role)
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    client.user = user
    return client


def page_for(client: Client) -> str:
    return client.get(reverse("studio:dashboard")).content.decode()


def session_today(**fields) -> Session:
    now = timezone.now()
    return SessionFactory(
        **{"starts_at": now - timedelta(minutes=5), "ends_at": now + timedelta(hours=2)} | fields
    )


def session_in(days: int, **fields) -> Session:
    return SessionFactory(starts_at=timezone.now() + timedelta(days=days), **fields)


def test_buyers_are_led_to_the_sign_in(client):
    client.force_login(UserFactory())

    assert client.get("/studio/").status_code == 302


def test_the_owner_sees_sessions_money_charts_and_what_waits():
    session_today(project=ProjectFactory(title="Bowls"))
    session = session_in(2, project=ProjectFactory(title="Grafting"), base_price=Decimal(85))
    paid_order_for((session, 2))
    order_for((session, 1), email="b@example.org")

    page = page_for(working_as(Role.OWNER))

    for words in (
        "Bowls",
        "Running",
        "Grafting",
        "3/12",
        "170",
        "2 places sold",
        "1 order is to be paid at the desk",
        "Sales per week",
    ):
        assert words in page, words


def test_the_accountant_sees_money_and_no_arrivals():
    paid_order_for((session_in(2), 1))

    page = page_for(working_as(Role.ACCOUNTANT))

    assert "Money" in page
    assert "Sales per week" in page
    assert "Who came" not in page


def test_a_host_sees_only_the_sessions_they_lead_and_no_money():
    host = working_as(Role.HOST)
    session_in(1, project=ProjectFactory(title="Mine"), host=host.user)
    paid_order_for((session_in(1, project=ProjectFactory(title="Somebody else’s")), 1))

    page = page_for(host)

    assert "Mine" in page
    assert "Somebody" not in page
    assert "CHF" not in page
    assert "You lead no session today" in page


def test_the_door_sees_all_sessions_and_neither_money_nor_charts():
    session_today(project=ProjectFactory(title="Bowls"))

    page = page_for(working_as(Role.DOOR))

    assert "Bowls" in page
    assert "CHF" not in page
    assert "How it goes" not in page


def test_who_has_no_role_yet_is_told_what_to_do_all_the_same():
    user = UserFactory(is_staff=True)
    client = Client()
    client.force_login(user)

    page = client.get("/studio/")

    assert len(page.context["ideas"]) == 3
    assert page.context["week"] is None


@pytest.mark.parametrize("role", Role)
def test_on_the_first_day_there_are_three_things_to_do(role):
    page = working_as(role).get("/studio/")

    assert len(page.context["ideas"]) == 3
    assert "Nothing waits for you." in page.content.decode()


def test_all_that_waits_is_named_not_only_three_things():
    for number in range(3):
        Mail.objects.create(
            kind="order_paid", to="a@example.org", dedupe_key=str(number), status=MailStatus.FAILED
        )
    session = session_in(3)
    order_for((session, 1))
    refused = working_as(Role.DOOR)

    waiting = [thing.text for thing in working_as(Role.OWNER).get("/studio/").context["waiting"]]

    assert waiting == ["3 mails could not be sent", "1 order is to be paid at the desk"]
    assert refused.get("/studio/").context["waiting"] == []


def test_yesterdays_session_that_still_runs_stands_under_today():
    now = timezone.now()
    SessionFactory(starts_at=now - timedelta(hours=20), ends_at=now + timedelta(hours=1))
    SessionFactory(starts_at=now - timedelta(hours=40), ends_at=now - timedelta(hours=39))
    session_in(8)

    week = working_as(Role.OWNER).get("/studio/").context["week"]

    assert len(week.today.rows) == 1
    assert week.later == []


def test_money_is_compared_with_the_stretch_before():
    paid_order_for((session_in(5, base_price=Decimal(85)), 2))

    today, this_week, this_month = working_as(Role.OWNER).get("/studio/").context["money"]

    for stretch in (today, this_week, this_month):
        assert (stretch.now.turnover, stretch.now.places, stretch.before.turnover) == (Decimal(170), 2, 0)


def test_charts_tell_fill_coupons_and_who_came():
    session = session_today(capacity=8)
    order = paid_order_for((session_in(1, capacity=8), 2))
    Session.objects.filter(pk=order.lines.first().session_id).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
    )
    Entry.objects.create(
        ticket=Ticket.objects.first(), session=order.lines.first().session, arrived_at=timezone.now()
    )
    cart = cart_with((session_in(3), 1), coupon=CouponFactory())
    orders.place_order(cart, purchase_for(cart, email="c@example.org"))
    assert session.capacity == 8

    charts = {chart.name: chart for chart in working_as(Role.OWNER).get("/studio/").context["charts"]}

    assert charts["arrivals"].rows[-1][1:] == ["1", "1"]
    assert charts["coupons"].rows[-1][1] == "1"
    assert CouponRedemption.objects.count() == 1
    assert any(cell.endswith("%") and cell != "0 %" for _week, cell in charts["fill"].rows)


def test_charts_without_numbers_say_so():
    page = page_for(working_as(Role.OWNER))

    assert page.count("There is nothing to draw yet.") == 4


def test_the_page_costs_the_same_for_one_session_and_for_many():
    client = working_as(Role.OWNER)

    def cost() -> int:
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            client.get("/studio/")  # what was booked since is added up once
            with CaptureQueriesContext(connection) as captured:
                client.get("/studio/")
        return len(captured)

    paid_order_for((session_in(1, host=UserFactory()), 1))
    one = cost()
    for number in range(8):
        session = session_in(1 + number % 6, host=UserFactory())
        paid_order_for((session, 1), email=f"b{number}@example.org")

    assert cost() == one
    assert one <= MOST_QUERIES
