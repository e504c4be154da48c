"""Staff finds orders, sees all that happened to them, and moves them by actions that say how it went."""

import pytest
from django.contrib import messages
from django.urls import reverse

from core.mail import deliver
from core.models import Mail
from shop.enums import OrderStatus, PaymentStatus
from shop.exceptions import ProviderUnavailable
from shop.models import Order, Payment, Refund, Session
from shop.services import changes, orders, payments, refunds
from shop.tests.factories import (
    SessionFactory,
    UserFactory,
    order_for,
    paid_order_for,
)
from shop.tests.staff import act, confirm, page_of, staff_with

pytestmark = pytest.mark.django_db
ORDERS = "admin:shop_order_changelist"


@pytest.fixture
def session() -> Session:
    return SessionFactory(capacity=12)


# Seeing


def test_an_orders_page_shows_lines_payments_refunds_and_history(owner, session):
    order = paid_order_for((session, 2))
    orders.cancel(order, actor=UserFactory(first_name="Olga", last_name="Owner"), note="Broke a leg")
    payment = order.payments.get()
    refunds.request(payment, payment.received_amount, reason="Goodwill of the house")

    page = owner.get(page_of(order)).text

    for words in (
        "Ana Keller 0",
        "Ana Keller 1",
        "170",
        "Goodwill of the house",
        "Broke a leg",
        "Olga Owner",
    ):
        assert words in page
    assert "Confirmed → Cancelled" in page
    assert order.get_absolute_url() in page


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_orders_are_neither_written_nor_deleted_by_hand(owner, session, path):
    order = order_for((session, 1))

    assert owner.get(reverse(ORDERS) + path.format(pk=order.pk)).status_code == 403


def test_nothing_of_an_order_can_be_typed(owner, session):
    order = order_for((session, 1))

    response = owner.post(page_of(order), {"status": "paid", "total": "0", "email": "me@example.org"})

    page = owner.get(page_of(order))
    assert response.status_code == 403
    assert not page.context["adminform"].form.fields
    assert not any(rows.has_change_permission for rows in page.context["inline_admin_formsets"])
    order.refresh_from_db()
    assert (order.status, order.email) == (OrderStatus.PENDING, "ana@example.org")


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        (OrderStatus.PENDING, ["mark_paid_at_desk", "cancel"]),
        (OrderStatus.PAID, ["resend_confirmation"]),
        (OrderStatus.EXPIRED, []),
        (OrderStatus.REFUNDED, []),
    ],
)
def test_an_orders_page_offers_what_makes_sense(owner, session, status, buttons):
    order = order_for((session, 1))
    Order.objects.update(status=status)

    deeds = owner.get(page_of(order)).context["deeds"]

    assert [deed["name"] for deed in deeds] == buttons


# Finding


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("{code}", 1),
        ("{plain}", 1),
        ("{spaced}", 1),
        ("{start}", 1),
        ("zoe@example.org", 1),
        ("ZOE@Example.org", 1),
        ("zoe@", 1),
        ("müller", 1),
        ("zoë mül", 1),
        ("keller", 3),  # who comes counts, too
        ("nobody", 0),
        ("AAAA-AAAA-AAAA", 0),
        ("%", 0),
    ],
)
def test_orders_are_found_by_code_address_and_name(owner, session, term, found):
    order_for((session, 1))
    order_for((session, 1), email="bob@example.org")
    zoe = order_for((session, 1), email="zoe@example.org")
    Order.objects.filter(pk=zoe.pk).update(billing_name="Zoë Müller")
    plain = zoe.code.replace("-", "").lower()
    term = term.format(
        code=zoe.code, plain=plain, spaced=f" {plain[:4]} {plain[4:8]} {plain[8:]}", start=zoe.code[:6]
    )

    page = owner.get(reverse(ORDERS), {"q": term})

    assert page.context["cl"].result_count == found


def test_the_list_can_show_what_is_to_be_paid_at_the_desk(owner, session, provider):
    desk = order_for((session, 1), email="desk@example.org")
    payments.start(desk.payments.get())
    order_for((session, 1), email="card@example.org", provider="scripted")
    payments.mark_paid_at_desk(order_for((session, 1), email="paid@example.org"), actor=None)

    page = owner.get(reverse(ORDERS), {"hand": "desk"})

    assert [order.email for order in page.context["cl"].result_list] == ["desk@example.org"]


# Paying at the desk


def test_marking_paid_asks_first(owner, session):
    order = order_for((session, 1))

    page = act(owner, "mark_paid_at_desk", order)

    assert "Has the money been received?" in page.text
    assert f"{order.code} · Ana Keller · ana@example.org · CHF\N{NO-BREAK SPACE}85" in page.text
    order.refresh_from_db()
    assert order.is_pending


def test_an_order_is_marked_paid_by_whoever_took_the_money(owner, session):
    order = order_for((session, 2))

    response = confirm(owner, "mark_paid_at_desk", order)

    order.refresh_from_db()
    payment = order.payments.get()
    assert order.is_paid
    assert (payment.status, payment.received_amount) == (PaymentStatus.PAID, order.total)
    assert "confirmed, CHF\N{NO-BREAK SPACE}170 received at the desk" in response.text
    assert Mail.objects.filter(kind="order_paid", to=order.email).count() == 1


