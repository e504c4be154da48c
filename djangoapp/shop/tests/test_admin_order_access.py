"""Who may act on orders, how many at a time, and the table that they may take home."""

import csv
import io

import pytest
from django.urls import reverse

from shop.enums import OrderStatus
from shop.models import CouponRedemption, Order, Session
from shop.services import orders
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    cart_with,
    order_for,
    purchase_for,
)
from shop.tests.staff import act, confirm, page_of, staff_with

pytestmark = pytest.mark.django_db
ORDERS = "admin:shop_order_changelist"


@pytest.fixture
def session() -> Session:
    return SessionFactory(capacity=12)


# Who, where from, how many


@pytest.mark.parametrize("action", ["mark_paid_at_desk", "cancel", "resend_confirmation"])
def test_who_may_only_look_moves_nothing(session, action):
    order = order_for((session, 1))
    looker = staff_with("view_order")

    confirm(looker, action, order)

    page = looker.get(page_of(order))
    assert page.status_code == 200
    assert page.context["deeds"] == []
    order.refresh_from_db()
    assert order.is_pending


def test_who_may_change_orders_may_act_and_still_types_nothing(session):
    order = order_for((session, 1))
    cashier = staff_with("change_order")

    confirm(cashier, "mark_paid_at_desk", order)

    order.refresh_from_db()
    assert order.is_paid
    assert cashier.post(page_of(order), {}).status_code == 403


def test_staff_without_a_permission_sees_no_order(session):
    order = order_for((session, 1))
    nobody = staff_with()

    assert nobody.get(reverse(ORDERS)).status_code == 403
    assert nobody.get(page_of(order)).status_code == 403


@pytest.mark.parametrize(
    ("came_from", "is_followed"),
    [
        ("/admin/shop/order/1/change/", True),
        ("https://evil.example/admin/shop/order/1/change/", False),
        ("//evil.example/admin/shop/order/", False),
        ("/admin/logout/", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_an_action_returns_only_to_pages_of_orders(owner, session, came_from, is_followed):
    order = order_for((session, 1))
    data = {
        "action": "cancel",
        "_selected_action": order.pk,
        "confirmed": "yes",
        "came_from": came_from,
    }

    response = owner.post(reverse(ORDERS), data)

    assert response.status_code == 302
    assert response.url == (came_from if is_followed else reverse(ORDERS))


def test_the_page_that_asks_leads_back_only_to_pages_of_orders(owner, session):
    order = order_for((session, 1))
    data = {"action": "cancel", "_selected_action": order.pk, "came_from": "https://evil.example/"}

    assert "evil.example" not in owner.post(reverse(ORDERS), data).text


def test_a_message_for_each_of_many_orders(owner):
    session = SessionFactory(capacity=60)
    chosen = [order_for((session, 1), email=f"buyer{number}@example.org") for number in range(50)]

    response = confirm(owner, "mark_paid_at_desk", *chosen)

    assert response.text.count("received at the desk") == 50
    assert Order.objects.filter(status=OrderStatus.PAID).count() == 50


def test_more_than_anybody_can_answer_for_are_refused(owner):
    session = SessionFactory(capacity=60)
    chosen = [order_for((session, 1), email=f"buyer{number}@example.org") for number in range(51)]

    asked = act(owner, "cancel", *chosen)
    confirmed = confirm(owner, "cancel", *chosen)

    for response in (asked, confirmed):
        assert "at most 50 at a time" in response.text
    assert not Order.objects.exclude(status=OrderStatus.PENDING).exists()


# The table for spreadsheets


def table(response) -> list[dict]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_orders_are_exported_with_their_money_and_no_formula(owner, session):
    cart = cart_with((session, 2), coupon=CouponFactory(code="WELCOME-10"))
    order = orders.place_order(cart, purchase_for(cart))
    Order.objects.update(billing_name='=HYPERLINK("https://evil.example")', billing_company="+41 44 1")

    [row] = table(
        owner.post(reverse(ORDERS), {"action": "export_csv", "select_across": "1", "_selected_action": "1"})
    )

    assert row["code"] == order.code
    assert row["name"] == '\'=HYPERLINK("https://evil.example")'
    assert row["company"] == "'+41 44 1"
    assert (row["before discount"], row["discount"], row["total"]) == ("170.00", "17.00", "153.00")
    assert (row["places"], row["coupon"], row["payment"]) == ("2", "WELCOME-10", "desk")
    assert session.title in row["sessions"]
    assert row["placed"].endswith(("+01:00", "+02:00"))


def test_a_long_table_is_read_in_pieces(owner, session, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("shop.admin.order_export.CHUNK", 2)
    for number in range(5):
        order_for((session, 1), email=f"buyer{number}@example.org")
    response = owner.post(
        reverse(ORDERS), {"action": "export_csv", "select_across": "1", "_selected_action": "1"}
    )

    with django_assert_max_num_queries(4):  # the orders, and the lines of three pieces
        rows = table(response)

    assert [row["email"] for row in rows] == [f"buyer{number}@example.org" for number in (4, 3, 2, 1, 0)]


def test_who_sees_orders_may_export_them(session):
    order_for((session, 1))
    data = {"action": "export_csv", "select_across": "1", "_selected_action": "1"}

    assert len(table(staff_with("view_order").post(reverse(ORDERS), data))) == 1


def test_uses_of_coupons_are_listed_with_their_orders(owner, session):
    cart = cart_with((session, 2), coupon=CouponFactory())
    order = orders.place_order(cart, purchase_for(cart))

    page = owner.get(reverse("admin:shop_couponredemption_changelist"), {"q": "ana@example.org"}).text

    assert order.code in page
    assert CouponRedemption.objects.get().coupon.code in page
