"""Many coupons at once: unguessable, made once, found again, and taken along as a table."""

import csv
import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from shop.exceptions import BatchExists
from shop.models import Coupon, CouponBatch
from shop.services.coupons import find, make_many, new_code
from shop.tests.factories import CouponFactory, ProjectFactory
from shop.tests.staff import staff_with

pytestmark = pytest.mark.django_db
PAGE = "/admin/shop/coupon/many/"


def filled(**changes) -> dict:
    return {
        "batch_name": "Spring fair",
        "how_many": "7",
        "prefix": "spring",
        "kind": "percent",
        "value": "15",
        "valid_from": "",
        "valid_until": "2027-06-30T23:59",
        "max_uses": "1",
        "max_uses_per_buyer": "",
        "min_total": "0",
        "project": "",
        "session": "",
    } | changes


def test_so_many_coupons_are_made_that_differ_in_their_codes_alone(owner):
    project = ProjectFactory()

    page = owner.post(PAGE, filled(project=project.pk), follow=True)

    made = Coupon.objects.all()
    assert len({coupon.code for coupon in made}) == 7
    for coupon in made:
        assert re.fullmatch(r"SPRING-[A-Z2-9]{5}-[A-Z2-9]{5}", coupon.code)
        assert (coupon.value, coupon.max_uses, coupon.project, coupon.uses) == (15, 1, project, 0)
        coupon.full_clean()
    assert "7 coupons are made" in page.text
    assert page.context["cl"].result_count == 7


def test_each_is_a_coupon_like_any_other(owner):
    owner.post(PAGE, filled())

    coupon = Coupon.objects.first()

    assert find(coupon.code.lower(), at=timezone.now()) == coupon


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"batch_name": ""}, "batch_name"),
        ({"how_many": "0"}, "how_many"),
        ({"how_many": "5001"}, "how_many"),
        ({"prefix": "no spaces"}, "prefix"),
        ({"prefix": "X" * 21}, "prefix"),
        ({"value": "0"}, "value"),
        ({"value": "101"}, "__all__"),
        ({"valid_from": "2027-07-01T00:00"}, "valid_until"),
        ({"max_uses": "-1"}, "max_uses"),
    ],
)
def test_what_makes_no_sense_makes_nothing(owner, changes, field):
    page = owner.post(PAGE, filled(**changes))

    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert not CouponBatch.objects.exists()
    assert not Coupon.objects.exists()


def test_a_form_that_is_sent_twice_makes_them_once(owner):
    owner.post(PAGE, filled())
    again = owner.post(PAGE, filled())

    assert "made together as “Spring fair” already" in again.text
    assert Coupon.objects.count() == 7


def test_the_service_refuses_a_name_that_is_taken():
    like = Coupon(kind="percent", value=10)
    make_many(like, 2, prefix="", batch="Raffle")

    with pytest.raises(BatchExists):
        make_many(like, 2, prefix="", batch="Raffle")

    assert Coupon.objects.count() == 2


def test_codes_do_not_repeat_and_have_no_letters_that_look_alike():
    codes = {new_code("") for _code in range(2_000)}

    assert len(codes) == 2_000
    assert not set("01OI") & set("".join(codes))


def test_a_thousand_cost_few_statements(django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        make_many(Coupon(kind="percent", value=10), 1_000, prefix="", batch="Many")


def test_a_batch_is_found_again_exported_and_switched_off(owner):
    owner.post(PAGE, filled())
    CouponFactory(code="ANOTHER1")
    batch = CouponBatch.objects.get()
    address = f"{reverse('admin:shop_coupon_changelist')}?batch={batch.pk}"
    every = {"select_across": "1", "_selected_action": "1"}

    text = b"".join(owner.post(address, {"action": "export_csv", **every}).streaming_content).decode(
        "utf-8-sig"
    )
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    owner.post(address, {"action": "switch_off", **every})

    assert len(rows) == 7
    assert {row["made together"] for row in rows} == {"Spring fair"}
    assert {row["value"] for row in rows} == {"15.00"}
    assert Coupon.objects.filter(is_active=True).get().code == "ANOTHER1"
    assert owner.get(reverse("admin:shop_coupon_changelist"), {"batch": "x"}).status_code == 200


def test_making_is_for_who_may_add_coupons():
    for browser in (staff_with("view_coupon"), staff_with("change_coupon")):
        assert browser.get(PAGE).status_code == 403
        assert browser.post(PAGE, filled()).status_code == 403
    assert staff_with("add_coupon", "view_coupon").get(PAGE).status_code == 200
