"""Staff makes coupons, and sees who used them."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from shop.models import Coupon
from shop.services import orders
from shop.tests.factories import CouponFactory, cart_with, purchase_for
from shop.tests.staff import errors_of, page_of, whole_minutes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel("2026-10-01 12:00 +0000", tick=True):
        yield


def coupon_data(**changes) -> dict:
    return {
        "code": "spring-26",
        "kind": "percent",
        "value": "10",
        "valid_from": "",
        "valid_until": "2026-12-31T23:59",
        "max_uses": "",
        "max_uses_per_buyer": "",
        "min_total": "0",
        "is_active": "on",
    } | changes


def test_a_coupons_code_is_written_in_capitals_and_its_days_on_the_studios_clock(owner):
    owner.post(reverse("admin:shop_coupon_add"), coupon_data())

    coupon = Coupon.objects.get()
    assert coupon.code == "SPRING-26"
    assert coupon.valid_until == datetime(2026, 12, 31, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "short"}, "code"),
        ({"code": "has spaces in it"}, "code"),
        ({"value": "101"}, "__all__"),
        ({"value": "0"}, "value"),
        ({"valid_from": "2027-01-01T00:00"}, "valid_until"),
        ({"valid_until": "2027-03-28T02:30"}, "valid_until"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(owner, changes, field):
    response = owner.post(reverse("admin:shop_coupon_add"), coupon_data(**changes))

    assert field in errors_of(response)
    assert not Coupon.objects.exists()


def test_a_used_coupon_keeps_its_uses_and_is_not_deleted(owner):
    session = whole_minutes()
    coupon = CouponFactory(max_uses=5)
    cart = cart_with((session, 1), coupon=coupon)

    order = orders.place_order(cart, purchase_for(cart))
    data = coupon_data(code=coupon.code, max_uses="0")

    refused = owner.post(page_of(coupon), data)
    saved = owner.post(page_of(coupon), data | {"max_uses": "1"})
    shown = owner.get(page_of(coupon)).text
    deleted = owner.post(reverse("admin:shop_coupon_delete", args=[coupon.pk]), {"post": "yes"})

    assert "used 1 times already" in errors_of(refused)["max_uses"][0]
    assert saved.status_code == 302
    coupon.refresh_from_db()
    assert (coupon.max_uses, coupon.uses) == (1, 1)
    assert "1 of 1" in shown
    assert order.code in shown
    assert deleted.status_code == 403


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "Active"),
        ({"is_active": False}, "Off"),
        ({"max_uses": 2, "uses": 2}, "Used up"),
        ({"valid_until": datetime(2026, 9, 1, tzinfo=UTC)}, "Over"),
        ({"valid_from": datetime(2026, 11, 1, tzinfo=UTC)}, "Not yet"),
    ],
)
def test_the_list_says_which_coupons_are_good(owner, fields, state):
    CouponFactory(**fields)

    assert f">{state}</span>" in owner.get(reverse("admin:shop_coupon_changelist")).text
