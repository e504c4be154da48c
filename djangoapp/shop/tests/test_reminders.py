"""Reminders before and thanks after: due by the session's clock, worded when sent, never twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from core.mail import send_due_mails
from core.models import Mail, MailStatus
from core.wallclock import instant_of
from shop import presence
from shop.models import Session
from shop.services import cancelling, orders, reminders
from shop.session_mails import day_in_words
from shop.tests.factories import SessionFactory, order_for, paid_order_for

pytestmark = pytest.mark.django_db
clock = datetime.fromisoformat  # a time as the clock of some place shows it
ZURICH, LISBON = ZoneInfo("Europe/Zurich"), ZoneInfo("Europe/Lisbon")
BOOKED_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def session_at(local: datetime, zone: ZoneInfo = ZURICH, hours: int = 3, **fields) -> Session:
    starts_at = instant_of(local, zone)
    ends_at = starts_at + timedelta(hours=hours)
    return SessionFactory(starts_at=starts_at, ends_at=ends_at, time_zone=zone.key, **fields)


def booked(session: Session, email: str = "ana@example.org", places: int = 1):
    with time_machine.travel(BOOKED_AT):
        return paid_order_for((session, places), email=email)


def at(local: datetime, zone: ZoneInfo = ZURICH):
    return time_machine.travel(instant_of(local, zone), tick=False)


def reminded() -> list[str]:
    return list(Mail.objects.filter(kind="session_reminder").order_by("pk").values_list("to", flat=True))


@pytest.mark.parametrize(
    ("start", "zone"),
    [
        (clock("2026-05-09 10:00"), ZURICH),
        (clock("2026-03-29 10:00"), ZURICH),  # the clocks go forward in the night before
        (clock("2026-10-25 10:00"), ZURICH),  # and back
        (clock("2026-03-30 18:00"), LISBON),
        (clock("2026-10-26 18:00"), LISBON),
    ],
)
def test_it_is_due_two_days_before_at_the_same_hour_of_the_sessions_clock(start, zone):
    session = session_at(start, zone)
    booked(session)
    due = start - timedelta(days=2)

    with at(due - timedelta(minutes=1), zone):
        assert reminders.send_reminders() == 0
    with at(due, zone):
        assert reminders.send_reminders() == 1
        assert reminders.send_reminders() == 0
    assert reminded() == ["ana@example.org"]


def test_an_hour_that_the_clocks_skip_two_days_before_is_no_obstacle():
    session = session_at(clock("2026-03-31 02:30"))  # on the 29th there is no half past two

    assert reminders.reminder_due_at(session) == session.starts_at - timedelta(days=2)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (clock("2026-03-27 10:00"), "on Sunday"),
        (clock("2026-03-28 23:59"), "tomorrow"),
        (clock("2026-03-29 00:01"), "today"),
    ],
)
def test_the_day_is_worded_when_the_letter_is_sent(sent, says, mailoutbox):
    """The mail server was away for a while, over the night on which the clocks change."""
    session = session_at(clock("2026-03-29 10:00"))
    booked(session)
    with at(clock("2026-03-27 10:00")):
        reminders.send_reminders()
    Mail.objects.exclude(kind="session_reminder").delete()

    with at(sent):
        Mail.objects.update(next_attempt_at=timezone.now())
        send_due_mails()

    assert mailoutbox[-1].subject.endswith(says)


@pytest.mark.parametrize(
    ("now", "start", "says"),
    [
        (clock("2026-10-24 23:30"), clock("2026-10-25 02:30"), "tomorrow"),
        (clock("2026-10-25 01:00"), clock("2026-10-25 23:00"), "today"),
        (clock("2026-10-20 12:00"), clock("2026-10-26 08:00"), "on Monday"),
        (clock("2026-10-20 12:00"), clock("2026-10-28 08:00"), "on Wednesday 28 October"),
    ],
)
def test_days_are_those_of_the_calendar_and_not_of_24_hours(now, start, says):
    assert day_in_words(start.replace(tzinfo=ZURICH), now.replace(tzinfo=ZURICH)) == says


def test_the_day_is_that_of_the_sessions_place(mailoutbox):
    """Half past eleven at night in Lisbon is the next day in Zurich."""
    session = session_at(clock("2026-06-20 10:00"), LISBON)
    booked(session)
    Mail.objects.all().delete()
    with at(clock("2026-06-18 23:30"), LISBON):
        reminders.send_reminders()
        send_due_mails()

    assert mailoutbox[-1].subject.endswith("on Saturday")


def test_one_letter_to_an_address_that_ordered_twice(mailoutbox):
    session = session_at(clock("2026-05-09 10:00"))
    booked(session)
    booked(session, places=2)
    Mail.objects.all().delete()

    with at(clock("2026-05-07 12:00")):
        reminders.send_reminders()
        send_due_mails()

    assert reminded() == ["ana@example.org"]
    assert mailoutbox[-1].body.count("- Ana Keller") == 3


def test_who_gave_up_or_has_not_paid_is_not_reminded():
    session = session_at(clock("2026-05-09 10:00"))
    orders.cancel(booked(session, "gone@example.org"))
    with time_machine.travel(BOOKED_AT):
        order_for((session, 1), email="owing@example.org")
    booked(session, "coming@example.org")

    with at(clock("2026-05-07 12:00")):
        reminders.send_reminders()

    assert reminded() == ["coming@example.org"]


def test_who_has_just_booked_once_more_is_reminded_of_all():
    session = session_at(clock("2026-05-20T18:00"))
    booked(session)
    with at(clock("2026-05-18T15:00")):
        paid_order_for((session, 1), email="ana@example.org")

    with at(clock("2026-05-18T18:01")):
        assert reminders.send_reminders() == 1

    assert Mail.objects.filter(kind="session_reminder").count() == 1


def test_who_has_just_booked_has_the_confirmation():
    session = session_at(clock("2026-05-09 10:00"))
    with at(clock("2026-05-07 09:00")):
        paid_order_for((session, 1), email="late@example.org")
    with at(clock("2026-05-07 10:00")):
        reminders.send_reminders()

    assert reminded() == []


def test_a_session_moved_to_another_day_reminds_anew_and_drops_what_is_overtaken():
    session = session_at(clock("2026-05-09 10:00"))
    booked(session)
    with at(clock("2026-05-07 10:00")):
        reminders.send_reminders()
    session = Session.objects.get(pk=session.pk)
    session.starts_at += timedelta(days=7)
    session.ends_at += timedelta(days=7)
    session.save()

    with at(clock("2026-05-07 11:00")):
        Mail.objects.update(next_attempt_at=timezone.now())
        send_due_mails()
        assert Mail.objects.get(kind="session_reminder").status == MailStatus.DROPPED
        assert reminders.send_reminders() == 0
    with at(clock("2026-05-14 10:00")):
        assert reminders.send_reminders() == 1
    assert reminded() == ["ana@example.org"] * 2


def test_a_session_moved_by_an_hour_does_not_remind_twice():
    session = session_at(clock("2026-05-09 10:00"))
    booked(session)
    with at(clock("2026-05-07 10:00")):
        reminders.send_reminders()
    session = Session.objects.get(pk=session.pk)
    session.ends_at += timedelta(hours=1)
    session.starts_at += timedelta(hours=1)
    session.save()

    with at(clock("2026-05-07 12:00")):
        reminders.send_reminders()

    assert reminded() == ["ana@example.org"]


def test_a_reminder_of_what_does_not_take_place_is_dropped():
    session = session_at(clock("2026-05-09 10:00"))
    booked(session)
    with at(clock("2026-05-07 10:00")):
        reminders.send_reminders()
        cancelling.work(cancelling.begin(session).pk)
        send_due_mails()

    mail = Mail.objects.get(kind="session_reminder")
    assert (mail.status, mail.attempts) == (MailStatus.DROPPED, 1)


def test_reminders_can_be_switched_off(settings):
    settings.SHOP_REMIND_DAYS = 0
    session = session_at(clock("2026-05-09 10:00"))
    booked(session)

    with at(clock("2026-05-09 09:00")):
        assert reminders.send_reminders() == 0


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (clock("2026-05-09 10:00"), clock("2026-05-10 10:00")),
        (
            clock("2026-03-28 22:00"),
            clock("2026-03-30 10:00"),
        ),  # it ends after midnight, as the clocks go forward
        (clock("2026-10-24 22:00"), clock("2026-10-26 10:00")),
    ],
)
def test_thanks_come_on_the_morning_after(start, due, mailoutbox):
    session = session_at(start, hours=3)
    booked(session)
    Mail.objects.all().delete()

    with at(due - timedelta(minutes=1)):
        assert reminders.send_thanks() == 0
    with at(due):
        assert reminders.send_thanks() == 1
        assert reminders.send_thanks() == 0
        send_due_mails()
    assert mailoutbox[-1].subject.startswith("Thank you")


def test_thanks_ask_for_nothing_and_lead_to_the_next_dates(mailoutbox):
    session = session_at(clock("2026-05-09 10:00"))
    upcoming = session_at(clock("2026-06-09 10:00"), project=session.project)
    booked(session)
    Mail.objects.all().delete()
    with at(clock("2026-05-10 10:00")):
        reminders.send_thanks()
        send_due_mails()

    letter = mailoutbox[-1]
    assert upcoming.get_absolute_url() in letter.body
    assert "?" not in letter.body.partition("-- \n")[0]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_long_past_sessions_are_left_in_peace():
    session = session_at(clock("2026-05-09 10:00"))
    booked(session)

    with at(clock("2026-05-20 10:00")):
        assert reminders.send_thanks() == 0


def test_only_who_came_is_thanked_where_the_door_kept_a_list(monkeypatch):
    session = session_at(clock("2026-05-09 10:00"))
    came, stayed_away = booked(session, "came@example.org"), booked(session, "away@example.org")
    door = presence.Door(who_came=lambda _session: {came.lines.get().pk}, which_came=set)
    monkeypatch.setattr(presence, "_doors", [door])

    with at(clock("2026-05-10 10:00")):
        reminders.send_thanks()

    assert list(Mail.objects.filter(kind="session_thanks").values_list("to", flat=True)) == [came.email]
    assert stayed_away.email != came.email


def test_a_cancelled_session_thanks_nobody():
    session = session_at(clock("2026-05-09 10:00"))
    booked(session)
    with at(clock("2026-05-01 10:00")):
        cancelling.begin(session)

    with at(clock("2026-05-10 10:00")):
        assert reminders.send_thanks() == 0


def test_who_wants_no_thanks_gets_none(client):
    session, other = session_at(clock("2026-05-09 10:00")), session_at(clock("2026-05-09 15:00"))
    order = booked(session)
    booked(other)
    page = f"{order.get_absolute_url()}letters/"

    with at(clock("2026-05-10 10:00")):
        reminders.send_thanks()  # written before the wish, sent after it
        asked = Client(enforce_csrf_checks=True).post(page, {"List-Unsubscribe": "One-Click"})
        assert asked.status_code == 204  # a mail program follows no redirect
        send_due_mails()
    assert set(Mail.objects.filter(kind="session_thanks").values_list("status", flat=True)) == {
        MailStatus.DROPPED
    }
    assert "We keep quiet" in client.get(page).content.decode()

    third = session_at(clock("2026-05-16 10:00"))
    booked(third)
    with at(clock("2026-05-14 11:00")):
        reminders.send_reminders()  # what bookings need still comes
    with at(clock("2026-05-17 10:00")):
        reminders.send_thanks()
    assert Mail.objects.filter(kind="session_thanks").count() == 2
    assert reminded()[-1] == order.email

    assert client.post(page, {"wanted": "no"}).url.endswith(page)
    client.post(page, {"wanted": "yes"})
    assert "Which letters" in client.get(page).content.decode()


def test_looking_for_what_is_due_costs_one_query(django_assert_num_queries):
    for day in (10, 12, 14):
        booked(session_at(clock(f"2026-06-{day} 10:00")), f"{day}@example.org")

    with at(clock("2026-05-01 10:00")), django_assert_num_queries(2):
        reminders.send_reminders()
        reminders.send_thanks()