def test_each_order_is_told_how_it_went_and_one_refusal_stops_no_other(owner, session):
    fine = order_for((session, 1))
    over = order_for((session, 1), email="bob@example.org")
    payments.cancel_unpaid(over)

    response = confirm(owner, "mark_paid_at_desk", over, fine)

    fine.refresh_from_db()
    assert fine.is_paid
    assert f"{fine.code}: confirmed" in response.text
    assert f"{over.code}: This order can no longer be paid." in response.text


def test_an_order_with_an_open_card_payment_is_not_paid_twice(owner, session, provider):
    order = order_for((session, 1), provider="scripted")
    payments.start(order.payments.get())

    confirm(owner, "mark_paid_at_desk", order)

    first, second = order.payments.order_by("attempt")
    assert (first.status, second.status) == (PaymentStatus.EXPIRED, PaymentStatus.PAID)
    assert second.provider == "desk"


def test_a_provider_that_does_not_answer_is_a_message_and_no_error_page(owner, session, provider):
    order = order_for((session, 1), provider="scripted")
    payments.start(order.payments.get())
    provider.trouble = ProviderUnavailable()

    response = confirm(owner, "mark_paid_at_desk", order)

    assert response.status_code == 200
    assert "does not answer at the moment" in response.text
    order.refresh_from_db()
    assert order.is_pending


# Cancelling


def test_cancelling_asks_first_and_says_what_it_means(owner, session):
    order = paid_order_for((session, 1))

    page = act(owner, "cancel", order)

    assert "Their places become free at once" in page.text
    order.refresh_from_db()
    assert order.is_paid


def test_a_pending_order_is_cancelled_once_nobody_can_pay_it(owner, session):
    order = order_for((session, 2))
    payments.start(order.payments.get())

    response = confirm(owner, "cancel", order)

    order.refresh_from_db()
    session.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert session.seats_taken == 0
    assert "nothing had been paid" in response.text
    assert Mail.objects.get(kind="places_given_up").to == order.email


def test_an_order_is_not_cancelled_without_its_letter(owner, session, monkeypatch):
    def fail(*arguments):
        raise ProviderUnavailable

    order = order_for((session, 2))
    monkeypatch.setattr(changes, "tell_given_up", fail)

    confirm(owner, "cancel", order)

    order.refresh_from_db()
    assert order.is_pending


def test_a_paid_order_is_cancelled_with_a_reason_refunded_and_told(owner, session):
    order = paid_order_for((session, 2))

    response = confirm(owner, "cancel", order, note="Broke a leg")

    order.refresh_from_db()
    session.refresh_from_db()
    last = order.history.last()
    assert (order.status, session.seats_taken) == (OrderStatus.CANCELLED, 0)
    assert (last.note, last.actor.email) == ("Broke a leg", "owner@example.org")
    assert "CHF\N{NO-BREAK SPACE}170 goes back" in response.text
    assert Refund.objects.get().amount == order.total
    assert Mail.objects.get(kind="places_given_up").to == order.email


def test_whoever_may_not_refund_cancels_nothing_that_is_paid(session):
    order = paid_order_for((session, 2))

    response = confirm(staff_with("change_order"), "cancel", order)

    order.refresh_from_db()
    assert (order.is_paid, "you may not refund" in response.text) == (True, True)


def test_an_order_that_was_paid_this_moment_is_not_cancelled_as_unpaid(owner, session, provider):
    order = order_for((session, 1), provider="scripted")
    payment = payments.look_at(order.payments.get().pk)
    provider.say(payment, PaymentStatus.PAID)

    response = confirm(owner, "cancel", order)

    order.refresh_from_db()
    assert order.is_paid
    assert "Your payment has just arrived" in response.text


@pytest.mark.parametrize("status", [OrderStatus.EXPIRED, OrderStatus.REFUNDED, OrderStatus.UNFULFILLABLE])
def test_an_order_that_is_over_is_not_cancelled(owner, session, status):
    order = order_for((session, 1))
    Order.objects.update(status=status)
    Payment.objects.update(status=PaymentStatus.EXPIRED)

    response = confirm(owner, "cancel", order)

    assert [message.level for message in response.context["messages"]] == [messages.ERROR]
    order.refresh_from_db()
    assert order.status == status


def test_cancelling_twice_is_harmless(owner, session):
    order = paid_order_for((session, 1))

    confirm(owner, "cancel", order)
    response = confirm(owner, "cancel", order)

    assert "was cancelled already" in response.text


# Sending the confirmation again


def test_the_confirmation_is_sent_again(owner, session, mailoutbox, django_capture_on_commit_callbacks):
    order = paid_order_for((session, 1))
    deliver(Mail.objects.get(kind="order_paid").pk)

    with django_capture_on_commit_callbacks(execute=True):
        response = act(owner, "resend_confirmation", order)

    assert [letter.to for letter in mailoutbox] == [["ana@example.org"]] * 2
    assert mailoutbox[0].extra_headers["Message-ID"] == mailoutbox[1].extra_headers["Message-ID"]
    assert "the confirmation goes to ana@example.org once more" in response.text


def test_there_is_no_confirmation_of_an_order_that_is_not_paid(owner, session):
    response = act(owner, "resend_confirmation", order_for((session, 1)))

    assert "There is no confirmation to send" in response.text
