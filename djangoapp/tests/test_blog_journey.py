"""The blog in a real browser: from the first word of a draft to its deletion, and looking around among posts."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.tests.people import picture_file
from blog.models import Post
from blog.tests.factories import PostFactory, draft, tagged, with_cover
from polls.tests.factories import PollFactory
from shop.tests.factories import ProjectFactory, SessionFactory, member
from tests.support.browser import DESKTOP, PHONE, on_devices
from tests.support.pages import assert_accessible, assert_fits

pytestmark = pytest.mark.browser

IS_ASKED_BEFORE_LEAVING = "!dispatchEvent(new Event('beforeunload', {cancelable: true}))"


def assert_fine(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("device", [PHONE, DESKTOP.without_javascript()], ids=str)
def test_from_the_first_word_to_the_end(device, open_page, page_problems, tmp_path: Path):
    project = ProjectFactory(title="Grafting apple trees")
    SessionFactory(project=project, capacity=2)
    picture = tmp_path / "hive.png"
    picture.write_bytes(picture_file((900, 600)).read())
    page = open_page(device, user=member())
    reader = open_page(device)

    # Writing, with the preview beside it
    page.goto("/blog/")
    page.get_by_role("link", name="Write a post").click()
    if device.javascript:
        assert not page.evaluate(IS_ASKED_BEFORE_LEAVING)
    page.get_by_label("Title").fill("Why we graft in February")
    if device.javascript:
        assert page.evaluate(IS_ASKED_BEFORE_LEAVING)
    page.get_by_label("Summary").fill("The tree sleeps.")
    page.get_by_label("Text", exact=True).fill("Because it **sleeps**.\n\n<script>alert(1)</script>")
    if device.javascript:
        expect(page.locator("#preview strong")).to_have_text("sleeps")
    else:
        with page.context.expect_page() as opened:
            page.get_by_role("button", name="Preview on a page of its own").click()
        expect(opened.value.locator(".prose strong")).to_have_text("sleeps")
        opened.value.close()
    page.locator("#id_cover").set_input_files(picture)
    page.get_by_label("What the picture shows").fill("A hive in the snow")
    page.get_by_label("Tags").fill("apples, winter")
    page.get_by_label("About the project").select_option("Grafting apple trees")
    assert_fine(page)
    page.get_by_role("button", name="Save", exact=True).click()

    # A draft that others read by its link alone
    expect(page.get_by_text("This is a draft.")).to_be_visible()
    expect(page.get_by_role("img", name="A hive in the snow")).to_be_visible()
    expect(page.get_by_text("2 places left")).to_be_visible()
    assert_fine(page)
    address = page.url
    link = page.get_by_role("link", name="Preview link").get_attribute("href")
    reader.goto(link)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Why we graft in February")
    page_problems.expect("status of 404")
    assert reader.goto(address).status == 404

    # Scheduled, with a mistake on the way
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Later, at a time that you choose").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page_problems.expect("status of 422")
    expect(page.get_by_role("alert").or_(page.locator(".errors")).first).to_contain_text("Write the day")
    assert_fine(page)
    tomorrow = timezone.localtime(timezone.now() + timedelta(days=1))
    page.get_by_label("Appears on").fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("This post appears by itself:")).to_be_visible()
    assert reader.goto(address).status == 404

    # The next day it is out, and another member cannot touch it
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=2)):
        assert reader.goto(address).status == 200
        reader.goto("/blog/")
        expect(reader.get_by_role("link", name="Why we graft in February")).to_be_visible()
    other = open_page(device, user=member())
    for deed in ("edit", "delete"):
        assert other.goto(f"{address}{deed}/").status == 404

    # Published at once, taken back, and deleted
    page.goto(address)
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("This post is out.")).to_be_visible()
    assert reader.goto(address).status == 200
    page.get_by_role("button", name="Make it a draft again").click()
    expect(page.get_by_text("This is a draft.")).to_be_visible()
    page.get_by_role("link", name="Delete").click()
    assert_fine(page)
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("is deleted.")).to_be_visible()
    assert not Post.objects.exists()


@on_devices(PHONE, DESKTOP.dark())
def test_looking_around_among_posts(page: Page):
    user = member(first_name="Mira", last_name="Aebi")
    PollFactory(slug="next", question="Baskets or bowls?")
    project = ProjectFactory(title="A very long project title that goes on and on", slug="hives")
    SessionFactory(project=project)
    post = with_cover(user)
    Post.objects.filter(pk=post.pk).update(
        project=project, body="# One\n\n[poll:next]\n\n| a | b |\n|-|-|\n| 1 | 2 |"
    )
    tagged("bees", "donaudampfschifffahrtsgesellschaft", author=user, slug="tagged", title="W" * 60)
    PostFactory.create_batch(12)

    for address in (
        "/blog/",
        "/blog/?page=2",
        "/blog/?q=nothing-at-all",
        "/blog/tags/bees/",
        f"/blog/authors/{user.pk}/",
        post.get_absolute_url(),
        "/blog/tagged/",
        "/search/",
        "/search/?q=hive",
        "/projects/hives/",
    ):
        page.goto(address)
        assert_fine(page)


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=str)
def test_the_writers_pages_are_fine(device, open_page):
    user = member()
    mine = open_page(device, user=user)
    mine.goto("/blog/mine/")
    assert_fine(mine)
    draft(author=user, title="A draft " * 12)
    PostFactory(author=user)
    mine.goto("/blog/mine/")
    assert_fine(mine)
    mine.goto(f"{with_cover(user).get_absolute_url()}edit/")
    assert_fine(mine)
