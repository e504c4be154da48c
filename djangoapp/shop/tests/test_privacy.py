"""Erasing one person, and forgetting by itself: names go, the books stay."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import personal_data
from accounts.exceptions import CannotErase
from accounts.models import DataRequest, User
from accounts.services import erase_person
from core import retention
from core.models import Mail
from shop.models import Coupon, CouponRedemption, Order, Session, WaitingEntry
from shop.services import books, orders, payments, refunds, waiting
from shop.services.integrity import problems
from shop.services.privacy import FORGOTTEN
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    order_for,
    paid_order_for,
    purchase_for,
)
from shop.tests.queues import full_session, give_back, wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture(autouse=True)
def everything_adds_up():
    yield
    assert problems() == []
    assert list(books.disagreements()) == []


def over(order: Order) -> Order:
    """Its sessions have taken place."""
    sessions = Session.objects.filter(order_lines__order=order)
    for session in sessions:
        Session.objects.filter(pk=session.pk).update(
            starts_at=timezone.now() - timedelta(days=3), ends_at=timezone.now() - timedelta(days=2)
        )
    return order


def erase(email: str, boss: User) -> DataRequest:
    return erase_person(personal_data.find(email), by=boss)


def test_a_guest_is_erased_by_their_address_and_the_books_stay(boss):
    order = over(paid_order_for((SessionFactory(), 2), email="guest@example.org"))
    other = over(paid_order_for((SessionFactory(), 1), email="other@example.org"))
    link = order.token

    done = erase("Guest@Example.org", boss)

    order.refresh_from_db()
    assert (order.email, order.customer, order.total) == (FORGOTTEN, None, Decimal(170))
    assert order.billing_name == "Ana Keller"  # the voucher, as long as the law wants it
    assert set(order.lines.values_list("attendee_first_name", "attendee_last_name")) == {("", "")}
    assert not order.is_token(link)
    assert not Mail.objects.filter(to="guest@example.org").exists()
    assert (done.had_account, done.changed["orders"]) == (False, 1)
    other.refresh_from_db()
    assert other.email == "other@example.org"


def test_an_account_goes_with_what_it_booked_signed_in_and_as_a_guest(boss):
    user = UserFactory(email="ana@example.org")
    over(paid_order_for((SessionFactory(), 1), user=user, email="ana.work@example.org"))
    over(paid_order_for((SessionFactory(), 1), email="ana@example.org"))
    cart_with((SessionFactory(), 1), user=user)

    done = erase("ana@example.org", boss)

    assert set(Order.objects.values_list("email", "customer")) == {(FORGOTTEN, None)}
    assert not User.objects.filter(email="ana@example.org").exists()
    assert done.changed["orders"] == 2


def test_nobody_erases_an_order_by_claiming_its_address(boss):
    thief = UserFactory(email="thief@example.org")
    EmailAddress.objects.create(user=thief, email="ana@example.org", verified=False)
    order = over(paid_order_for((SessionFactory(), 1), email="ana@example.org"))

    done = erase("thief@example.org", boss)

    order.refresh_from_db()
    assert (order.email, done.changed.get("orders")) == ("ana@example.org", None)
    assert Mail.objects.filter(to="ana@example.org").exists()


def test_an_order_for_which_no_money_moved_loses_its_address_too(boss):
    free = over(order_for((SessionFactory(base_price=Decimal(0)), 1), email="guest@example.org"))
    unpaid = order_for((SessionFactory(), 1), email="guest@example.org")
    unpaid.payments.update(status="expired")
    orders.cancel(unpaid)

    erase("guest@example.org", boss)

    for order in (free, unpaid):
        order.refresh_from_db()
        assert (order.billing_name, order.billing_street, order.billing_city) == ("", "", "")


def with_coupon(coupon: Coupon, email: str) -> Order:
    cart = cart_with((SessionFactory(), 1), coupon=coupon)
    order = orders.place_order(cart, purchase_for(cart, email=email))
    return over(payments.mark_paid_at_desk(order, actor=None))


def test_the_use_of_a_coupon_loses_its_address_and_stays_a_use(boss):
    coupon = CouponFactory(max_uses_per_buyer=1)
    for email in ("guest@example.org", "other@example.org"):
        with_coupon(coupon, email)
        erase(email, boss)

    coupon.refresh_from_db()
    assert set(coupon.redemptions.values_list("buyer_email", flat=True)) == {FORGOTTEN}
    assert coupon.uses == 2
    with_coupon(coupon, "new@example.org")  # those who were forgotten are not one buyer


def test_uses_of_orders_that_were_anonymised_before_are_made_up_for(boss):
    order = with_coupon(CouponFactory(), "guest@example.org")
    kept = with_coupon(CouponFactory(), "other@example.org").redemption
    erase("guest@example.org", boss)
    CouponRedemption.objects.filter(order=order).update(buyer_email="guest@example.org")

    import_module("shop.migrations.0003_forgotten_coupon_uses").forget_buyers(
        apps, connection.schema_editor()
    )

    assert CouponRedemption.objects.get(order=order).buyer_email == FORGOTTEN
    assert CouponRedemption.objects.get(pk=kept.pk).buyer_email == "other@example.org"


def test_what_people_wrote_in_passing_goes_too(boss):
    order = paid_order_for((SessionFactory(), 1), email="guest@example.org")
    orders.cancel(order, actor=boss, note="Broke a leg")
    refund = refunds.request(order.payments.get(), Decimal(85), reason="Broke a leg", by=boss)
    refunds.push(refund.pk)
    refunds.pay_out(refund, actor=boss)

    erase("guest@example.org", boss)

    refund.refresh_from_db()
    assert refund.reason == "–"
    assert not order.history.filter(note__contains="leg").exists()
    assert order.history.filter(to_status="cancelled", actor=boss).exists()


def test_nobody_is_erased_who_is_still_to_come(boss):
    paid_order_for((SessionFactory(), 1), email="guest@example.org")

    with pytest.raises(CannotErase, match="still to come"):
        erase("guest@example.org", boss)

    assert Order.objects.get().email == "guest@example.org"
    assert not DataRequest.objects.exists()


def test_nobody_is_erased_whose_money_is_under_way(boss):
    order = over(paid_order_for((SessionFactory(), 1), email="guest@example.org"))
    refunds.request(order.payments.get(), Decimal(10), reason="x")

    with pytest.raises(CannotErase, match="on its way"):
        erase("guest@example.org", boss)


def test_who_waits_leaves_the_list_and_the_offer_goes_on(boss):
    session = full_session(1)
    first, second = wait_for(session, email="guest@example.org"), wait_for(session)
    give_back(session)

    erase("guest@example.org", boss)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.email, first.name, second.is_offered) == (FORGOTTEN, "", True)


def test_a_guests_data_are_told_without_those_of_others():
    over(paid_order_for((SessionFactory(), 1), email="guest@example.org"))
    paid_order_for((SessionFactory(), 1), email="other@example.org")

    told = "".join(personal_data.as_json(personal_data.find("guest@example.org")))

    assert "guest@example.org" in told
    assert "other@example.org" not in told


def test_nothing_is_told_of_who_has_been_erased(boss):
    over(paid_order_for((SessionFactory(), 1), email="guest@example.org"))
    erase("guest@example.org", boss)

    assert personal_data.outline(personal_data.find("guest@example.org")) == []


def test_names_are_forgotten_when_their_time_is_over(settings, capsys):
    """An unpaid order loses everything after a year, attendees their names after two, a bill its address after ten."""
    paid = over(paid_order_for((SessionFactory(), 1), email="paid@example.org"))
    unpaid = order_for((SessionFactory(), 1), email="unpaid@example.org")
    unpaid.payments.update(status="expired")
    orders.cancel(unpaid)
    coming = paid_order_for(
        (SessionFactory(starts_at=timezone.now() + timedelta(days=5000)), 1), email="c@example.org"
    )
    mails = Mail.objects.count()

    def after(days: int) -> None:
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            call_command("forget_old_data")
        for order in (paid, unpaid, coming):
            order.refresh_from_db()

    after(20)
    assert (paid.email, unpaid.email, Mail.objects.count()) == (
        "paid@example.org",
        "unpaid@example.org",
        mails,
    )
    after(366)
    assert (paid.email, unpaid.email, unpaid.billing_name) == ("paid@example.org", FORGOTTEN, "")
    after(740)
    assert paid.lines.get().attendee_name == ""
    assert coming.lines.get().attendee_name != ""
    assert not Mail.objects.filter(status="sent").exists()
    after(3660)
    assert (paid.email, paid.billing_name) == (FORGOTTEN, "")
    assert "old bills" in capsys.readouterr().out


def test_waiting_lists_are_forgotten_a_month_after():
    session = full_session(1)
    entry = wait_for(session)

    with time_machine.travel(session.ends_at + timedelta(days=31)):
        waiting.sweep()
        retention.forget_what_is_old()

    assert WaitingEntry.objects.get(pk=entry.pk).email == FORGOTTEN


def test_forgetting_goes_in_batches(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("shop.services.privacy.BATCH", 2)
    session = SessionFactory()
    for number in range(5):
        paid_order_for((session, 1), email=f"{number}@example.org")

    with time_machine.travel(session.ends_at + timedelta(days=731)):
        assert retention._rules["attendees"]() == 5
        with django_assert_max_num_queries(1):
            assert retention._rules["attendees"]() == 0
