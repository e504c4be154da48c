"""Staff changes an order after the sale: cancels places, refunds, moves, renames; each shown before it happens."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from core.mail import send_due_mails
from core.models import Mail
from shop.enums import OrderStatus
from shop.models import Dispute, Order, OrderLine, Refund, Session
from shop.services import changes, orders
from shop.services.integrity import problems
from shop.tests.factories import SessionFactory, order_for, paid_order_for
from shop.tests.staff import page_of, staff_with
from shop.tests.test_cart import taken

pytestmark = pytest.mark.django_db

PRICE = Decimal("85.00")
CHF = "CHF\N{NO-BREAK SPACE}"


@pytest.fixture
def session() -> Session:
    """In five days: half of the price had been agreed as the fee."""
    return SessionFactory(base_price=PRICE, starts_at=timezone.now() + timedelta(days=5))


@pytest.fixture
def order(session) -> Order:
    return paid_order_for((session, 2))


def address(order: Order, name: str) -> str:
    return page_of(order).replace("change/", f"{name}/")


def ways(client: Client, order: Order) -> list[str]:
    found = client.get(page_of(order)).context["ways"]
    return [way["url"].rstrip("/").rpartition("/")[2] for way in found]


def test_the_page_of_an_order_leads_where_it_makes_sense(owner, order, session):
    unpaid = order_for((session, 1), email="b@example.org")

    assert ways(owner, order) == ["move", "names", "refund", "give-up", order.token]
    assert ways(owner, unpaid) == ["names", unpaid.token]
    orders.cancel(order)
    assert ways(owner, order) == ["refund", order.token]


def test_nobody_gets_there_without_the_right_to_refund(order):
    clerk, accountant = staff_with("change_order"), staff_with("view_order", "view_refund")

    assert ways(clerk, order) == ["names"]
    assert ways(accountant, order) == []
    for name in ("give-up", "refund", "move"):
        for client in (clerk, accountant):
            assert client.get(address(order, name)).status_code == 403
            assert client.post(address(order, name), {"confirmed": "yes"}).status_code == 403
    assert accountant.get(address(order, "names")).status_code == 403


# Cancelling places


def test_what_was_agreed_is_shown_and_kept_unless_staff_writes_another_fee(owner, order, session):
    page = owner.get(address(order, "give-up"))
    assert f"{CHF}42.50" in page.text
    assert 'value="42.50"' in page.text
    wanted = {"place_1": "on", "fee_1": "10", "fee_2": "42.50", "note": "A cold"}

    review = owner.post(address(order, "give-up"), wanted)
    assert f"Yes, cancel and refund {CHF}75" in review.text
    assert taken(session) == 2
    answer = owner.post(address(order, "give-up"), wanted | {"confirmed": "yes"}, follow=True)
    again = owner.post(address(order, "give-up"), wanted | {"confirmed": "yes"}, follow=True)

    line = OrderLine.objects.get(position=1)
    assert f"1 place is cancelled. {CHF}75 is to be paid out at the desk." in answer.text
    assert "place is cancelled" not in again.text
    assert (line.fee, taken(session), Refund.objects.get().amount) == (Decimal(10), 1, Decimal(75))
    assert order.history.filter(note="A cold").exists()
    assert Mail.objects.filter(kind="places_given_up").count() == 1
    assert problems() == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"fee_1": "0", "fee_2": "0"},
        {"place_1": "on", "fee_1": "85.01", "fee_2": "0"},
        {"place_1": "on", "fee_1": "-1", "fee_2": "0"},
        {"place_1": "on", "fee_1": "", "fee_2": "0"},
        {"place_1": "on", "fee_1": "0", "fee_2": "0", "way": "by pigeon"},
    ],
)
def test_what_cannot_be_is_refused_before_anything_happens(wanted, owner, order):
    answer = owner.post(address(order, "give-up"), wanted | {"confirmed": "yes"})

    assert (answer.status_code, order.lines.kept().count()) == (422, 2)


def test_all_places_without_a_fee_end_the_order(owner, order):
    wanted = {"place_1": "on", "fee_1": "0", "place_2": "on", "fee_2": "0", "confirmed": "yes"}

    owner.post(address(order, "give-up"), wanted)

    order.refresh_from_db()
    assert (order.status, Refund.objects.get().amount) == (OrderStatus.CANCELLED, 2 * PRICE)
    assert owner.get(address(order, "give-up")).status_code == 404


def test_a_dispute_stops_refunds_here_too(owner, order):
    Dispute.objects.create(payment=order.payments.get(), reference="dp_1", amount=2 * PRICE)
    wanted = {"place_1": "on", "fee_1": "0", "fee_2": "0", "confirmed": "yes"}

    answer = owner.post(address(order, "give-up"), wanted, follow=True)

    assert "The bank has asked for this payment back" in answer.text
    assert order.lines.kept().count() == 2


# Refunding


def refund_data(client: Client, order: Order, **amounts: str) -> dict:
    form = client.get(address(order, "refund")).context["form"]
    nonce = str(form["nonce"].value())
    return {"nonce": nonce, "reason": "The heating was off", **amounts}


def test_any_amount_goes_back_by_place_and_a_second_click_does_nothing(owner, order, mailoutbox):
    wanted = refund_data(owner, order, amount_1="20", amount_2="5.50")

    review = owner.post(address(order, "refund"), wanted)
    assert f"Yes, refund {CHF}25.50" in review.text
    assert "taken off the price" in review.text
    assert not Refund.objects.exists()
    for _click in range(2):
        owner.post(address(order, "refund"), wanted | {"confirmed": "yes"})
    send_due_mails()

    refund = Refund.objects.get()
    assert (refund.amount, refund.shares.count(), refund.requested_by.email) == (
        Decimal("25.50"),
        2,
        "owner@example.org",
    )
    letter = next(mail for mail in mailoutbox if "You get back" in mail.subject)
    assert "The heating was off" in letter.body
    assert order.lines.kept().count() == 2
    assert problems() == []


def test_what_is_owed_is_proposed(owner, order):
    line = order.lines.first()
    changes.cancel_lines(order, [line], fees={line.pk: Decimal(5)})

    page = owner.get(address(order, "refund"))

    assert [str(field.value()) for _money, field in page.context["form"].rows()] == ["80.00", "0"]


@pytest.mark.parametrize(
    "amounts",
    [
        {"amount_1": "0", "amount_2": ""},
        {"amount_1": "85.01"},
        {"amount_1": "-1"},
        {"amount_1": "x"},
        {"amount_1": "10", "reason": ""},
        {"amount_1": "10", "nonce": "x"},
    ],
)
def test_a_refund_that_cannot_be_is_refused(amounts, owner, order):
    wanted = refund_data(owner, order) | amounts | {"confirmed": "yes"}

    assert owner.post(address(order, "refund"), wanted).status_code == 422
    assert not Refund.objects.exists()


def test_no_more_goes_back_than_is_still_here(owner, order):
    Dispute.objects.create(payment=order.payments.get(), reference="dp_1", amount=Decimal(100), status="lost")

    answer = owner.post(address(order, "refund"), refund_data(owner, order, amount_1="80"))

    assert answer.status_code == 422
    assert "still here" in answer.text


# Moving


def test_places_move_to_a_hidden_date_at_the_price_that_was_paid(owner, order, session):
    hidden = SessionFactory(
        project=session.project,
        base_price=Decimal(120),
        is_published=False,
        starts_at=timezone.now() + timedelta(days=30),
    )
    other = SessionFactory(starts_at=timezone.now() + timedelta(days=30))
    page = owner.get(address(order, "move")).text
    assert f'value="{hidden.pk}"' in page
    assert f'value="{other.pk}"' not in page
    wanted = {"place_1": "on", "to": hidden.pk, "keeps_price": "on", "note": "Asked by telephone"}

    review = owner.post(address(order, "move"), wanted)
    assert "Yes, move" in review.text
    answer = owner.post(address(order, "move"), wanted | {"confirmed": "yes"}, follow=True)

    assert "1 place has moved. Nothing goes back." in answer.text
    assert (taken(session), taken(hidden)) == (1, 1)
    assert Mail.objects.get(kind="places_moved").to == order.email
    assert problems() == []


def test_a_dearer_date_is_refused_unless_the_price_is_kept(owner, order, session):
    dearer = SessionFactory(
        project=session.project, base_price=Decimal(120), starts_at=timezone.now() + timedelta(days=30)
    )
    wanted = {"place_1": "on", "to": dearer.pk, "confirmed": "yes"}

    answer = owner.post(address(order, "move"), wanted, follow=True)

    assert f"costs {CHF}35 more" in answer.text
    assert taken(dearer) == 0


def test_a_cheaper_date_gives_the_difference_back(owner, order, session):
    cheaper = SessionFactory(
        project=session.project, base_price=Decimal(60), starts_at=timezone.now() + timedelta(days=30)
    )

    owner.post(address(order, "move"), {"place_2": "on", "to": cheaper.pk, "confirmed": "yes"})

    assert Refund.objects.get().amount == Decimal(25)
    assert problems() == []


# Renaming


def test_names_are_changed(owner, order):
    page = owner.get(address(order, "names")).text
    assert 'value="Keller 0"' in page
    names = {"first_1": "Jon", "last_1": "Bär", "first_2": "Ana", "last_2": "Keller 1"}

    assert owner.post(address(order, "names"), names | {"first_1": ""}).status_code == 422
    owner.post(address(order, "names"), names)

    assert [line.attendee_name for line in OrderLine.objects.order_by("position")] == [
        "Jon Bär",
        "Ana Keller 1",
    ]
    assert order.history.get(note="Another name").actor.email == "owner@example.org"
