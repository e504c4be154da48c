"""Checklists: copied once for each reference, dates counted back, moved along with the day."""

from datetime import timedelta

import pytest

from accounts.services import delete_account
from todos.models import ChecklistTemplate, ChecklistUse, TodoList
from todos.services import items
from todos.services.checklists import copy_template, reschedule, template_for, use_for
from todos.tests.factories import checklist, day, person, titles
from todos.tests.support import filled_in, signed_in, to

pytestmark = pytest.mark.django_db

SATURDAY = day("2026-11-28")


def copied(template: ChecklistTemplate, **changes) -> TodoList | None:
    details = {"reference": "test.party:1", "title": "Party", "happens_on": SATURDAY}
    return copy_template(template, **details | changes)


def due(todo_list: TodoList) -> dict[str, str]:
    return {item.title: str(item.due_on) for item in todo_list.items.all()}


def test_a_copy_is_a_list_with_dates_counted_back():
    owner = person("owner")

    todo_list = copied(checklist(owner, Invite=7, Tea=0, Thanks=-1))

    assert (todo_list.owner, todo_list.title, todo_list.happens_on) == (owner, "Party", SATURDAY)
    assert due(todo_list) == {"Invite": "2026-11-21", "Tea": "2026-11-28", "Thanks": "2026-11-29"}
    assert titles(todo_list.items.open()) == ["Invite", "Tea", "Thanks"]


def test_it_is_shared_with_the_checklist_s_people_and_those_of_the_occasion():
    owner, door, host = person("owner"), person("door"), person("host")
    template = checklist(owner)
    template.people.set([door, owner])

    todo_list = copied(template, people=[host, door])

    assert {share.user for share in todo_list.shares.all()} == {door, host}
    assert titles(TodoList.objects.seen_by(host)) == ["Party"]


def test_copying_again_changes_nothing():
    template = checklist(person("owner"))
    first = copied(template)
    items.delete_item(first.items.first())

    again = copied(template, title="Another", happens_on=SATURDAY + timedelta(days=1))

    assert again == first
    assert (again.title, again.items.count()) == ("Party", 2)


def test_without_its_keeper_somebody_else_keeps_the_list_and_without_anybody_there_is_none(caplog):
    owner, host = person("owner"), person("host")
    template = checklist(owner)
    delete_account(owner)
    template.refresh_from_db()

    assert copied(template, people=[host]).owner == host
    assert copied(template, reference="test.party:2") is None
    assert "nobody keeps it" in caplog.text


def test_somebody_who_is_no_longer_active_gets_no_list():
    owner, host = person("owner", is_active=False), person("host")

    assert copied(checklist(owner), people=[host]).owner == host


def test_when_the_day_moves_open_dates_move_that_nobody_has_chosen():
    owner = person("owner")
    todo_list = copied(checklist(owner, Invite=7, Tags=1, Tea=0, Cake=2))
    tags, tea, cake = (todo_list.items.get(title=title) for title in ("Tags", "Tea", "Cake"))
    items.set_done(tags, True, by=owner)
    items.edit_item(tea, due_on=day("2026-11-27"))
    items.edit_item(cake, title="Big cake")

    assert reschedule("test.party:1", SATURDAY + timedelta(days=7))

    assert due(todo_list) == {
        "Invite": "2026-11-28",
        "Tags": "2026-11-27",
        "Tea": "2026-11-27",
        "Big cake": "2026-12-03",
    }
    todo_list.refresh_from_db()
    assert todo_list.happens_on == SATURDAY + timedelta(days=7)


def test_a_note_saved_by_a_form_from_before_the_move_leaves_the_moved_date():
    owner = person("owner")
    item = copied(checklist(owner, Invite=7)).items.get()
    browser = signed_in(owner)
    sent = filled_in(browser.get(to("item_edit", item)))
    reschedule("test.party:1", SATURDAY + timedelta(days=14))

    browser.post(to("item_edit", item), sent | {"note": "Ask Eva"})

    item.refresh_from_db()
    assert (item.note, str(item.due_on), item.days_before) == ("Ask Eva", "2026-12-05", 7)


def test_a_day_that_stays_or_is_unknown_moves_nothing():
    copied(checklist(person("owner")))

    assert not reschedule("test.party:1", SATURDAY)
    assert not reschedule("test.party:2", SATURDAY)


def test_what_is_used_for_something_is_found_by_it_and_replaced_by_the_next():
    first, second = checklist(), checklist()
    use_for(first, ["test.party:1", "test.party:2"], kind="test.party:")
    ChecklistUse.objects.create(template=first, reference="test.picnic:1")

    use_for(second, ["test.party:2", "test.party:3"], kind="test.party:")
    use_for(first, ["test.party:1"], kind="test.party:")

    assert template_for("test.party:1") == first
    assert template_for("test.party:2") == template_for("test.party:3") == second
    assert template_for("test.picnic:1") == first
    assert template_for("test.party:4") is None
