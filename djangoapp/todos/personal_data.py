"""What the to-do lists know about somebody."""

from collections.abc import Iterator

from accounts.models import User
from accounts.personal_data import Person
from todos.models import Share, TodoItem, TodoList
from todos.services.reminders import preferences_of


def tell_todos(user: User) -> Iterator[tuple[str, object]]:
    """Lists of one's own with all that is on them; of shared ones, what this person took on or did."""
    preferences = preferences_of(user)
    lists = TodoList.objects.living().owned_by(user).order_by("pk")
    shares = Share.objects.filter(user=user).order_by("pk")
    elsewhere = TodoItem.objects.living().exclude(todo_list__owner=user)
    yield "wants_morning_mail", preferences.wants_morning_mail
    yield "has_calendar_link", preferences.has_feed
    yield "lists", _lists(lists)
    yield "shared_with_you", list(shares.values("todo_list__title", "email", "created_at"))
    yield "taken_on_in_shared_lists", list(elsewhere.filter(assignee=user).values("title", "due_on"))
    yield "done_in_shared_lists", list(elsewhere.filter(done_by=user).values("title", "done_at"))


def tell_guest(email: str) -> Iterator[tuple[str, object]]:
    invited = Share.objects.filter(email=email, user=None).order_by("pk")
    yield "invited_to", list(invited.values("todo_list__title", "created_at"))


def erase_invitations(person: Person) -> dict[str, int]:
    """Take back invitations that nobody has answered. The rest goes with the account."""
    return {"invitations": Share.objects.filter(email__in=person.addresses, user=None).delete()[0]}


def _lists(lists) -> Iterator[dict]:
    for todo_list in lists.prefetch_related("shares").iterator(chunk_size=50):
        items = todo_list.items.living().order_by("position", "pk")
        yield {
            "title": todo_list.title,
            "created_at": todo_list.created_at,
            "shared_with": [share.email for share in todo_list.shares.all()],
            "items": list(items.values("title", "note", "due_on", "due_time", "done_at")),
        }
