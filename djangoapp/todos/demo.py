"""To-dos of the demo: the studio's week, shared by its people, somebody's garden, and a checklist for sessions.

Natural keys are the owner and the title, so loading again changes nothing that is there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta

from django.db import transaction

from accounts.models import User
from core import mail
from todos.models import ChecklistItem, ChecklistTemplate, TodoList
from todos.querysets import Clock
from todos.services import items, lists, sharing

OWNER, HOST, DOOR, MEMBER = (
    "annelies@example.org",
    "mira@example.org",
    "jonas@example.org",
    "yuki@example.org",
)
CHECKLIST = "Before the session"


@dataclass(frozen=True)
class DemoItem:
    """Something to do so many days from today; done by whoever ``done_by`` names."""

    title: str
    day: int | None = None
    at: time | None = None
    note: str = ""
    who: str = ""
    done_by: str = ""


@dataclass(frozen=True)
class DemoList:
    owner: str
    title: str
    items: tuple[DemoItem, ...]
    shared_with: tuple[str, ...] = ()
    invited: tuple[str, ...] = ()


LISTS = (
    DemoList(
        OWNER,
        "The studio’s week",
        (
            DemoItem(
                "Sharpen the grafting knives", 0, note="The whetstone is in the second drawer.", who=HOST
            ),
            DemoItem("Call the timber yard about the ash boards", 0, time(16), who=OWNER),
            DemoItem("Order name tags", -2),
            DemoItem("Fix the third workbench’s vice", 3, who=HOST),
            DemoItem("Take the towels to the laundry", 1, who=DOOR),
            DemoItem("Write to the members about the winter programme", 5, time(9, 30), who=OWNER),
            DemoItem("New light bulbs for the kiln room"),
            DemoItem("Water the seedlings", -1, who=DOOR, done_by=DOOR),
            DemoItem("Return the borrowed ladder", -3, done_by=HOST),
        ),
        shared_with=(HOST, DOOR),
        invited=("zoe.mueller@example.org",),
    ),
    DemoList(
        OWNER,
        "Before winter",
        (
            DemoItem("Drain the garden tap", 12),
            DemoItem("Wrap the fig tree", 9),
            DemoItem("Stack firewood under the roof", 16, note="Two cubic metres come on Thursday."),
        ),
    ),
    DemoList(
        MEMBER,
        "Paper and ink",
        (
            DemoItem("Buy mulberry paper", 2),
            DemoItem("Cut the new stamp", 6),
            DemoItem("Book the dyeing course", 0, time(20)),
        ),
    ),
)
LINES = (
    ("Write to everybody who is booked", 3, "What to bring, where to park."),
    ("Check tools and material against the list", 2, ""),
    ("Print name tags", 1, ""),
    ("Test the projector", 1, "The adapter is in the office."),
    ("Heat the room and make tea", 0, ""),
    ("Thank everybody and ask for a picture", -1, ""),
)


@transaction.atomic
def load(say: Callable[[str], None]) -> None:
    """Load the lists that are missing, of people who are there. Nobody gets a mail of it."""
    people = {user.email: user for user in User.objects.filter(email__in=[OWNER, HOST, DOOR, MEMBER])}
    with mail.quiet():
        added = sum(_load_list(told, people) for told in LISTS if told.owner in people)
    if OWNER in people:
        _load_checklist(people)
    say(f"{added} new to-do lists")


def _load_list(told: DemoList, people: dict[str, User]) -> bool:
    owner = people[told.owner]
    if TodoList.objects.filter(owner=owner, title=told.title).exists():
        return False
    todo_list = lists.make_list(owner, told.title)
    for email in told.shared_with:
        if email in people:
            sharing.accept(sharing.invite(todo_list, email), people[email])
    for email in told.invited:
        sharing.invite(todo_list, email)
    today = Clock.of(owner).today
    for line in told.items:
        due_on = today + timedelta(days=line.day) if line.day is not None else None
        item = items.add_item(todo_list, line.title, due_on=due_on)
        items.edit_item(
            item,
            title=line.title,
            note=line.note,
            due_on=due_on,
            due_time=line.at,
            assignee=people.get(line.who),
        )
        if line.done_by in people:
            items.set_done(item, True, by=people[line.done_by])
    return True


def _load_checklist(people: dict[str, User]) -> None:
    template, is_new = ChecklistTemplate.objects.get_or_create(
        title=CHECKLIST, defaults={"owner": people[OWNER]}
    )
    if not is_new:
        return
    template.people.set([people[DOOR]] if DOOR in people else [])
    for position, (title, days_before, note) in enumerate(LINES):
        ChecklistItem.objects.create(
            template=template, position=position, title=title, days_before=days_before, note=note
        )
