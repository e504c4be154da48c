"""The waiting list: what becomes free goes to who waits, in order, for a while."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.mail import send_due_mails
from core.models import Mail
from shop.enums import Subject, WaitingStatus
from shop.exceptions import (
    AlreadyWaiting,
    NotBookable,
    NotOnTheList,
    OfferOver,
    PlacesLeft,
    SessionFull,
    TooManyPlaces,
)
from shop.models import AccessCode, Opened, Order, Session, Transition, WaitingEntry
from shop.services import cart as carts
from shop.services import orders, waiting
from shop.services.integrity import problems
from shop.tests.factories import (
    SessionFactory,
    UserFactory,
    cart_with,
    paid_order_for,
    purchase_for,
)
from shop.tests.queues import full_session, give_back, now, wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_adds_up():
    yield
    assert problems() == []


def mails_to(entry: WaitingEntry) -> list[str]:
    return list(Mail.objects.filter(to=entry.email).order_by("pk").values_list("kind", flat=True))


def test_whoever_joins_is_told_where_they_stand(mailoutbox):
    session = full_session()
    first, second = wait_for(session), wait_for(session, 2, email="Second@Example.org")

    assert (waiting.position_of(first), waiting.position_of(second)) == (1, 2)
    assert second.email == "second@example.org"
    send_due_mails()
    assert "number 2" in mailoutbox[-1].body
    assert second.get_absolute_url() in mailoutbox[-1].body
    session.refresh_from_db()
    assert session.seats_wanted == 3


def test_nobody_waits_for_what_can_be_booked():
    session = SessionFactory(capacity=3)
    cart_with((session, 1))

    with pytest.raises(PlacesLeft):
        wait_for(session, 2)
    assert wait_for(session, 3).is_waiting  # so many are not free


def test_one_person_waits_once_and_may_come_back():
    session = full_session()
    entry = wait_for(session, email="ana.k@example.org")

    with pytest.raises(AlreadyWaiting):
        wait_for(session, email="ANA.K@example.org")
    waiting.leave(entry)
    assert wait_for(session, email="ana.k@example.org").is_waiting


@pytest.mark.parametrize(
    "change",
    [
        {"is_published": False},
        {"sales_end_at": timezone.now() - timedelta(hours=1)},
        {"sales_start_at": timezone.now() + timedelta(hours=1)},
    ],
)
def test_the_same_rules_as_for_booking_hold_for_waiting(change):
    session = full_session()
    Session.objects.filter(pk=session.pk).update(**change)

    with pytest.raises(NotBookable):
        wait_for(session)


def test_a_hidden_session_has_a_list_for_those_with_the_code():
    session = full_session(1)
    code = AccessCode.objects.create(code="GATE2026", session=session)
    Session.objects.filter(pk=session.pk).update(needs_code=True)
    with pytest.raises(NotBookable):
        wait_for(session)
    entry = wait_for(session, opened=Opened.by([code]))

    give_back(session)
    cart = waiting.take_offer(entry, None)
    orders.place_order(cart, purchase_for(cart, email=entry.email))

    assert now(entry).status == WaitingStatus.TAKEN


def test_whose_code_has_ended_is_passed_over():
    session = full_session(1)
    code = AccessCode.objects.create(code="GATE2026", session=session)
    Session.objects.filter(pk=session.pk).update(needs_code=True)
    entry = wait_for(session, opened=Opened.by([code]))
    AccessCode.objects.update(is_active=False)

    give_back(session)

    assert now(entry).is_waiting


def test_nobody_waits_for_more_than_one_buyer_may_have():
    session = full_session(3)

    with pytest.raises(TooManyPlaces):
        wait_for(session, 1, email="ana@example.org")  # who has booked three


def test_a_freed_place_is_offered_to_the_first(mailoutbox):
    session = full_session(2)
    first, second = wait_for(session), wait_for(session)

    give_back(session)

    assert (now(first).status, now(second).status) == (WaitingStatus.OFFERED, WaitingStatus.OFFERED)
    session.refresh_from_db()
    assert (session.seats_taken, session.seats_wanted) == (2, 0)
    send_due_mails()
    assert first.get_offer_url() in [mail.body for mail in mailoutbox if mail.to == [first.email]][-1]
    assert mails_to(first) == ["waiting_joined", "waiting_offer"]


def test_a_lapsed_hold_of_a_cart_belongs_to_the_list_as_well():
    session = SessionFactory(capacity=1)
    cart_with((session, 1))
    entry = wait_for(session)

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert Session.objects.with_seats_left().get(pk=session.pk).seats_left == 0
        with pytest.raises(SessionFull):
            cart_with((session, 1))
        waiting.sweep()

    assert now(entry).is_offered


def test_others_cannot_snatch_what_is_owed_to_the_list():
    session = full_session(2)
    entry = wait_for(session, 1)
    give_back(session)

    choice = carts.begin_cart(UserFactory(), session, 2)[1]

    assert choice.granted == 1
    assert now(entry).is_offered


def test_who_wants_two_is_passed_over_while_one_is_free_and_keeps_the_position():
    session = SessionFactory(capacity=2)
    leaving, staying = paid_order_for((session, 1)), paid_order_for((session, 1), email="b@example.org")
    couple, single = wait_for(session, 2), wait_for(session, 1)

    orders.cancel(leaving)
    assert (now(couple).status, now(single).status) == (WaitingStatus.WAITING, WaitingStatus.OFFERED)
    assert waiting.position_of(couple) == 1

    waiting.leave(single)
    orders.cancel(staying)
    assert (now(couple).status, couple.offered) == (WaitingStatus.OFFERED, 2)


def test_a_place_that_nobody_on_the_list_can_use_is_for_sale():
    session = SessionFactory(capacity=2)
    leaving = paid_order_for((session, 1))
    paid_order_for((session, 1), email="b@example.org")
    couple = wait_for(session, 2)

    orders.cancel(leaving)
    cart_with((session, 1))

    assert now(couple).is_waiting


def test_who_would_also_take_fewer_is_offered_what_there_is():
    session = SessionFactory(capacity=2)
    leaving = paid_order_for((session, 1))
    paid_order_for((session, 1), email="b@example.org")
    couple = wait_for(session, 2, takes_fewer=True)

    orders.cancel(leaving)

    assert (now(couple).status, couple.offered) == (WaitingStatus.OFFERED, 1)


def test_who_has_booked_elsewhere_meanwhile_is_passed_over():
    session = full_session(3)
    greedy, other = wait_for(session, 3), wait_for(session, 3)
    Order.objects.filter(lines__session=session).update(email="x@example.org")
    more = SessionFactory(capacity=3)
    paid_order_for((more, 3), email=greedy.email)
    Order.objects.get(email=greedy.email).lines.update(session=session)
    Session.objects.filter(pk=session.pk).update(capacity=6, seats_taken=6)
    Session.objects.filter(pk=more.pk).update(seats_taken=0)

    orders.cancel(Order.objects.get(email="x@example.org"))

    assert (now(greedy).status, now(other).status) == (WaitingStatus.WAITING, WaitingStatus.OFFERED)


def test_an_offer_lapses_by_its_time_and_falls_to_the_next():
    session = full_session(1)
    first, second = wait_for(session), wait_for(session)
    give_back(session)

    with time_machine.travel(now(first).offer_until):
        with pytest.raises(OfferOver):
            waiting.take_offer(first, None)
        # Nobody has swept yet, and still the place is nobody else's.
        with pytest.raises(SessionFull):
            carts.begin_cart(UserFactory(), session, 1)
        waiting.sweep()

        assert (now(first).status, now(second).status) == (WaitingStatus.LAPSED, WaitingStatus.OFFERED)
        assert second.offer_until > timezone.now()
    assert mails_to(first) == ["waiting_joined", "waiting_offer", "waiting_lapsed"]


def test_the_last_offer_that_lapses_frees_the_place_for_everybody_swept_or_not():
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)

    with time_machine.travel(now(entry).offer_until):
        assert Session.objects.bookable().filter(pk=session.pk).exists()
        carts.begin_cart(UserFactory(), session, 1)

    assert now(entry).status == WaitingStatus.LAPSED


@pytest.mark.parametrize(
    ("until_start", "lasts"),
    [
        (timedelta(days=10), timedelta(hours=24)),
        (timedelta(hours=8), timedelta(hours=4)),  # half: the next one shall have a chance
        (timedelta(minutes=40), timedelta(minutes=30)),
        (timedelta(minutes=20), timedelta(minutes=20)),
    ],
)
def test_an_offer_is_shorter_close_to_the_session(until_start, lasts):
    at = timezone.now()
    with time_machine.travel(at, tick=False):
        session = full_session(1, starts_at=at + until_start)
        entry = wait_for(session)
        give_back(session)

        assert now(entry).offer_until - at == lasts


def test_no_offer_outlasts_the_sale():
    at = timezone.now()
    session = full_session(1, sales_end_at=at + timedelta(hours=2))
    entry = wait_for(session)
    give_back(session)

    assert now(entry).offer_until <= at + timedelta(hours=2)


def test_declining_hands_the_places_on():
    session = full_session(1)
    first, second = wait_for(session), wait_for(session)
    give_back(session)

    waiting.leave(first)
    waiting.leave(first)

    assert (now(first).status, now(second).status) == (WaitingStatus.LEFT, WaitingStatus.OFFERED)


def test_an_order_that_is_not_paid_frees_its_places_for_the_next():
    session = full_session(1)
    first, second = wait_for(session), wait_for(session)
    give_back(session)
    cart = waiting.take_offer(first, None)
    order = orders.place_order(cart, purchase_for(cart, email=first.email))

    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    order.payments.update(status="expired")
    assert orders.expire(order)

    assert (now(first).status, now(second).status) == (WaitingStatus.TAKEN, WaitingStatus.OFFERED)


def test_more_capacity_goes_to_the_list_first():
    session = full_session(1)
    entry = wait_for(session)
    Session.objects.filter(pk=session.pk).update(capacity=2)

    assert waiting.sweep() == 1
    assert now(entry).is_offered
    assert waiting.sweep() == 0


def test_staff_offers_out_of_order_when_a_place_is_free():
    session = SessionFactory(capacity=2)
    leaving = paid_order_for((session, 1))
    paid_order_for((session, 1), email="b@example.org")
    couple = wait_for(session, 2)
    orders.cancel(leaving)
    boss = UserFactory(is_staff=True)

    waiting.offer_now(couple, actor=boss)

    assert (now(couple).status, couple.offered) == (WaitingStatus.OFFERED, 1)
    assert Transition.objects.filter(subject=Subject.WAITING, subject_id=couple.pk).last().actor == boss


def test_staff_puts_somebody_first_when_nothing_is_free():
    session = full_session(1)
    first, second = wait_for(session), wait_for(session)

    waiting.offer_now(second, actor=UserFactory(is_staff=True))
    assert (waiting.position_of(now(second)), waiting.position_of(now(first))) == (1, 2)

    give_back(session)
    assert (now(first).status, now(second).status) == (WaitingStatus.WAITING, WaitingStatus.OFFERED)


def test_staff_offers_once_more_to_somebody_who_was_too_late():
    session = full_session(1)
    entry = wait_for(session)
    give_back(session)
    WaitingEntry.objects.update(offer_until=timezone.now())
    waiting.sweep()

    waiting.offer_now(entry, actor=UserFactory(is_staff=True))

    assert now(entry).is_offered
    assert mails_to(entry).count("waiting_offer") == 2


def test_staff_removes_somebody_once():
    session = full_session(1)
    entry = wait_for(session)
    boss = UserFactory(is_staff=True)

    waiting.remove(entry, actor=boss)

    assert now(entry).status == WaitingStatus.REMOVED
    with pytest.raises(NotOnTheList):
        waiting.remove(entry, actor=boss)
    with pytest.raises(NotOnTheList):
        waiting.offer_now(entry, actor=boss)


def test_the_list_of_a_session_that_has_begun_is_closed():
    session = full_session(1)
    first, second = wait_for(session), wait_for(session)
    give_back(session)

    with time_machine.travel(session.starts_at + timedelta(minutes=1)):
        waiting.sweep()

    assert {now(first).status, now(second).status} == {WaitingStatus.LAPSED, WaitingStatus.OVER}
    session.refresh_from_db()
    assert (session.seats_taken, session.seats_wanted) == (0, 0)


def test_a_deleted_account_leaves_all_lists_and_their_places_to_others(client):
    from accounts.services import delete_account

    session = full_session(1)
    user = UserFactory(email="leaving@example.org")
    own, next_one = wait_for(session, email=user.email, user=user), wait_for(session)
    give_back(session)

    delete_account(user)

    assert (now(own).status, own.email, own.name) == (WaitingStatus.LEFT, waiting.FORGOTTEN, "")
    assert now(next_one).is_offered
    assert not Mail.objects.filter(to="leaving@example.org").exists()
