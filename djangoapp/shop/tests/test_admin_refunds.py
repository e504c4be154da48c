"""Staff sees what goes back, pays out what waits at the desk, and sees which payments a bank has claimed."""

from decimal import Decimal

import pytest
from django.urls import reverse

from shop.admin.next_things import next_things
from shop.enums import RefundStatus
from shop.models import Dispute, Order, Refund
from shop.services import payments, refunds
from shop.tests.factories import SessionFactory, UserFactory, order_for
from shop.tests.staff import act, page_of, staff_with

pytestmark = pytest.mark.django_db
REFUNDS = "admin:shop_refund_changelist"


@pytest.fixture
def refund(provider) -> Refund:
    """Money that waits at the desk."""
    order = order_for((SessionFactory(base_price=Decimal(85)), 2), provider="desk")
    order = payments.mark_paid_at_desk(order, actor=UserFactory(is_staff=True))
    return refunds.push(refunds.request(order.payments.get(), Decimal(100), reason="Rain").pk)


def confirm_payout(client, refund: Refund):
    data = {"action": "pay_out", "_selected_action": [refund.pk], "confirmed": "yes"}
    return client.post(reverse(REFUNDS), data, follow=True)


def test_a_refunds_page_says_for_which_places_it_is(owner, refund):
    page = owner.get(page_of(refund)).text

    assert "Ana Keller 0: CHF\N{NO-BREAK SPACE}85" in page
    assert "Ana Keller 1: CHF\N{NO-BREAK SPACE}15" in page
    assert "To be paid out" in page


def test_money_at_the_desk_is_paid_out_once_it_is_confirmed(owner, refund):
    deeds = owner.get(page_of(refund)).context["deeds"]
    assert [deed["name"] for deed in deeds] == ["pay_out"]

    asked = act(owner, "pay_out", refund)
    refund.refresh_from_db()
    assert (refund.status, "Has the money been handed over?" in asked.text) == (RefundStatus.PENDING, True)
    assert refund.payment.order.code in asked.text

    answer = confirm_payout(owner, refund)
    refund.refresh_from_db()
    assert (refund.status, refund.settled_by.email) == (RefundStatus.DONE, "owner@example.org")
    assert "paid out at the desk" in answer.text
    assert owner.get(page_of(refund)).context["deeds"] == []


def test_a_refund_that_goes_another_way_is_not_paid_out(owner, refund):
    Refund.objects.update(provider="scripted")

    answer = confirm_payout(owner, refund)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.PENDING
    assert "not to be paid out at the desk" in answer.text


def test_whoever_only_looks_pays_nothing_out(refund):
    accountant = staff_with("view_refund")

    assert accountant.get(page_of(refund)).context["deeds"] == []
    confirm_payout(accountant, refund)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.PENDING


@pytest.mark.parametrize(("query", "found"), [("", 1), ("?hand=desk", 1), ("?q=re_unknown", 0)])
def test_refunds_are_found_by_what_is_to_be_done(owner, refund, query, found):
    assert len(owner.get(reverse(REFUNDS) + query).context["cl"].result_list) == found


def test_what_waits_is_named_on_the_first_page(refund):
    Dispute.objects.create(payment=refund.payment, reference="dp_1", amount=Decimal(170))
    user = UserFactory(is_staff=True, is_superuser=True)

    said = [thing.text for thing in next_things(user)]

    assert said == ["1 payment is disputed", "1 refund is to be paid out at the desk", "Add another session"]


def test_disputed_orders_are_marked(owner, refund):
    dispute = Dispute.objects.create(payment=refund.payment, reference="dp_1", amount=Decimal(170))
    order = Order.objects.get()

    found = owner.get(reverse("admin:shop_order_changelist") + "?hand=disputed")

    assert list(found.context["cl"].result_list) == [order]
    assert page_of(dispute) in owner.get(page_of(order)).text
    assert order.code in owner.get(page_of(dispute)).text
