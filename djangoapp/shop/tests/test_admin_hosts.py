"""A host sees the sessions they lead, and who comes to them; not those of others, nor anybody's money."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from shop.admin.next_things import next_things
from shop.services import orders
from shop.tests.factories import SessionFactory, UserFactory, order_for, paid_order_for
from shop.tests.staff import page_of, staff_with

pytestmark = pytest.mark.django_db
SESSIONS = "admin:shop_session_changelist"


@pytest.fixture
def host() -> User:
    user = UserFactory(first_name="Mira", last_name="Aebi")
    roles.give(user, Role.HOST)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def browser(host, client) -> Client:
    client.force_login(host)
    return client


def test_a_host_finds_their_own_sessions_and_no_others(browser, host):
    mine, _other = SessionFactory(host=host), SessionFactory(host=UserFactory())

    listed = browser.get(reverse(SESSIONS), {"when": "all"}).context["cl"].result_list

    assert list(listed) == [mine]
    assert [thing.text for thing in next_things(host)] == ["See who comes this week"]


def test_a_host_reads_who_comes_to_their_session_and_changes_nothing(browser, host):
    session = SessionFactory(host=host)
    paid_order_for((session, 2), email="ana@example.org")

    page = browser.get(page_of(session))

    assert page.text.count("Ana Keller") >= 2
    assert "ana@example.org" in page.text
    assert 'name="_save"' not in page.text
    assert browser.post(page_of(session), {"capacity": 1}).status_code == 403


def test_a_session_of_somebody_else_is_not_there_for_a_host(browser):
    session = SessionFactory(host=UserFactory())
    paid_order_for((session, 1), email="ana@example.org")

    assert "ana@example.org" not in browser.get(page_of(session), follow=True).text


@pytest.mark.parametrize("kind", ["order", "payment", "refund", "couponredemption", "cart"])
def test_buyers_and_money_are_closed_to_a_host(browser, kind):
    assert browser.get(reverse(f"admin:shop_{kind}_changelist")).status_code == 403


def test_an_order_for_two_sessions_shows_each_host_their_own_part(browser, host):
    mine, other = SessionFactory(host=host), SessionFactory(host=UserFactory())
    paid_order_for((mine, 1), (other, 1))

    text = browser.get(page_of(mine)).text

    assert "Ana Keller 0" in text
    assert other.title not in text


def test_who_has_cancelled_does_not_come(browser, host):
    session = SessionFactory(host=host)
    orders.cancel(paid_order_for((session, 1), email="gone@example.org"))
    order_for((session, 1), email="pending@example.org")

    text = browser.get(page_of(session)).text

    assert "gone@example.org" not in text
    assert "pending@example.org" in text
    assert "Waiting for payment" in text


def test_names_of_attendees_are_for_hosts_and_for_who_sees_orders():
    session = SessionFactory()
    paid_order_for((session, 1), email="ana@example.org")

    assert "ana@example.org" not in staff_with("view_session").get(page_of(session)).text
    assert "ana@example.org" in staff_with("view_session", "view_order").get(page_of(session)).text


def test_somebody_with_both_rights_sees_all_sessions(host):
    session = SessionFactory(host=UserFactory())
    roles.give(host, Role.ACCOUNTANT)
    both = Client()
    both.force_login(host)

    assert both.get(page_of(session)).status_code == 200


def test_the_list_of_attendees_costs_one_question(browser, host, django_assert_num_queries):
    session = SessionFactory(host=host, capacity=40)
    paid_order_for((session, 1), email="first@example.org")
    browser.get(page_of(session))
    with CaptureQueriesContext(connection) as few:
        browser.get(page_of(session))
    for number in range(20):
        paid_order_for((session, 1), email=f"buyer{number}@example.org")

    with django_assert_num_queries(len(few)):
        browser.get(page_of(session))


def test_a_very_long_list_is_cut(browser, host, monkeypatch):
    monkeypatch.setattr("shop.admin.sessions.MOST_ATTENDEES", 2)
    session = SessionFactory(host=host)
    paid_order_for((session, 3))

    assert "Only the first 2 are shown" in browser.get(page_of(session)).text
