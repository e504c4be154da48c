"""Items: added, changed, done, put in order, deleted. What needs the order of a list locks the list first."""

from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from todos.exceptions import ListFull, NotOfThisList
from todos.models import TodoItem, TodoList
from todos.services.sharing import people_of

MOST_OPEN_ITEMS = 500


@transaction.atomic
def add_item(todo_list: TodoList, title: str, *, due_on: date | None = None) -> TodoItem:
    """Put something at the end of a list. Raises ``ListFull``."""
    _lock(todo_list)
    _refuse_if_full(todo_list)
    return TodoItem.objects.create(
        todo_list=todo_list, title=title, due_on=due_on, position=_next_position(todo_list)
    )


@transaction.atomic
def edit_item(item: TodoItem, **changes) -> TodoItem:
    """Change what an item says (title, note, due_on, due_time, assignee): what is not named here stays as it is by now.

    A date that somebody chose no longer follows the day of the list. Raises ``NotOfThisList`` for an assignee who
    does not share the list.
    """
    _lock(item.todo_list)
    item = TodoItem.objects.select_related("todo_list").get(pk=item.pk)
    assignee = changes.get("assignee")
    if assignee is not None and not people_of(item.todo_list).filter(pk=assignee.pk).exists():
        raise NotOfThisList
    for name, value in changes.items():
        setattr(item, name, value)
    if "due_on" in changes:
        item.days_before = None
    if item.due_on is None:  # whoever took the day away meanwhile took the time with it
        item.due_time = None
    item.save(update_fields=[*changes, "due_time", "days_before", "updated_at"])
    return item


@transaction.atomic
def set_done(item: TodoItem, is_done: bool, *, by: User) -> TodoItem:
    """Note that something is done, when and by whom, or take that back. Who was first stays.

    Raises ``ListFull`` when what is taken back finds no room.
    """
    _lock(item.todo_list)
    item = TodoItem.objects.select_related("todo_list").get(pk=item.pk)
    if item.is_done == is_done:
        return item
    if not is_done:
        _refuse_if_full(item.todo_list)
    item.done_at = timezone.now() if is_done else None
    item.done_by = by if is_done else None
    item.save(update_fields=["done_at", "done_by", "updated_at"])
    return item


def delete_item(item: TodoItem) -> None:
    """Take an item out of sight; it can be brought back for 30 days."""
    item.deleted_at = timezone.now()
    item.save(update_fields=["deleted_at", "updated_at"])


@transaction.atomic
def restore_item(item: TodoItem) -> None:
    """Bring an item back to where it was. Raises ``ListFull``."""
    _lock(item.todo_list)
    if not item.is_done:
        _refuse_if_full(item.todo_list)
    item.deleted_at = None
    item.save(update_fields=["deleted_at", "updated_at"])


@transaction.atomic
def move_item(item: TodoItem, *, up: bool) -> bool:
    """Move an open item by one place among the open ones. Returns whether there was room to move."""
    _lock(item.todo_list)
    order = _open_order(item.todo_list)
    if item.pk not in order:
        return False
    here = order.index(item.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return False
    order[here], order[there] = order[there], order[here]
    _number(order)
    return True


@transaction.atomic
def move_item_before(item: TodoItem, following: int | None) -> bool:
    """Move an open item before another of its list (a primary key), or to the end. Returns whether it moved."""
    _lock(item.todo_list)
    order = _open_order(item.todo_list)
    if item.pk not in order or following == item.pk or (following is not None and following not in order):
        return False
    before = list(order)
    order.remove(item.pk)
    order.insert(len(order) if following is None else order.index(following), item.pk)
    _number(order)
    return order != before


def place_of(item: TodoItem) -> tuple[int, int]:
    """Which of how many open items this is, from one."""
    order = _open_order(item.todo_list)
    return (order.index(item.pk) + 1 if item.pk in order else 0), len(order)


def _lock(todo_list: TodoList) -> None:
    TodoList.objects.select_for_update(no_key=True).get(pk=todo_list.pk)


def _refuse_if_full(todo_list: TodoList) -> None:
    if todo_list.items.open().count() >= MOST_OPEN_ITEMS:
        raise ListFull(MOST_OPEN_ITEMS)


def _next_position(todo_list: TodoList) -> int:
    last = todo_list.items.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _open_order(todo_list: TodoList) -> list[int]:
    return list(todo_list.items.open().values_list("pk", flat=True))


def _number(order: list[int]) -> None:
    """Give the items of a list their places anew; only those that changed are written."""
    places = dict(TodoItem.objects.filter(pk__in=order).values_list("pk", "position"))
    taken = sorted(places.values())
    if len(set(taken)) < len(taken):
        taken = list(range(len(order)))
    moved = [TodoItem(pk=pk, position=place) for pk, place in zip(order, taken, strict=True)]
    TodoItem.objects.bulk_update([item for item in moved if places[item.pk] != item.position], ["position"])
