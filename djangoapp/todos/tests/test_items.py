"""What happens to items: added, changed, done, put in order, deleted and brought back."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.tests.people import make_user
from todos.exceptions import ListFull, TooManyLists
from todos.models import TodoItem, TodoList
from todos.querysets import Clock
from todos.services import items, lists, sharing
from todos.shown import Row
from todos.tests.factories import item_of, list_of, person, share_with, titles
from todos.tests.support import filled_in, signed_in, to

pytestmark = pytest.mark.django_db


def order(todo_list: TodoList) -> list[str]:
    return titles(todo_list.items.open())


def item(todo_list: TodoList, title: str) -> TodoItem:
    return todo_list.items.get(title=title)


def test_a_line_goes_to_the_end(garden):
    items.add_item(garden, "Sweep", due_on=date(2026, 11, 28))

    assert order(garden) == ["Rake leaves", "Prune the pear", "Plant garlic", "Sweep"]
    assert item(garden, "Sweep").due_on == date(2026, 11, 28)


def test_a_list_that_is_full_takes_no_more(garden, monkeypatch):
    monkeypatch.setattr(items, "MOST_OPEN_ITEMS", 3)
    done = items.set_done(item(garden, "Rake leaves"), True, by=garden.owner)
    items.add_item(garden, "Sweep")

    with pytest.raises(ListFull):
        items.add_item(garden, "One more")
    with pytest.raises(ListFull):
        items.set_done(done, False, by=garden.owner)
    items.delete_item(item(garden, "Sweep"))
    items.add_item(garden, "One more")
    with pytest.raises(ListFull):
        items.restore_item(item(garden, "Sweep"))

    assert len(order(garden)) == 3


def test_nobody_has_lists_without_end(monkeypatch):
    monkeypatch.setattr(lists, "MOST_LISTS", 2)
    ana = person()
    first = lists.make_list(ana, "A")
    lists.make_list(ana, "B")

    with pytest.raises(TooManyLists):
        lists.make_list(ana, "C")
    lists.delete_list(first)
    lists.make_list(ana, "C")

    assert titles(TodoList.objects.seen_by(ana)) == ["B", "C"]


def test_two_people_who_edit_one_item_keep_what_the_other_wrote(garden):
    ben = person("ben")
    share_with(garden, ben)
    rake = item(garden, "Rake leaves")
    with_ana, with_ben = signed_in(garden.owner), signed_in(ben)
    of_ana, of_ben = (filled_in(browser.get(to("item_edit", rake))) for browser in (with_ana, with_ben))

    with_ana.post(to("item_edit", rake), of_ana | {"note": "The rake is at Eva’s"})
    with_ben.post(to("item_edit", rake), of_ben | {"due_on": "2026-12-24"})

    rake.refresh_from_db()
    assert (rake.note, rake.due_on) == ("The rake is at Eva’s", date(2026, 12, 24))


def test_a_day_that_is_taken_away_meanwhile_takes_the_time_with_it(garden):
    rake = item_of(garden, "Rake", days=0)
    items.edit_item(rake, due_on=None)

    items.edit_item(rake, due_time=time(9))

    assert item(garden, "Rake").due_time is None


def test_somebody_who_left_meanwhile_is_given_nothing(garden, monkeypatch):
    ben = person("ben")
    share = share_with(garden, ben)
    rake = item(garden, "Rake leaves")
    edit = items.edit_item

    def after_he_left(*args, **changes):
        sharing.end_share(share)
        return edit(*args, **changes)

    monkeypatch.setattr(items, "edit_item", after_he_left)
    response = signed_in(garden.owner).post(to("item_edit", rake), {"title": "Rake", "assignee": ben.pk})

    assertContains(response, "no longer shares the list", status_code=422)
    assert item(garden, "Rake leaves").assignee is None


def test_who_did_it_and_when_is_kept_of_the_first(garden):
    eva = person("eva")
    raked = items.set_done(item(garden, "Rake leaves"), True, by=garden.owner)
    again = items.set_done(raked, True, by=eva)

    assert (again.done_by, again.done_at) == (garden.owner, raked.done_at)
    undone = items.set_done(again, False, by=eva)
    assert (undone.done_by, undone.done_at) == (None, None)
    assert order(garden)[0] == "Rake leaves"


@pytest.mark.parametrize(
    ("title", "up", "moved", "expected"),
    [
        ("Prune the pear", True, True, ["Prune the pear", "Rake leaves", "Plant garlic"]),
        ("Prune the pear", False, True, ["Rake leaves", "Plant garlic", "Prune the pear"]),
        ("Rake leaves", True, False, ["Rake leaves", "Prune the pear", "Plant garlic"]),
        ("Plant garlic", False, False, ["Rake leaves", "Prune the pear", "Plant garlic"]),
    ],
)
def test_items_move_up_and_down(garden, title, up, moved, expected):
    assert items.move_item(item(garden, title), up=up) == moved

    assert order(garden) == expected


def test_moving_steps_over_what_is_done_or_deleted(garden):
    items.set_done(item(garden, "Prune the pear"), True, by=garden.owner)

    items.move_item(item(garden, "Plant garlic"), up=True)

    assert order(garden) == ["Plant garlic", "Rake leaves"]
    assert not items.move_item(item(garden, "Prune the pear"), up=True)


@pytest.mark.parametrize(
    ("title", "before", "expected"),
    [
        ("Plant garlic", "Rake leaves", ["Plant garlic", "Rake leaves", "Prune the pear"]),
        ("Rake leaves", "Plant garlic", ["Prune the pear", "Rake leaves", "Plant garlic"]),
        ("Rake leaves", None, ["Prune the pear", "Plant garlic", "Rake leaves"]),
        ("Rake leaves", "Rake leaves", ["Rake leaves", "Prune the pear", "Plant garlic"]),
    ],
)
def test_items_are_dropped_before_another_or_at_the_end(garden, title, before, expected):
    following = item(garden, before).pk if before else None

    items.move_item_before(item(garden, title), following)

    assert order(garden) == expected


def test_an_item_is_not_dropped_into_another_list(garden):
    elsewhere = list_of(garden.owner, "Elsewhere", title="Other")

    assert not items.move_item_before(item(garden, "Rake leaves"), elsewhere.items.get().pk)

    assert order(garden) == ["Rake leaves", "Prune the pear", "Plant garlic"]


def test_places_that_are_all_alike_are_put_right_by_moving(garden):
    garden.items.update(position=0)

    items.move_item(item(garden, "Plant garlic"), up=True)

    assert order(garden) == ["Rake leaves", "Plant garlic", "Prune the pear"]
    assert sorted(garden.items.values_list("position", flat=True)) == [0, 1, 2]


def test_a_place_is_told_in_words_of_the_open_ones(garden):
    items.delete_item(item(garden, "Rake leaves"))

    assert items.place_of(item(garden, "Plant garlic")) == (2, 2)


def test_what_is_deleted_comes_back_to_where_it_was(garden):
    pear = item(garden, "Prune the pear")
    items.delete_item(pear)
    assert order(garden) == ["Rake leaves", "Plant garlic"]

    items.restore_item(pear)

    assert order(garden) == ["Rake leaves", "Prune the pear", "Plant garlic"]


def test_after_thirty_days_it_is_gone_for_good(garden):
    old, young = item(garden, "Rake leaves"), item(garden, "Plant garlic")
    forgotten = list_of(garden.owner, "Something", title="Forgotten")
    with time_machine.travel(timezone.now() - timedelta(days=31), tick=False):
        items.delete_item(old)
        lists.delete_list(forgotten)
    with time_machine.travel(timezone.now() - timedelta(days=29), tick=False):
        items.delete_item(young)

    assert lists.purge_deleted() == 2

    assert set(TodoItem.objects.values_list("title", flat=True)) == {"Prune the pear", "Plant garlic"}
    assert lists.purge_deleted() == 0


def test_the_database_refuses_a_time_without_a_day(garden):
    with pytest.raises(IntegrityError), transaction.atomic():
        garden.items.update(due_time=time(9))
    with pytest.raises(IntegrityError), transaction.atomic():
        garden.items.update(done_by=garden.owner)


# What is due, and where one lives


def in_zone(user, zone: str):
    user.profile.time_zone = zone
    user.profile.save()
    return user


LATE_IN_ZURICH = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 23:30 there, the 21st in Tokyo


@pytest.mark.parametrize(
    ("zone", "today", "overdue"),
    [
        ("", ["On the 20th", "At ten"], ["On the 19th", "At ten"]),
        ("Asia/Tokyo", [], ["On the 19th", "On the 20th", "At ten"]),
    ],
)
def test_days_are_those_of_whoever_looks(zone, today, overdue):
    ana = in_zone(person(), zone)
    todo_list = TodoList.objects.create(owner=ana, title="Garden")
    for title, due_on, due_time in [
        ("On the 19th", date(2026, 11, 19), None),
        ("On the 20th", date(2026, 11, 20), None),
        ("At ten", date(2026, 11, 20), time(10)),
        ("Some day", None, None),
        ("On the 30th", date(2026, 11, 30), None),
    ]:
        TodoItem.objects.create(todo_list=todo_list, title=title, due_on=due_on, due_time=due_time)

    with time_machine.travel(LATE_IN_ZURICH, tick=False):
        clock = Clock.of(ana)
        counted = TodoList.objects.with_counts(clock).get()
        due_today, late = todo_list.items.due_today(clock), todo_list.items.overdue(clock)

        assert set(titles(due_today)) == set(today)
        assert set(titles(late)) == set(overdue)
        assert (counted.today_count, counted.overdue_count) == (len(today), len(overdue))
        for one in todo_list.items.all():
            row = Row(one, clock)
            assert row.is_overdue == (one.title in overdue)
            assert row.is_due_today == (one.title in today)


@pytest.mark.parametrize(
    ("due_on", "due_time", "words", "tone"),
    [
        (None, None, "", "plain"),
        (date(2026, 11, 20), None, "Today", "few"),
        (date(2026, 11, 20), time(14), "Today, 14:00", "few"),
        (date(2026, 11, 20), time(9), "Overdue since today, 09:00", "bad"),
        (date(2026, 11, 21), None, "Tomorrow", "plain"),
        (date(2026, 11, 19), None, "Overdue since yesterday", "bad"),
        (date(2026, 11, 2), time(8), "Overdue since Mon 2 Nov, 08:00", "bad"),
        (date(2026, 12, 24), None, "Thu 24 Dec", "plain"),
        (date(2027, 1, 3), None, "Sun 3 Jan 2027", "plain"),
    ],
)
def test_dates_are_told_as_people_call_them(due_on, due_time, words, tone):
    row = Row(TodoItem(due_on=due_on, due_time=due_time), Clock(date(2026, 11, 20), time(12)))

    assert (row.due_words, row.tone) == (words, tone)


def test_what_is_done_is_never_late():
    row = Row(TodoItem(due_on=date(2020, 1, 1), done_at=timezone.now()), Clock(date(2026, 11, 20), time(12)))

    assert not row.is_overdue
    assert row.tone == "plain"


def test_counts_tell_open_done_today_and_overdue(garden):
    item_of(garden, "Late", days=-1)
    item_of(garden, "Now", days=0)
    items.delete_item(item_of(garden, "Gone", days=0))
    items.set_done(item(garden, "Rake leaves"), True, by=garden.owner)

    counted = TodoList.objects.with_counts(Clock.of(garden.owner)).get()

    assert (counted.open_count, counted.done_count) == (4, 1)
    assert (counted.today_count, counted.overdue_count) == (1, 1)


def test_a_person_s_items_are_those_that_nobody_else_took_on(garden):
    eva = person("eva")
    share_with(garden, eva)
    for who in (None, garden.owner, eva):
        item_of(garden, f"For {who.first_name if who else 'anybody'}", days=1, assignee=who)
    item_of(list_of(make_user("tom@example.org")), "Not seen", days=1)

    assert titles(TodoItem.objects.for_person(eva).by_date()) == ["For anybody", "For Eva"]
    assert titles(TodoItem.objects.for_person(garden.owner).by_date()) == ["For anybody", "For Ana"]
