"""The mails about orders: what they say, on whose clock, with what attached, and when they are sent."""

from datetime import timedelta
from decimal import Decimal

import icalendar
import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from core.mail import Letter
from core.models import Mail
from shop import mails
from shop.enums import PaymentStatus
from shop.models import Order, Payment, Session
from shop.services import orders, payments
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    cart_with,
    order_for,
    paid_order_for,
    purchase_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    start = timezone.now().replace(hour=16, minute=30, second=0, microsecond=0) + timedelta(days=30)
    return SessionFactory(
        project__title="Jam & Jelly",
        time_zone="America/New_York",
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        place_name="",
        place_address="",
        online_url="https://meet.example.org/jam?room=1&key=2",
    )


def both(letter: Letter) -> tuple[str, str]:
    """The plain text, and the text of the pretty version as it was written in HTML."""
    return letter.text, letter.html


def test_the_confirmation_tells_everything_in_both_versions(session):
    cart = cart_with((session, 2), coupon=CouponFactory(code="SPRING26"))
    order = orders.place_order(cart, purchase_for(cart))
    payments.mark_paid_at_desk(order, actor=None)

    letter = mails.order_paid(order.pk)

    assert letter.subject == f"Your booking is confirmed ({order.code})"
    clock = f"{session.local_start:%H:%M} – {session.local_end:%H:%M} (New York time)"
    for version in both(letter):
        for words in (
            clock,
            "Ana Keller 0",
            "Ana Keller 1",
            "Coupon SPRING26",
            "CHF\N{NO-BREAK SPACE}153",
            "8.1\N{NO-BREAK SPACE}% VAT",
            "Paid: Pay at the desk",
            f"http://127.0.0.1:8081{order.get_absolute_url()}",
        ):
            assert words in version
    assert "Jam & Jelly" in letter.text
    assert "https://meet.example.org/jam?room=1&key=2" in letter.text
    assert "Jam &amp; Jelly" in letter.html
    assert "<" not in letter.text
    assert "\n\n\n" not in letter.text.strip()


def test_the_sessions_are_attached_for_the_calendar(session):
    order = paid_order_for((session, 1))

    files = {file.name: file for file in mails.order_paid(order.pk).attachments}

    attachment = files[f"{order.code}.ics"]
    assert attachment.content_type == "text/calendar; charset=utf-8"
    [event] = icalendar.Calendar.from_ical(attachment.content).walk("VEVENT")
    assert event.start == session.starts_at
    assert event["LOCATION"] == "https://meet.example.org/jam?room=1&key=2"


def test_the_confirmation_leads_to_where_the_booking_is_changed_as_long_as_that_is_possible(session):
    soon = SessionFactory(starts_at=timezone.now() + timedelta(hours=20))
    order, late = paid_order_for((session, 1)), paid_order_for((soon, 1), email="b@example.org")

    for version in both(mails.order_paid(order.pk)):
        assert "Cancel, move or change names" in version
        assert f"{order.get_absolute_url()}#changes" in version
        assert "write to" not in version
    assert f"write to hello@example.org and name the order {late.code}" in mails.order_paid(late.pk).text


def test_what_cost_nothing_speaks_of_no_payment():
    order = order_for((SessionFactory(base_price=0), 1))

    assert "Paid" not in mails.order_paid(order.pk).text


def test_names_are_written_as_they_are():
    order = paid_order_for((SessionFactory(), 1))
    Order.objects.update(billing_name="Seán O’Neill & <b>Söhne</b>")

    letter = mails.order_paid(order.pk)

    assert "Hello Seán O’Neill & <b>Söhne</b>," in letter.text
    assert "Seán O’Neill &amp; &lt;b&gt;Söhne&lt;/b&gt;" in letter.html


def test_a_reservation_says_how_much_where_and_until_when(session, settings):
    order = order_for((session, 1))
    payments.start(order.payments.get())

    letter = mails.order_reserved(order.pk)

    until = timezone.localtime(order.payments.get().expires_at)
    assert letter.subject == f"Your places are reserved ({order.code})"
    for version in both(letter):
        assert "CHF\N{NO-BREAK SPACE}85" in version
        assert f"{until:%H:%M} (Zurich time)" in version
        assert settings.SHOP_STUDIO_ADDRESS in version
        assert order.get_absolute_url() in version
        assert "meet.example.org" not in version
    assert letter.attachments == []


@pytest.mark.parametrize(
    ("is_paid", "words"),
    [
        (False, "arrived when its places could no longer be had"),
        (True, "was paid already when another"),
    ],
)
def test_money_that_goes_back_is_announced(session, is_paid, words):
    order = paid_order_for((session, 1)) if is_paid else order_for((session, 1))
    payment = order.payments.get()
    Payment.objects.update(received_amount=Decimal(85), received_currency="CHF")

    letter = mails.payment_returned(payment.pk)

    assert letter.subject == f"Your money goes back ({order.code})"
    for version in both(letter):
        assert words in version
        assert "CHF\N{NO-BREAK SPACE}85" in version


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("mismatch", "is not what was asked"),
        ("returned", "too late for a place"),
        ("refund-12-failed", "A refund failed."),
        ("something-new", "something-new"),
    ],
)
def test_the_studio_hears_of_money_that_needs_a_look(session, kind, words):
    order = order_for((session, 1))
    Payment.objects.update(received_amount=Decimal(1), received_currency="EUR")

    letter = mails.payment_alarm(order.payments.get().pk, kind)

    assert letter.subject == f"Money to look at: order {order.code}"
    for version in both(letter):
        assert words in version
        assert "EUR\N{NO-BREAK SPACE}1" in version
        assert reverse("admin:shop_order_change", args=[order.pk]) in version
        assert order.token not in version  # the buyer's link is the buyer's


@pytest.mark.django_db(transaction=True)
def test_exactly_one_confirmation_is_sent_and_not_before_the_money_is_there(session, provider):
    order = order_for((session, 1), provider="scripted")
    payment = order.payments.get()
    payments.start(payment)
    assert mail.outbox == []
    provider.say(payment, PaymentStatus.PAID)

    for _notification in range(3):
        payments.look_at(payment.pk)

    [sent] = mail.outbox
    assert sent.to == ["ana@example.org"]
    assert sent.subject == f"Your booking is confirmed ({order.code})"
    assert f"{order.code}.ics" in [name for name, _content, _type in sent.attachments]
    assert [kind for _html, kind in sent.alternatives] == ["text/html"]


@pytest.mark.django_db(transaction=True)
def test_a_reservation_for_the_desk_is_sent_once_and_the_confirmation_once_it_is_paid(session):
    order = order_for((session, 1))
    payment = order.payments.get()

    for _time in range(2):
        payments.start(Payment.objects.get(pk=payment.pk))
    payments.mark_paid_at_desk(order, actor=None)

    assert [sent.subject.split(" (")[0] for sent in mail.outbox] == [
        "Your places are reserved",
        "Your booking is confirmed",
    ]


def test_what_is_paid_on_the_spot_is_confirmed_without_a_reservation(session, provider):
    order = order_for((session, 1), provider="scripted")

    payments.mark_paid_at_desk(order, actor=None)

    assert [mail.kind for mail in Mail.objects.all()] == ["order_paid"]
