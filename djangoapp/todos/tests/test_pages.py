"""The pages: what they show, and what a change answers with and without htmx."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from todos.models import TodoList
from todos.services import items, sharing
from todos.tests.factories import day, item_of, list_of, person, share_with, titles
from todos.tests.support import HTMX, INDEX, shown, to
from todos.views import lists as list_views

pytestmark = pytest.mark.django_db


# Lists


def test_a_list_is_made_and_opened(client, ana):
    response = client.post(reverse("todos:list_add"), {"title": "  Garden  "})

    todo_list = TodoList.objects.get()
    assertRedirects(response, todo_list.get_absolute_url())
    assert (todo_list.owner, todo_list.title) == (ana, "Garden")


def test_a_list_needs_a_name(client):
    response = client.post(reverse("todos:list_add"), {"title": " "})

    assertContains(response, "This field is required.", status_code=422)


def test_a_list_can_be_renamed(client, garden):
    assertContains(client.get(to("list_rename", garden)), 'value="Garden"')

    assertRedirects(client.post(to("list_rename", garden), {"title": "Orchard"}), garden.get_absolute_url())

    assertContains(client.get(INDEX), "Orchard")


def test_a_deleted_list_can_be_brought_back(client, garden):
    response = client.post(to("list_delete", garden), follow=True)
    assertContains(response, "“Garden” is deleted.")
    assertContains(response, to("list_restore", garden))
    assert client.get(garden.get_absolute_url()).status_code == 404
    assertContains(client.get(INDEX), "1 deleted list")

    response = client.post(to("list_restore", garden), follow=True)

    assertContains(response, "“Garden” is back.")
    assert shown(response) == ["Rake leaves", "Prune the pear", "Plant garlic"]


def test_the_overview_tells_what_is_due_and_how_lists_stand(client, garden, ana):
    eva = person("eva")
    hers = list_of(eva, "Hers", title="Eva’s list")
    share_with(hers, ana)
    item_of(garden, "Late", days=-1)
    item_of(hers, "Now", days=0)
    item_of(hers, "Eva does it", days=0, assignee=eva)
    item_of(garden, "Tomorrow", days=1)

    response = client.get(INDEX)

    assert titles(row.item for row in response.context["agenda"]) == ["Late", "Now"]
    for words in ("Overdue since yesterday", "1 overdue", "2 today", "from Eva", "5 open"):
        assertContains(response, words)


def test_an_empty_overview_invites_to_begin(client):
    response = client.get(INDEX)

    assertContains(response, "Nothing is due today.")
    assertContains(response, "No list yet.")


# Items


def test_one_line_adds_an_item(client, garden):
    address = to("item_add", garden)

    response = client.post(address, {"title": "Sweep", "due_on": "2026-11-28"})

    assertRedirects(response, garden.get_absolute_url(), fetch_redirect_response=False)
    assert garden.items.get(title="Sweep").due_on == day("2026-11-28")
    assertContains(client.get(garden.get_absolute_url()), "“Sweep” is on the list.")


def test_htmx_gets_the_list_with_the_new_line(client, garden):
    response = client.post(to("item_add", garden), {"title": "Sweep"}, headers=HTMX)

    assert shown(response)[-1] == "Sweep"
    assertNotContains(response, "<html")
    assertContains(response, '<div id="todo-news" hx-swap-oob="innerHTML">“Sweep” is on the list.</div>')
    assertContains(response, 'id="messages"')


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"title": " "}, "Write what is to be done."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"title": "Sweep", "due_on": "tomorrow"}, "Write a day, such as"),
        ({"title": "Sweep", "due_on": "0001-01-01"}, "Write a day, such as"),
        ({"title": "Sweep\x00"}, "Null characters are not allowed."),
    ],
)
@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_line_that_cannot_be_used_is_answered_beside_it(client, garden, sent, problem, headers):
    response = client.post(to("item_add", garden), sent, headers=headers)

    assertContains(response, problem, status_code=422)
    assert garden.items.count() == 3


def test_a_full_list_says_so(client, garden, monkeypatch):
    monkeypatch.setattr(items, "MOST_OPEN_ITEMS", 3)

    response = client.post(to("item_add", garden), {"title": "Sweep"}, headers=HTMX)

    assertContains(response, "A list holds at most 3 open items.", status_code=422)
    assertContains(response, 'value="Sweep"', status_code=422)


def test_done_can_be_undone_at_once(client, garden, ana):
    rake = garden.items.get(title="Rake leaves")

    response = client.post(to("item_done", rake), {"done": "1"}, follow=True)
    assertContains(response, "“Rake leaves” is done.")
    assert shown(response) == ["Prune the pear", "Plant garlic"]
    assert shown(client.get(f"{garden.get_absolute_url()}?show=done")) == ["Rake leaves"]
    assertContains(client.get(f"{garden.get_absolute_url()}?show=done"), "Done by Ana on")

    client.post(to("item_done", rake), {"done": "0"})

    assert shown(client.get(garden.get_absolute_url()))[0] == "Rake leaves"
    assertNotContains(client.get(f"{garden.get_absolute_url()}?undo={rake.pk}"), 'class="undo"')


def test_the_keyboard_goes_on_with_the_next_item(client, garden):
    rake, pear, garlic = garden.items.open()

    first = client.post(to("item_done", rake), {"done": "1"}, headers=HTMX)
    assert f"tick-{pear.pk}" in first["HX-Trigger-After-Swap"]
    last = client.post(to("item_delete", garlic), headers=HTMX)
    assert f"tick-{pear.pk}" in last["HX-Trigger-After-Swap"]

    assert "HX-Trigger-After-Swap" not in client.post(to("item_done", pear), {"done": "1"}, headers=HTMX)


def test_a_change_of_one_row_leaves_the_others_and_the_line_alone(client, garden):
    rake, pear, garlic = garden.items.open()

    ticked = client.post(to("item_done", pear), {"done": "1"}, headers=HTMX)
    undone = client.post(to("item_done", pear), {"done": "0"}, headers=HTMX | {"HX-Target": "todo-rows"})

    for part in ("new-line", "item-"):
        assertNotContains(ticked, f'id="{part}')
    assertContains(undone, f'id="item-{pear.pk}"')
    assertNotContains(undone, f'id="item-{rake.pk}"')
    assert (undone["HX-Retarget"], undone["HX-Reswap"]) == (f"#item-{garlic.pk}", "beforebegin")


def test_deleting_offers_to_undo_and_keeps_the_filter(client, garden):
    late = item_of(garden, "Late", days=-1)

    response = client.post(to("item_delete", late), {"show": "overdue"})
    assertRedirects(response, f"{garden.get_absolute_url()}?show=overdue&undo={late.pk}")
    page = client.get(response.url)
    assertContains(page, "“Late” is deleted.")
    assertContains(page, to("item_restore", late))
    assert shown(client.get(f"{garden.get_absolute_url()}?show=deleted")) == ["Late"]

    client.post(to("item_restore", late), {"show": "overdue"})

    assert shown(client.get(f"{garden.get_absolute_url()}?show=overdue")) == ["Late"]


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("", ["Some day", "Late", "Now", "Tomorrow"]),
        ("open", ["Some day", "Late", "Now", "Tomorrow"]),
        ("today", ["Now"]),
        ("overdue", ["Late"]),
        ("done", ["Done"]),
        ("deleted", ["Gone"]),
        ("nonsense", ["Some day", "Late", "Now", "Tomorrow"]),
    ],
)
def test_filters_show_their_items(client, ana, show, expected):
    todo_list = list_of(ana)
    item_of(todo_list, "Some day")
    item_of(todo_list, "Late", days=-2)
    item_of(todo_list, "Now", days=0)
    item_of(todo_list, "Tomorrow", days=1)
    items.set_done(item_of(todo_list, "Done", days=-1), True, by=ana)
    items.delete_item(item_of(todo_list, "Gone", days=0))

    response = client.get(todo_list.get_absolute_url(), {"show": show})

    assert shown(response) == expected
    counts = response.context["counts"]
    assert (counts.open_count, counts.today_count, counts.overdue_count, counts.done_count) == (4, 1, 1, 1)


def test_what_is_done_comes_page_by_page(client, garden, ana, monkeypatch):
    monkeypatch.setattr(list_views, "ROWS_PER_PAGE", 2)
    for item in garden.items.open():
        items.set_done(item, True, by=ana)
    address = f"{garden.get_absolute_url()}?show=done"

    assert shown(client.get(address)) == ["Plant garlic", "Prune the pear"]
    assert shown(client.get(f"{address}&page=2")) == ["Rake leaves"]


def test_everything_about_an_item_is_edited_in_place_or_on_a_page(client, garden, ana):
    rake = garden.items.get(title="Rake leaves")
    sent = {
        "title": "Rake all leaves",
        "note": "With the big rake",
        "due_on": "2026-11-28",
        "due_time": "14:30",
        "assignee": ana.pk,
    }
    assertContains(client.get(to("item_edit", rake)), "<html")
    assertNotContains(client.get(to("item_edit", rake), headers=HTMX), "<html")

    assertRedirects(client.post(to("item_edit", rake), sent), garden.get_absolute_url())

    rake.refresh_from_db()
    assert (rake.title, rake.note, rake.assignee) == ("Rake all leaves", "With the big rake", ana)
    assert (rake.due_on, f"{rake.due_time:%H:%M}") == (day("2026-11-28"), "14:30")
    response = client.post(to("item_edit", rake), sent | {"title": "Rake"}, headers=HTMX)
    assert shown(response)[0] == "Rake"


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"title": ""}, "This field is required."),
        ({"title": "x", "due_time": "14:30"}, "A time needs a day."),
        ({"title": "x", "due_on": "2026-11-28", "due_time": "half past"}, "Write a time, such as 14:30."),
        ({"title": "x", "note": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_an_edit_that_cannot_be_used_goes_back_into_its_row(client, garden, sent, problem):
    rake = garden.items.get(title="Rake leaves")

    response = client.post(to("item_edit", rake), sent, headers=HTMX)

    assertContains(response, problem, status_code=422)
    assert response["HX-Retarget"] == f"#item-{rake.pk}"
    assert response["HX-Reswap"] == "innerHTML"
    assertContains(client.post(to("item_edit", rake), sent), problem, status_code=422)
    assert garden.items.get(pk=rake.pk).title == "Rake leaves"


def test_only_people_of_the_list_take_something_on(client, garden):
    eva, tom = person("eva"), person("tom")
    share_with(garden, eva)
    sharing.invite(garden, tom.email)
    rake = garden.items.get(title="Rake leaves")

    page = client.get(to("item_edit", rake))
    assertContains(page, f'<option value="{eva.pk}">Eva</option>')
    assertNotContains(page, f'<option value="{tom.pk}"')
    refused = client.post(to("item_edit", rake), {"title": "Rake", "assignee": tom.pk})

    assert refused.status_code == 422
    client.post(to("item_edit", rake), {"title": "Rake", "assignee": eva.pk})
    assert garden.items.get(pk=rake.pk).assignee == eva


def test_the_arrows_put_a_list_in_order(client, garden):
    pear = garden.items.get(title="Prune the pear")
    address = f"{garden.get_absolute_url()}?order=1"
    assertContains(client.get(address), "Move “Prune the pear” up")

    response = client.post(to("item_move", pear), {"direction": "up", "order": "1"})
    assertRedirects(response, address)
    assert shown(client.get(address)) == ["Prune the pear", "Rake leaves", "Plant garlic"]
    response = client.post(to("item_move", pear), {"direction": "down", "order": "1"}, headers=HTMX)

    assert shown(response) == ["Rake leaves", "Prune the pear", "Plant garlic"]
    assertContains(response, "“Prune the pear” is number 2 of 3.")


@pytest.mark.parametrize("before", ["999999", "x", "-1", "9" * 40])
def test_dropping_an_item_nowhere_leaves_it(client, garden, before):
    pear = garden.items.get(title="Prune the pear")

    response = client.post(to("item_move", pear), {"before": before, "order": "1"}, headers=HTMX)

    assert shown(response) == ["Rake leaves", "Prune the pear", "Plant garlic"]


def test_dropping_an_item_before_another(client, garden):
    garlic, rake = garden.items.get(title="Plant garlic"), garden.items.get(title="Rake leaves")

    client.post(to("item_move", garlic), {"before": rake.pk, "order": "1"})
    client.post(to("item_move", rake), {"before": "", "order": "1"})

    assert titles(garden.items.open()) == ["Plant garlic", "Prune the pear", "Rake leaves"]


def test_the_overview_changes_in_place(client, garden):
    late, now = item_of(garden, "Late", days=-1), item_of(garden, "Now", days=0)

    response = client.post(to("item_done", late), {"done": "1", "back": "index"}, headers=HTMX)
    assertNotContains(response, "<html")
    assert titles(row.item for row in response.context["agenda"]) == ["Now"]
    assert f"tick-{now.pk}" in response["HX-Trigger-After-Swap"]
    response = client.post(to("item_done", now), {"done": "1", "back": "index"})

    assertRedirects(response, f"{INDEX}?undo_item={now.pk}")
    assertContains(client.get(response.url), "“Now” is done.")
