"""The mails about to-dos, rendered when they are sent."""

from django.urls import reverse

from accounts.models import User
from core.addresses import absolute
from core.letters import letter
from core.mail import Letter, NoLongerNeeded, mail_kind
from todos.models import Share
from todos.querysets import Clock
from todos.services.reminders import morning_items
from todos.shown import rows_of

MOST_IN_MAIL = 50


@mail_kind("todos_invitation")
def todos_invitation(list_id: int, email: str) -> Letter:
    """Says who invites, and not what the list is called: it is read by people who did not ask for it."""
    open_ones = Share.objects.filter(todo_list=list_id, email=email, user=None)
    share = open_ones.select_related("todo_list__owner").first()
    if share is None:
        raise NoLongerNeeded("The invitation was taken back or answered.")
    context = {"owner": share.todo_list.owner, "todos_url": absolute(reverse("todos:list_index"))}
    return letter("todos/email/invitation", context)


@mail_kind("todos_morning")
def todos_morning(user_id: int) -> Letter:
    user = User.objects.select_related("profile").get(pk=user_id)
    clock = Clock.of(user)
    rows = rows_of(morning_items(user, clock)[: MOST_IN_MAIL + 1], clock)
    context = {
        "user": user,
        "overdue": [row for row in rows[:MOST_IN_MAIL] if row.is_overdue],
        "today": [row for row in rows[:MOST_IN_MAIL] if not row.is_overdue],
        "has_more": len(rows) > MOST_IN_MAIL,
        "todos_url": absolute(reverse("todos:list_index")),
        "reminders_url": absolute(reverse("todos:reminders")),
    }
    return letter("todos/email/morning", context)
