"""Lists: made, renamed, deleted with the chance of undoing it, and cleared away at last."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from todos.exceptions import TooManyLists
from todos.models import TodoItem, TodoList

MOST_LISTS = 100
KEPT_AFTER_DELETION = timedelta(days=30)


def make_list(owner: User, title: str) -> TodoList:
    """Raises ``TooManyLists``."""
    if TodoList.objects.living().owned_by(owner).count() >= MOST_LISTS:
        raise TooManyLists(MOST_LISTS)
    return TodoList.objects.create(owner=owner, title=title)


def rename_list(todo_list: TodoList, title: str) -> None:
    todo_list.title = title
    todo_list.save(update_fields=["title", "updated_at"])


def delete_list(todo_list: TodoList) -> None:
    """Take a list out of sight, for everybody who shares it. Its owner may bring it back for 30 days."""
    todo_list.deleted_at = timezone.now()
    todo_list.save(update_fields=["deleted_at", "updated_at"])


def restore_list(todo_list: TodoList) -> None:
    todo_list.deleted_at = None
    todo_list.save(update_fields=["deleted_at", "updated_at"])


@transaction.atomic
def purge_deleted() -> int:
    """Delete for good what was deleted more than 30 days ago. Returns how many lists and items that were."""
    before = timezone.now() - KEPT_AFTER_DELETION
    items, _by_model = TodoItem.objects.filter(deleted_at__lt=before).delete()
    lists = TodoList.objects.filter(deleted_at__lt=before)
    number = lists.count()
    lists.delete()
    return items + number
