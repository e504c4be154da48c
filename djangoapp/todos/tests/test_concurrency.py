"""Changes at the same moment, on a real PostgreSQL. Taking the lock out shows what it is there for."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
import time_machine

from accounts.models import User
from core.models import Mail
from tests.support.races import at_once
from todos.models import TodoItem, TodoList
from todos.querysets import TodoListQuerySet
from todos.services import items, reminders, sharing
from todos.services.checklists import copy_template
from todos.tests.factories import checklist, day, item_of, list_of, person, share_with

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def slow_order(monkeypatch):
    """Widen the gap between reading the order of a list and writing it, where a race would hide."""
    find, read = items._next_position, items._open_order

    def slowly(function: Callable, todo_list: TodoList):
        found = function(todo_list)
        time.sleep(0.02)
        return found

    monkeypatch.setattr(items, "_next_position", partial(slowly, find))
    monkeypatch.setattr(items, "_open_order", partial(slowly, read))


@pytest.fixture
def without_lock(monkeypatch):
    """Lists are read without locking them."""
    monkeypatch.setattr(TodoListQuerySet, "select_for_update", lambda self, **options: self.all())


def places(todo_list: TodoList) -> list[int]:
    return sorted(todo_list.items.values_list("position", flat=True))


def test_lines_added_at_once_each_get_a_place_of_their_own(slow_order):
    garden = list_of(person())

    ended = at_once([partial(items.add_item, garden, f"No. {number}") for number in range(10)])

    assert ended == {"ok": 10}
    assert places(garden) == list(range(10))


def test_without_the_lock_lines_share_a_place(slow_order, without_lock):
    garden = list_of(person())

    at_once([partial(items.add_item, garden, f"No. {number}") for number in range(10)])

    assert len(set(places(garden))) < 10


def test_a_list_takes_no_more_than_it_holds_however_many_write(slow_order, monkeypatch):
    monkeypatch.setattr(items, "MOST_OPEN_ITEMS", 5)
    garden = list_of(person())

    ended = at_once([partial(items.add_item, garden, f"No. {number}") for number in range(12)])

    assert ended == {"ok": 5, "ListFull": 7}


def test_moves_at_once_lose_no_item_and_no_place(slow_order):
    garden = list_of(person(), *map(str, range(8)))
    everything = list(garden.items.open())

    ended = at_once([partial(items.move_item, item, up=True) for item in everything])

    assert ended == {"ok": 8}
    assert places(garden) == list(range(8))


def test_who_ticks_first_has_done_it():
    ana, eva = person(), person("eva")
    item = item_of(list_of(ana))

    ended = at_once([partial(items.set_done, item, True, by=who) for who in [ana, eva] * 5])

    assert ended == {"ok": 10}
    before = TodoItem.objects.values("done_at", "done_by").get()
    items.set_done(item, True, by=ana)
    items.set_done(item, True, by=eva)
    assert TodoItem.objects.values("done_at", "done_by").get() == before


def given_while_leaving(monkeypatch) -> User | None:
    """Give an item to somebody who leaves the list between the look at who shares it and the writing."""
    ben = person("ben")
    garden = list_of(person())
    item, share = item_of(garden), share_with(garden, ben)
    look = items.people_of

    def slowly(todo_list: TodoList):
        found = list(look(todo_list).values_list("pk", flat=True))
        time.sleep(0.3)
        return User.objects.filter(pk__in=found)

    def leave() -> None:
        time.sleep(0.1)
        sharing.end_share(share)

    monkeypatch.setattr(items, "people_of", slowly)
    at_once([partial(items.edit_item, item, assignee=ben), leave])
    return TodoItem.objects.get().assignee


def test_whoever_leaves_takes_nothing_along(monkeypatch):
    assert given_while_leaving(monkeypatch) is None


def test_without_the_lock_whoever_left_keeps_what_nobody_sees(monkeypatch, without_lock):
    assert given_while_leaving(monkeypatch) is not None


def test_many_workers_write_one_morning_mail():
    ana = person()
    reminders.set_morning_mail(ana, True)
    TodoItem.objects.create(todo_list=list_of(ana), title="Rake", due_on=day("2026-11-20"))

    with time_machine.travel(datetime(2026, 11, 20, 6, 0, tzinfo=UTC), tick=False):
        ended = at_once([reminders.send_morning_mails] * 8)

    assert ended == {"ok": 8}
    assert Mail.objects.count() == 1


def test_a_checklist_is_copied_once_for_one_reference():
    template = checklist(person("owner"))
    copy = partial(
        copy_template, template, reference="test.party:1", title="Party", happens_on=day("2026-11-28")
    )

    ended = at_once([copy] * 8)

    assert ended == {"ok": 8}
    assert TodoList.objects.count() == 1
    assert TodoItem.objects.count() == 2
