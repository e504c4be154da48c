"""Races about all people of one session, on a real PostgreSQL: cancelling, letters, reminders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Mail
from shop.models import Cart, Order, Refund, Session, SessionLetter
from shop.querysets import OrderQuerySet, SessionQuerySet
from shop.services import cancelling, history, letters, orders, reminders
from shop.services import cart as carts
from shop.services.integrity import problems
from shop.tests.factories import SessionFactory, cart_with, paid_order_for, purchase_for
from shop.tests.test_concurrency import meeting
from tests.support.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def without_lock(monkeypatch):
    """Sessions and orders are read without locking them."""
    for rows in (SessionQuerySet, OrderQuerySet):
        monkeypatch.setattr(rows, "select_for_update", lambda self, **options: self.all())


@pytest.fixture
def decided(monkeypatch):
    """Sessions are cancelled, and nobody is at work yet."""
    monkeypatch.setattr(cancelling, "enqueue", lambda *arguments: None)


def booked_by(number: int, **fields) -> Session:
    session = SessionFactory(capacity=40, **fields)
    for one in range(number):
        order = paid_order_for((session, 2), email=f"{one}@example.org")
        Order.objects.filter(pk=order.pk).update(paid_at=timezone.now() - timedelta(days=3))
    return session


def letters_of(kind: str) -> list[str]:
    return sorted(Mail.objects.filter(kind=kind).values_list("to", flat=True))


def test_many_workers_cancel_a_session_as_one_does(decided):
    session = booked_by(4)
    cancellation = cancelling.begin(session)

    ended = at_once([lambda: cancelling.work(cancellation.pk)] * 5)

    assert ended == {"ok": 5}
    assert Refund.objects.count() == 4
    assert sum(Refund.objects.values_list("amount", flat=True)) == 8 * session.base_price
    assert letters_of("session_cancelled") == [f"{number}@example.org" for number in range(4)]
    assert problems() == []


@pytest.fixture
def both_look_first(monkeypatch):
    """Two workers have looked at an order before either of them gives up anything of it."""
    tell, meet = history.tell, meeting(2)

    def after_both_looked(*arguments, **more):
        meet()
        tell(*arguments, **more)

    monkeypatch.setattr(history, "tell", after_both_looked)


def test_without_locks_only_a_constraint_keeps_two_workers_from_the_same_places(
    decided, without_lock, both_look_first
):
    """The second worker has given the places up, too, until the counter would fall below zero: not politely."""
    cancellation = cancelling.begin(booked_by(1))

    ended = at_once([lambda: cancelling.work(cancellation.pk)] * 2)

    assert ended == {"ok": 1, "IntegrityError": 1}


def test_nobody_slips_into_a_session_while_it_is_cancelled(decided):
    session = booked_by(2)
    visitors = [cart_with((session, 1)) for _visitor in range(5)]
    buying = [(cart, purchase_for(cart, email=f"late{cart.pk}@example.org")) for cart in visitors]
    newcomers = [Cart.objects.create() for _visitor in range(4)]

    ended = at_once(
        [lambda pair=pair: orders.place_order(*pair) for pair in buying]
        + [lambda: cancelling.begin(session)]
        + [lambda cart=cart: carts.add_places(cart, session, 1) for cart in newcomers]
    )
    cancelling.resume()

    assert set(ended) <= {"ok", "NotBookable", "CartEmpty"}
    session.refresh_from_db()
    assert session.is_cancelled
    assert (session.seats_taken, session.order_lines.places().count()) == (0, 0)
    assert not session.cart_lines.filter(is_held=True).exists()
    assert problems() == []


def test_two_clicks_write_one_letter():
    session = booked_by(3)

    ended = at_once(
        [lambda: letters.write_to_all(session, subject="Boots", text="Bring some.", nonce="the-form")] * 5
        + [lambda: [letters.post(letter.pk) for letter in SessionLetter.objects.all()]] * 2
    )
    for letter in SessionLetter.objects.all():
        letters.post(letter.pk)

    assert ended == {"ok": 7}
    assert SessionLetter.objects.count() == 1
    assert letters_of("session_words") == ["0@example.org", "1@example.org", "2@example.org"]


def test_a_change_is_announced_once_by_two_colleagues():
    session = booked_by(2)
    session.place_name = "Garden house"
    session.save()

    ended = at_once([lambda: letters.announce_change(session)] * 4)

    assert ended == {"ok": 1, "NobodyToTell": 3}
    assert letters_of("session_change") == ["0@example.org", "1@example.org"]


def test_many_workers_remind_and_thank_once():
    booked_by(3, starts_at=timezone.now() + timedelta(days=1))
    over = booked_by(3, starts_at=timezone.now() + timedelta(days=1))
    Session.objects.filter(pk=over.pk).update(
        starts_at=timezone.now() - timedelta(days=2, hours=3), ends_at=timezone.now() - timedelta(days=2)
    )

    ended = at_once([reminders.send_reminders] * 3 + [reminders.send_thanks] * 3)

    everybody = ["0@example.org", "1@example.org", "2@example.org"]
    assert ended == {"ok": 6}
    assert letters_of("session_reminder") == everybody
    assert letters_of("session_thanks") == everybody
