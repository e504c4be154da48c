"""The page of what does not add up: calm when there is nothing, loud when there is."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from app.studio.integrity import ADVICE
from attendance.models import Ticket
from shop.models import Finding, Inspection, Session
from shop.services.inspection import inspect
from shop.tests.factories import SessionFactory, UserFactory, paid_order_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def accountant(client) -> Client:
    user = UserFactory()
    roles.give(user, Role.ACCOUNTANT)
    client.force_login(User.objects.get(pk=user.pk))
    return client


def page(client: Client) -> str:
    return client.get("/studio/integrity/").content.decode()


def test_before_anybody_looked_it_says_so(accountant):
    assert "Nobody has looked yet" in page(accountant)


def test_when_all_is_well_it_says_so_and_sums_up_the_books(accountant):
    paid_order_for((SessionFactory(), 2))
    inspect()

    shown = page(accountant)

    assert "Yes: everything agrees." in shown
    assert "CHF, 3 entries" in shown
    assert "Owed to buyers" in shown


def test_what_is_wrong_stands_there_with_what_to_do_and_where(accountant):
    order = paid_order_for((SessionFactory(), 1))
    Session.objects.update(seats_taken=0)
    Ticket.objects.update(voided_at=timezone.now())
    inspect()

    shown = page(accountant)

    assert "No: something does not add up." in shown
    assert "Compare the list of attendees." in shown
    assert "Somebody has booked and could not come in." in shown
    assert f"/shop/order/?q={order.code}" in shown
    assert Session.objects.get().get_absolute_url() in shown


def test_looking_now_finds_what_is_new(accountant, django_capture_on_commit_callbacks):
    paid_order_for((SessionFactory(), 1))
    Session.objects.update(seats_taken=0)

    with django_capture_on_commit_callbacks(execute=True):
        answer = accountant.post("/studio/integrity/check/", follow=True)

    assert "being looked at" in answer.content.decode()
    assert Finding.objects.open().count() == 1
    assert "1 thing does not add up" in accountant.get("/studio/").content.decode()


def test_a_worker_that_sleeps_is_noticed(accountant):
    inspect()
    Inspection.objects.update(ended_at=timezone.now() - timedelta(days=2))

    assert "more than a day ago" in page(accountant)


def test_the_door_and_hosts_do_not_see_it(client):
    user = UserFactory()
    roles.give(user, Role.DOOR)
    client.force_login(user)

    assert client.get("/studio/integrity/").status_code == 403
    assert "/studio/integrity/" not in client.get("/studio/").content.decode()


def test_strange_findings_are_shown_all_the_same(accountant):
    Finding.objects.create(kind="<b>odd</b>", about="order <script>", text="x" * 3000)

    shown = page(accountant)

    assert "Something does not agree." in shown
    assert "<script>" not in shown.replace("<script defer", "")


def test_every_kind_that_the_checks_know_has_its_advice():
    assert {"places", "amounts", "books", "invoices", "ticket without a place"} <= set(ADVICE)


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_costs_the_same_for_few_and_many(many, accountant, django_assert_num_queries):
    inspect()
    Finding.objects.bulk_create(
        Finding(kind=f"kind {number % 3}", about=f"order A{number}", text="?") for number in range(many)
    )

    # Who it is and what they may: 4. The last look, the findings, those that are gone, the cart.
    with django_assert_num_queries(8):
        page(accountant)
