"""The payment service's statement beside the books: calm when they agree, loud when not."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from shop.enums import MovementKind
from shop.models import Order, Payment, ProviderMovement, ProviderStatement
from shop.tests.factories import SessionFactory, UserFactory, paid_order_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def accountant(client) -> Client:
    user = UserFactory()
    roles.give(user, Role.ACCOUNTANT)
    client.force_login(User.objects.get(pk=user.pk))
    return client


def sale(number: int = 1) -> Order:
    order = paid_order_for((SessionFactory(base_price=Decimal(108)), 1), provider="stripe")
    Payment.objects.filter(order=order).update(charge_reference=f"pi_{number}")
    return order


def told(about: str, amount=Decimal(108), kind=MovementKind.PAYMENT, fee=Decimal("3.43")) -> None:
    ProviderMovement.objects.create(
        provider="stripe",
        reference=f"txn_{about}",
        kind=kind,
        about=about,
        charge_reference=about,
        amount=amount,
        fee=fee,
        currency="CHF",
        buyer_amount=amount,
        buyer_currency="CHF",
        booked_at=timezone.now(),
    )
    ProviderStatement.objects.update_or_create(
        provider="stripe", defaults={"fetched_until": timezone.now() + timedelta(hours=1)}
    )


def page(client: Client) -> str:
    return client.get("/studio/reports/statement/").content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_before_anything_was_fetched_it_says_so(accountant):
    assert "Nothing has been fetched yet." in page(accountant)


def test_when_all_agrees_it_says_so_and_what_it_cost(accountant):
    sale()
    told("pi_1")
    told("po_1", Decimal("-104.57"), MovementKind.PAYOUT, Decimal(0))

    shown = page(accountant)

    assert "The statement and the books agree." in shown
    assert "1 payment, refund or dispute was compared." in shown
    for words in ("−3.43", "−104.57", "Agrees: 1"):
        assert words in shown, words
    assert "CHF −3.43" in accountant.get("/studio/reports/").content.decode().replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_what_differs_stands_there_with_both_amounts_and_the_order(accountant):
    order = sale()
    told("pi_1", Decimal(100))

    shown = page(accountant)

    assert "1 thing differs." in shown
    assert "Amounts differ" in shown
    assert "CHF 108" in shown
    assert "CHF 100" in shown
    assert f"/shop/order/?q={order.code}" in shown


def test_the_file_lists_what_agrees_as_well(accountant):
    order = sale()
    told("pi_1")

    rows = accountant.get("/studio/reports/statement.csv").getvalue().decode().splitlines()

    assert rows[1].split(",")[1:] == [
        "agrees", "payment", "stripe", "pi_1", order.code, "108.00", "108.00", "CHF",
    ]  # fmt: skip


def test_an_old_statement_is_noticed_and_can_be_fetched(accountant, django_capture_on_commit_callbacks):
    told("pi_1")
    ProviderStatement.objects.update(fetched_until=timezone.now() - timedelta(days=2))
    assert "may our key read the balance?" in page(accountant)

    with django_capture_on_commit_callbacks() as queued:
        answer = accountant.post("/studio/reports/statement/fetch/", follow=True)

    assert "is being fetched" in answer.content.decode()
    assert len(queued) == 1


def test_the_page_costs_the_same_for_few_and_many(accountant, django_assert_num_queries):
    for number in range(4):
        sale(number)
        told(f"pi_{number}", Decimal(1))

    # Who it is and what they may: 4, the cart: 1, how far it is: 1; counts, differences: 3 each; the account: 2.
    with django_assert_num_queries(14):
        page(accountant)
