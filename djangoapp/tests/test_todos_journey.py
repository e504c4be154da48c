"""Keeping a to-do list in a real browser: on a phone and at a desk, with scripts and without."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import DESKTOP, PHONE, TWO_DEVICES, Device
from tests.support.pages import assert_accessible, assert_fits
from todos.models import TodoItem, TodoList
from todos.services import items, sharing
from todos.tests.factories import item_of, list_of, person, share_with, titles

pytestmark = pytest.mark.browser

two_devices = pytest.mark.parametrize("device", TWO_DEVICES, ids=str)
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenreparaturwerkstattschlüssel zurückbringen " * 2


def assert_fine(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def rows(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".todos .todo-title").all_text_contents()]


def tick(page: Page, title: str) -> None:
    page.get_by_role("checkbox", name=f"Done: {title}").click()


def open_item(page: Page, title: str) -> None:
    """Open an item where it stands. What is typed before htmx has moved the focus would go elsewhere."""
    page.locator(".todo-what", has_text=title).click()
    expect(page.locator(".todo-edit:not(.htmx-added)")).to_be_visible()


@two_devices
def test_a_list_from_the_first_line_to_the_last_tick(open_page, device: Device):
    ana = person()
    page = open_page(device, user=ana)
    page.goto("/todos/")
    assert_fine(page)

    page.get_by_label("Name of the list").fill("Garden")
    page.get_by_role("button", name="New list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Garden")
    for title in ("Rake leaves", "Prune the pear", "Plant garlic"):
        line = page.get_by_label("What is to be done?")
        line.fill(title)
        line.press("Enter")
        expect(page.locator(".todo", has_text=title)).to_be_visible()
        expect(page.get_by_label("What is to be done?")).to_have_value("")
    if device.javascript:
        expect(page.get_by_label("What is to be done?")).to_be_focused()
        expect(page.locator("#todo-news")).to_have_text("“Plant garlic” is on the list.")
    assert rows(page) == ["Rake leaves", "Prune the pear", "Plant garlic"]
    assert_fine(page)

    tick(page, "Rake leaves")
    expect(page.get_by_role("group", name="Undo")).to_contain_text("“Rake leaves” is done.")
    if device.javascript:
        expect(page.get_by_role("checkbox", name="Done: Prune the pear")).to_be_focused()
    assert_fine(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".todo", has_text="Rake leaves")).to_be_visible()

    page.get_by_role("button", name="Delete “Plant garlic”").click()
    expect(page.locator(".todo", has_text="Plant garlic")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".todo", has_text="Plant garlic")).to_be_visible()
    for title in ("Rake leaves", "Prune the pear", "Plant garlic"):
        tick(page, title)
        expect(page.locator(".todo", has_text=title)).to_have_count(0)
    expect(page.get_by_text("Everything is done.")).to_be_visible()

    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("checkbox", name="Done: Rake leaves")).to_be_checked()
    assert_fine(page)
    assert set(TodoItem.objects.values_list("done_by", flat=True)) == {ana.pk}


@two_devices
def test_an_item_gets_its_date_time_note_and_person(open_page, device: Device):
    ana, eva = person(), person("eva")
    garden = list_of(ana, "Rake leaves", "Prune the pear")
    share_with(garden, eva)
    page = open_page(device, user=ana)

    page.goto(garden.get_absolute_url())
    page.locator(".todo-what", has_text="Rake leaves").click()
    title = page.get_by_label("What", exact=True)
    expect(title).to_have_value("Rake leaves")
    if device.javascript:
        expect(title).to_be_focused()
    assert_fine(page)
    title.fill("Rake all leaves")
    page.locator("form.todo-edit").get_by_label("Due on").fill("2030-05-01")
    page.get_by_label("At", exact=True).fill("14:30")
    page.get_by_label("Who", exact=True).select_option("Eva")
    page.get_by_label("Note").fill("With the big rake")
    page.get_by_role("button", name="Save").click()

    row = page.locator(".todo", has_text="Rake all leaves")
    for words in ("Wed 1 May 2030, 14:30", "Eva", "With the big rake"):
        expect(row).to_contain_text(words)
    assert rows(page) == ["Rake all leaves", "Prune the pear"]
    page.locator(".todo-what", has_text="Prune the pear").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("form.todo-edit")).to_have_count(0)
    assert rows(page) == ["Rake all leaves", "Prune the pear"]


@two_devices
def test_the_arrows_put_a_list_in_order(open_page, device: Device):
    ana = person()
    garden = list_of(ana, "First", "Second", "Third")
    page = open_page(device, user=ana)

    page.goto(garden.get_absolute_url())
    page.get_by_role("link", name="Change the order").click()
    assert_fine(page)
    up = page.get_by_role("button", name="Move “Third” up")
    up.focus()
    for expected in (["First", "Third", "Second"], ["Third", "First", "Second"]):
        page.keyboard.press("Enter")
        expect(page.locator(".todos .todo-title")).to_have_text(expected)
        if device.javascript:
            # The arrow keeps the focus while the item moves, so that one can go on pressing.
            expect(page.get_by_role("button", name="Move “Third” up")).to_be_focused()
            expect(page.locator(".htmx-settling, .htmx-added")).to_have_count(0)
        else:
            page.get_by_role("button", name="Move “Third” up").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Finished").click()

    expect(page.locator(".todos .todo-title")).to_have_text(["Third", "First", "Second"])
    assert titles(garden.items.open()) == ["Third", "First", "Second"]


def test_an_item_can_be_dragged(open_page):
    ana = person()
    garden = list_of(ana, "First", "Second", "Third")
    page = open_page(DESKTOP, user=ana)

    page.goto(f"{garden.get_absolute_url()}?order=1")
    target = page.locator(".todo", has_text="First")
    page.locator(".todo", has_text="Third").drag_to(target, target_position={"x": 80, "y": 4})

    expect(page.locator(".todos .todo-title")).to_have_text(["Third", "First", "Second"])
    page.locator(".todo", has_text="Third").drag_to(
        page.locator(".todo", has_text="Second"), target_position={"x": 80, "y": 40}
    )
    expect(page.locator(".todos .todo-title")).to_have_text(["First", "Second", "Third"])
    assert titles(garden.items.open()) == ["First", "Second", "Third"]


@two_devices
def test_two_people_share_a_list(open_page, device: Device):
    ana, eva = person(), person("eva")
    garden = list_of(ana, "Rake leaves")
    page = open_page(device, user=ana)

    page.goto(garden.get_absolute_url())
    page.get_by_role("link", name="Share").click()
    page.get_by_label("E-mail address").fill("eva@example.org")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("eva@example.org is invited.")).to_be_visible()
    assert_fine(page)

    hers = open_page(device, user=eva)
    hers.goto("/todos/")
    expect(hers.get_by_text("Ana would like to share the list “Garden” with you.")).to_be_visible()
    assert_fine(hers)
    hers.get_by_role("button", name="Share it").click()
    expect(hers.get_by_role("heading", level=1)).to_have_text("Garden")
    tick(hers, "Rake leaves")
    expect(hers.get_by_role("group", name="Undo")).to_be_visible()

    page.goto(f"{garden.get_absolute_url()}?show=done")
    expect(page.locator(".todo", has_text="Rake leaves")).to_contain_text("Done by Eva")
    hers.get_by_role("link", name="Leave").click()
    hers.get_by_role("button", name="Leave the list").click()
    expect(hers.get_by_text("You have left “Garden”.")).to_be_visible()
    assert titles(TodoList.objects.seen_by(eva)) == []


@two_devices
def test_the_overview_is_worked_off(open_page, device: Device):
    ana = person()
    garden = list_of(ana)
    item_of(garden, "Late", days=-2)
    item_of(garden, "Now", days=0)
    page = open_page(device, user=ana)

    page.goto("/todos/")
    assert_fine(page)
    tick(page, "Late")
    expect(page.get_by_role("group", name="Undo")).to_contain_text("“Late” is done.")
    tick(page, "Now")
    expect(page.get_by_text("Nothing is due today.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".todo", has_text="Now")).to_be_visible()


def test_quick_hands_lose_no_tick_and_nothing_that_is_being_written(open_page):
    ana = person()
    garden = list_of(ana, "First", "Second", "Third", "Fourth", "Fifth")
    page = open_page(PHONE, user=ana)

    page.goto(garden.get_absolute_url())
    open_item(page, "Fifth")
    page.get_by_label("Note").fill("Not saved yet")
    line = page.get_by_label("What is to be done?")
    line.fill("Milk")
    line.press("Enter")
    line.press_sequentially("Bread and")
    page.evaluate(
        """() => { for (const number of [0, 1, 2]) document.querySelectorAll(".tick")[number].click(); }"""
    )
    expect(page.locator(".todos .todo-title")).to_have_text(["Fourth", "Milk"])
    page.get_by_role("checkbox", name="Done: Fourth").dblclick()
    expect(page.locator(".todos .todo-title")).to_have_text(["Milk"])

    assert titles(garden.items.open()) == ["Fifth", "Milk"]
    expect(line).to_have_value("Bread and")
    expect(page.get_by_label("Note")).to_have_value("Not saved yet")


@two_devices
def test_a_deleted_list_comes_back(open_page, device: Device):
    ana = person()
    garden = list_of(ana, "Rake leaves")
    page = open_page(device, user=ana)

    page.goto(garden.get_absolute_url())
    page.get_by_role("button", name="Delete the list").click()
    expect(page.get_by_text("“Garden” is deleted.")).to_be_visible()
    assert_fine(page)
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Garden")
    assert rows(page) == ["Rake leaves"]


@two_devices
def test_reminders_are_asked_for_and_stopped(open_page, device: Device):
    page = open_page(device, user=person())

    page.goto("/todos/reminders/")
    assert_fine(page)
    page.get_by_label("Write to me in the morning").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("We write in the morning when something is due.")).to_be_visible()
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("Your secret link").input_value()
    assert page.request.get(address).text().startswith("BEGIN:VCALENDAR")
    assert_fine(page)
    page.get_by_role("button", name="Switch the link off").click()

    expect(page.get_by_role("button", name="Make a link")).to_be_visible()
    assert page.request.get(address).status == 404


@pytest.mark.parametrize("device", [PHONE, DESKTOP.dark()], ids=str)
def test_far_too_much_can_still_be_read(open_page, device: Device):
    ana, eva = person(), person("eva")
    garden = list_of(ana, title=LONG[:120])
    share_with(garden, eva)
    sharing.invite(garden, f"{'x' * 60}@{'y' * 50}.example.org")
    item_of(garden, LONG[:200], days=-400, assignee=eva, note=LONG * 3)
    item_of(garden, "أعد المفتاح إلى مكانه", days=0)
    for number in range(30):
        item_of(garden, f"No. {number}", days=number % 3 - 1)
    items.set_done(item_of(garden, LONG[:200]), True, by=eva)
    page = open_page(device, user=ana)

    for address in ("", "?order=1", "?show=done", "?show=overdue", "people/", "rename/"):
        page.goto(f"{garden.get_absolute_url()}{address}")
        assert_fine(page)
    page.goto("/todos/")
    assert_fine(page)


def test_an_answer_that_cannot_be_used_opens_where_it_was_given(open_page, page_problems):
    page_problems.expect("status of 422")
    ana = person()
    garden = list_of(ana, "Rake leaves", "Prune the pear")
    page = open_page(PHONE, user=ana)

    page.goto(garden.get_absolute_url())
    open_item(page, "Prune the pear")
    page.get_by_label("What", exact=True).fill(" ")
    page.get_by_label("Note").fill("Kept")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("This field is required.")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Kept")
    expect(page.locator(".todo-what", has_text="Rake leaves")).to_be_visible()
    assert_fine(page)
