"""The morning mail and the calendar."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse
from icalendar import Calendar
from pytest_django.asserts import assertContains, assertNotContains

from core.models import Mail
from todos.models import Preferences, TodoItem, TodoList
from todos.services import items, reminders
from todos.tests.factories import item_of, list_of, person, share_with
from todos.tests.support import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

SETTINGS = reverse("todos:reminders")
FRIDAY = date(2026, 11, 20)


def in_zurich(hour: int, minute: int = 0, day: date = FRIDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def wanting(name: str = "ana", zone: str = ""):
    """Somebody who wants the mail and has something due on Friday."""
    user = person(name)
    user.profile.time_zone = zone
    user.profile.save()
    reminders.set_morning_mail(user, True)
    todo_list = list_of(user)
    TodoItem.objects.create(todo_list=todo_list, title=f"Rake, {name}", due_on=FRIDAY)
    return user


def send_at(moment: datetime) -> list[str]:
    """Run the job at this instant, and say to whom it wrote."""
    django_mail.outbox.clear()
    with time_machine.travel(moment, tick=False):
        reminders.send_morning_mails()
    return sorted(letter.to[0].partition("@")[0] for letter in django_mail.outbox)


def test_the_mail_comes_once_after_six_and_never_twice():
    wanting()

    assert send_at(in_zurich(5, 59)) == []
    assert send_at(in_zurich(6, 0)) == ["ana"]
    assert send_at(in_zurich(6, 10)) == []
    assert send_at(in_zurich(23, 0)) == []


def test_it_comes_again_on_the_next_day_for_what_is_overdue():
    wanting()
    send_at(in_zurich(6))

    assert send_at(in_zurich(6, 5, FRIDAY + timedelta(days=1))) == ["ana"]
    assert django_mail.outbox[0].subject == "1 thing is overdue"


def test_whoever_was_not_reached_by_noon_is_left_in_peace():
    wanting()

    assert send_at(in_zurich(12, 0)) == []
    assert send_at(in_zurich(6, 0, FRIDAY + timedelta(days=1))) == ["ana"]


def test_six_is_six_where_somebody_lives():
    wanting("ana")
    wanting("yuki", zone="Asia/Tokyo")
    wanting("bob", zone="America/New_York")

    assert send_at(datetime(2026, 11, 19, 21, 0, tzinfo=UTC)) == ["yuki"]
    assert send_at(datetime(2026, 11, 20, 5, 0, tzinfo=UTC)) == ["ana"]
    assert send_at(datetime(2026, 11, 20, 11, 0, tzinfo=UTC)) == ["bob"]


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)], ids=["forward", "back"])
def test_the_nights_when_clocks_change_have_one_morning(night):
    ana = wanting()
    TodoItem.objects.update(due_on=night)
    start = datetime(night.year, night.month, night.day, 0, 0, tzinfo=UTC)

    sent = [who for minutes in range(0, 12 * 60, 10) for who in send_at(start + timedelta(minutes=minutes))]

    assert sent == ["ana"]
    assert Preferences.objects.get(user=ana).mailed_on == night


def test_moving_to_another_zone_gives_no_second_mail_for_the_same_day():
    ana = wanting(zone="Asia/Tokyo")
    assert send_at(datetime(2026, 11, 19, 21, 0, tzinfo=UTC)) == ["ana"]
    ana.profile.time_zone = "America/New_York"
    ana.profile.save()

    assert send_at(datetime(2026, 11, 19, 11, 30, tzinfo=UTC)) == []
    assert send_at(datetime(2026, 11, 20, 11, 30, tzinfo=UTC)) == []


def test_nobody_is_written_to_who_does_not_want_it_or_is_gone_or_has_nothing_due():
    for name in ("quiet", "gone", "idle", "done"):
        wanting(name)
    reminders.set_morning_mail(person("never"), False)
    reminders.set_morning_mail(TodoList.objects.get(owner__email="quiet@example.org").owner, False)
    gone = TodoList.objects.get(owner__email="gone@example.org").owner
    gone.is_active = False
    gone.save()
    TodoItem.objects.filter(title="Rake, idle").update(due_on=FRIDAY + timedelta(days=1))
    done = TodoItem.objects.get(title="Rake, done")
    items.set_done(done, True, by=done.todo_list.owner)

    assert send_at(in_zurich(7)) == []
    assert not Mail.objects.exists()


def test_the_mail_tells_today_and_overdue_and_what_others_took_on_is_theirs():
    ana, eva = wanting(), person("eva")
    shared = list_of(eva, title="Eva’s")
    share_with(shared, ana)
    django_mail.outbox.clear()
    for title, due_on, due_time, who in [
        ("Late", FRIDAY - timedelta(days=2), None, None),
        ("At two", FRIDAY, time(14), ana),
        ("Eva does it", FRIDAY, None, eva),
        ("Tomorrow", FRIDAY + timedelta(days=1), None, None),
    ]:
        TodoItem.objects.create(todo_list=shared, title=title, due_on=due_on, due_time=due_time, assignee=who)

    assert send_at(in_zurich(6)) == ["ana"]

    letter = django_mail.outbox[0]
    assert letter.subject == "2 things to do today"
    assert "- At two (14:00), Eva’s" in letter.body
    assert "- Late, Eva’s (Overdue since Wed 18 Nov)" in letter.body
    for text in (letter.body, letter.alternatives[0].content):
        assert "Eva does it" not in text
        assert "Tomorrow" not in text
        assert "/todos/reminders/" in text


def test_a_title_cannot_become_markup_in_the_mail():
    wanting()
    TodoItem.objects.update(title="<img src=x>")

    send_at(in_zurich(6))

    assert "&lt;img" in django_mail.outbox[0].alternatives[0].content
    assert "<img src=x>" in django_mail.outbox[0].body


def test_a_long_morning_is_cut_short():
    ana = wanting()
    todo_list = TodoList.objects.get(owner=ana)
    TodoItem.objects.bulk_create(
        TodoItem(todo_list=todo_list, title=f"No. {number}", due_on=FRIDAY) for number in range(60)
    )

    send_at(in_zurich(6))

    assert django_mail.outbox[0].subject == "50 things to do today"
    assert "There is more than fits into a letter." in django_mail.outbox[0].body


def test_one_asks_for_the_mail_and_stops_it():
    ana = person()
    client = signed_in(ana)

    assertContains(
        client.post(SETTINGS, {"wants_morning_mail": "on"}, follow=True), "We write in the morning"
    )
    assert Preferences.objects.get().wants_morning_mail
    assertContains(client.post(SETTINGS, {}, follow=True), "No more morning mails.")
    assert not Preferences.objects.get().wants_morning_mail


# The calendar


def feed_path(user) -> str:
    return Preferences.objects.get(user=user).get_feed_path()


def events(response) -> dict[str, dict]:
    return {str(event["summary"]): event for event in Calendar.from_ical(response.content).walk("VEVENT")}


def test_the_calendar_shows_what_is_due_to_whoever_has_the_link():
    ana, eva = person(), person("eva")
    garden = list_of(ana)
    share_with(garden, eva)
    item_of(garden, "All day", days=1, note="With the big rake")
    item_of(garden, "At two", days=2, due_time=time(14))
    item_of(garden, "Eva’s", days=1, assignee=eva)
    item_of(garden, "Some day")
    item_of(garden, "Long ago", days=-40)
    items.set_done(item_of(garden, "Done", days=1), True, by=ana)
    signed_in(ana).post(reverse("todos:feed_change"), {"link": "new"})

    response = Client().get(feed_path(ana))

    found = events(response)
    assert set(found) == {"All day", "At two"}
    assert type(found["All day"]["dtstart"].dt) is date
    starts = found["At two"]["dtstart"].dt
    assert (starts.hour, starts.tzinfo) == (14, None)
    assert "With the big rake" in found["All day"]["description"]
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in response["Cache-Control"]
    assertContains(signed_in(ana).get(SETTINGS), feed_path(ana))


def test_an_unchanged_calendar_is_not_sent_again():
    ana = person()
    item_of(list_of(ana), days=1)
    reminders.make_feed(ana)
    first = Client().get(feed_path(ana))

    again = Client().get(feed_path(ana), headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_a_new_link_replaces_the_old_one_and_none_ends_it():
    ana = person()
    client = signed_in(ana)
    reminders.make_feed(ana)
    first = feed_path(ana)

    client.post(reverse("todos:feed_change"), {"link": "new"})
    second = feed_path(ana)
    assert [Client().get(path).status_code for path in (first, second)] == [404, 200]
    client.post(reverse("todos:feed_change"), {"link": "none"})

    assert Client().get(second).status_code == 404
    assert Client().get(feed_path(ana)).status_code == 404
    assertNotContains(client.get(SETTINGS), "/todos/feed/")


def test_a_link_opens_only_its_own_person_s_calendar():
    ana, eva = person(), person("eva")
    for user in (ana, eva):
        reminders.make_feed(user)
    stolen = feed_path(ana).replace(f"/{ana.pk}/", f"/{eva.pk}/")

    for path in (stolen, feed_path(ana)[:-10], reverse("todos:feed", args=[ana.pk, "x:y"])):
        assert Client().get(path).status_code == 404
    ana.is_active = False
    ana.save()
    assert Client().get(feed_path(ana)).status_code == 404


def test_the_calendar_costs_the_same_for_one_item_and_for_many(django_assert_max_num_queries):
    ana = person()
    reminders.make_feed(ana)
    for number in range(5):
        item_of(list_of(ana, title=f"List {number}"), days=number)

    path = feed_path(ana)
    with django_assert_max_num_queries(2):
        response = Client().get(path)

    assert len(Calendar.from_ical(response.content).walk("VEVENT")) == 5


def test_the_secret_is_in_no_table():
    ana = person()
    preferences = reminders.make_feed(ana)

    row = Preferences.objects.filter(pk=ana.pk).values().get()

    assert len(preferences.feed_token) > 40
    assert preferences.feed_token not in str(row)
