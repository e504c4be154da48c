"""The rows that tests of to-dos begin with."""

from datetime import date, timedelta

from accounts.models import User
from accounts.tests.people import make_user
from todos.models import ChecklistItem, ChecklistTemplate, Share, TodoItem, TodoList
from todos.querysets import Clock
from todos.services import items, sharing


def person(name: str = "ana", **fields) -> User:
    """Somebody called Ana, with the address ana@example.org."""
    return make_user(f"{name}@example.org", first_name=name.capitalize(), **fields)


def list_of(owner: User, *titles: str, title: str = "Garden") -> TodoList:
    """A list with these lines."""
    todo_list = TodoList.objects.create(owner=owner, title=title)
    for line in titles:
        items.add_item(todo_list, line)
    return todo_list


def item_of(
    todo_list: TodoList, title: str = "Rake leaves", *, days: int | None = None, **fields
) -> TodoItem:
    """An item that is due so many days from today, on its owner's clock."""
    due_on = Clock.of(todo_list.owner).today + timedelta(days=days) if days is not None else None
    item = items.add_item(todo_list, title, due_on=due_on)
    for name, value in fields.items():
        setattr(item, name, value)
    item.save()
    return item


def share_with(todo_list: TodoList, user: User) -> Share:
    """Share a list with somebody who agreed."""
    share = sharing.invite(todo_list, user.email)
    sharing.accept(share, user)
    return share


def checklist(owner: User | None = None, **lines: int) -> ChecklistTemplate:
    """A checklist with these lines, each due so many days before."""
    template = ChecklistTemplate.objects.create(title="Before the session", owner=owner)
    for position, (title, days_before) in enumerate((lines or {"Name tags": 1, "Tea": 0}).items()):
        ChecklistItem.objects.create(
            template=template, position=position, title=title, days_before=days_before
        )
    return template


def titles(items_found) -> list[str]:
    return [item.title for item in items_found]


def day(text: str) -> date:
    return date.fromisoformat(text)
