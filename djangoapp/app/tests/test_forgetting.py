"""Whoever was erased is in no table any more, whatever table it is: a new one is looked through, too."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts import personal_data
from accounts.models import User
from accounts.services import erase_person, vouch_for_address
from payments.tests.test_erasure import copies_of
from shop.models import Order, Payment, Session
from shop.services import orders, payments, requests
from shop.tests.factories import CouponFactory, SessionFactory, UserFactory, cart_with, purchase_for
from shop.tests.queues import full_session, wait_for
from todos.models import Share, TodoList

pytestmark = pytest.mark.django_db
ADDRESS = "guest@example.org"  # as in the copies of what Stripe told


def columns_that_tell(address: str) -> set[str]:
    """Every column of every table in which the address stands, alone or within something longer."""
    return {
        f"{model._meta.label}.{column}"
        for model in apps.get_models(include_auto_created=True)
        for row in model._base_manager.values()
        for column, value in row.items()
        if address in str(value).lower()
    }


def booked_by(user: User) -> Order:
    """An order with a coupon, paid and over, that was asked about."""
    cart = cart_with((SessionFactory(), 1), user=user, coupon=CouponFactory())
    order = orders.place_order(cart, purchase_for(cart, email=ADDRESS), user=user)
    order = payments.mark_paid_at_desk(order, actor=None)
    long_ago = timezone.now() - timedelta(days=3)
    Session.objects.filter(order_lines__order=order).update(
        starts_at=long_ago, ends_at=long_ago + timedelta(hours=2)
    )
    requests.withdraw(requests.ask(order, order.lines.all(), reason=f"Write to {ADDRESS}", actor=user))
    Payment.objects.filter(order=order).update(provider="stripe", reference="cs_1", charge_reference="pi_1")
    copies_of("pi_1", "cs_1")
    return order


def test_the_address_of_whoever_was_erased_is_in_no_table():
    boss, user = UserFactory(is_staff=True), UserFactory(email=ADDRESS)
    vouch_for_address(user)
    booked_by(user)
    wait_for(full_session(), email=ADDRESS, user=user)
    shared = TodoList.objects.create(owner=boss, title="Tools")
    Share.objects.create(todo_list=shared, email=ADDRESS)
    LogEntry.objects.create(
        user=boss,
        content_type=ContentType.objects.get_for_model(User),
        object_id=user.pk,
        object_repr=ADDRESS,
        action_flag=CHANGE,
    )
    assert columns_that_tell(ADDRESS) >= {
        "accounts.User.email",
        "account.EmailAddress.email",
        "admin.LogEntry.object_repr",
        "core.Mail.to",
        "djstripe.Session.stripe_data",
        "shop.CouponRedemption.buyer_email",
        "shop.Order.email",
        "shop.RefundRequest.reason",
        "shop.WaitingEntry.email",
        "todos.Share.email",
    }

    erase_person(personal_data.find(ADDRESS), by=boss)

    assert columns_that_tell(ADDRESS) == set()
