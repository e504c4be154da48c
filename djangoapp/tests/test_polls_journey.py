"""Taking part in a poll in a real browser: on a phone and at a desk, with scripts and without."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.tests.people import make_user
from blog.tests.factories import PostFactory
from polls.models import Ballot, Poll
from polls.services import cast_ballot
from polls.tests.factories import PollFactory, browser, closed, counts, pks, upcoming
from tests.support.browser import DESKTOP, PHONE, TWO_DEVICES, on_devices
from tests.support.pages import assert_accessible, assert_fits, layout_shift

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützen flicken, würdevoll tragen und weiterschenken"


def assert_fine(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def has_scripts(page: Page) -> bool:
    return not page.evaluate("matchMedia('(scripting: none)').matches")


def choose(page: Page, answer: str) -> None:
    # The whole card can be pressed, not only the little circle in it.
    page.locator(".choice", has_text=answer).click()


@on_devices(*TWO_DEVICES)
def test_from_the_list_to_a_vote_and_to_another_mind(page):
    poll = PollFactory(question="Which course next?", slug="next-course")
    cast_ballot(poll, pks(poll, "Bread"), browser("other"))

    page.goto("/polls/")
    page.get_by_role("link", name="Which course next?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which course next?")
    expect(page.get_by_text("rests on a cookie")).to_be_visible()
    expect(page.get_by_text("You see the results once you have voted.")).to_be_visible()
    choose(page, "Bowls")
    page.get_by_role("button", name="Vote", exact=True).click()

    expect(page.get_by_text("You chose “Bowls”.")).to_be_visible()
    expect(page.get_by_text("2 people voted.")).to_be_visible()
    if has_scripts(page):
        assert page.url.endswith("/polls/next-course/")
        expect(page.locator("#poll-news-next-course")).to_have_text("Your vote counts. Thank you!")
        expect(page.get_by_text("You chose “Bowls”.")).to_be_focused()
    assert_fine(page)

    page.get_by_text("Change my vote").click()
    expect(page.get_by_role("radio", name="Bowls")).to_be_checked()
    choose(page, "Bread")
    page.get_by_role("button", name="Save my new vote").click()

    expect(page.get_by_text("You chose “Bread”.")).to_be_visible()
    assert counts(poll) == {"people": 2, "Baskets": 0, "Bowls": 0, "Bread": 2}
    page.goto("/polls/")
    expect(page.get_by_text("You have voted")).to_be_visible()


@on_devices(*TWO_DEVICES)
def test_too_many_answers_are_told_where_they_were_chosen(page, page_problems):
    if has_scripts(page):
        page_problems.expect("status of 422")
    else:
        page_problems.expect("422")
    PollFactory(slug="evenings", is_multiple=True, max_choices=2)

    page.goto("/polls/evenings/")
    for answer in ("Baskets", "Bowls", "Bread"):
        choose(page, answer)
    page.get_by_role("button", name="Vote", exact=True).click()

    expect(page.get_by_text("Please choose at most 2.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Bread")).to_be_checked()
    assert_fine(page)
    choose(page, "Bread")
    page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_text("You chose “Baskets” and “Bowls”.")).to_be_visible()


@on_devices(*TWO_DEVICES)
def test_a_double_click_votes_once(page):
    poll = PollFactory(slug="next-course")

    page.goto("/polls/next-course/")
    choose(page, "Bowls")
    page.get_by_role("button", name="Vote", exact=True).dblclick(no_wait_after=True)

    expect(page.get_by_text("You chose “Bowls”.")).to_be_visible()
    assert counts(poll)["people"] == Ballot.objects.count() == 1


@on_devices(*TWO_DEVICES)
def test_a_poll_within_a_text_is_voted_on_there(page):
    PollFactory(question="Which course next?", slug="next-course")
    post = PostFactory(body="We could not decide.\n\n[poll:next-course]\n\nTell us!")
    address = post.get_absolute_url()

    page.goto(address)
    expect(page.get_by_role("region", name="Poll")).to_be_visible()
    choose(page, "Bowls")
    page.get_by_role("button", name="Vote", exact=True).click()

    expect(page.get_by_text("You chose “Bowls”.")).to_be_visible()
    expect(page.get_by_text("Tell us!")).to_be_visible()
    assert address in page.url
    assert_fine(page)


@on_devices(PHONE)
def test_somebody_signs_in_for_a_poll_of_people_with_an_account(page):
    PollFactory(question="Which tool shall we buy?", slug="tool", audience="members")
    make_user("ana@example.org")

    page.goto("/polls/tool/")
    expect(page.get_by_text("Which tool shall we buy?")).to_have_count(0)
    assert_fine(page)
    page.get_by_role("link", name="Sign in to take part").click()
    page.get_by_label("Email").fill("ana@example.org")
    page.get_by_label("Password").fill("a heron at the pond")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Which tool shall we buy?")
    choose(page, "Bread")
    page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_text("You chose “Bread”.")).to_be_visible()
    expect(page.get_by_text("rests on a cookie")).to_have_count(0)


@on_devices(PHONE, DESKTOP.dark())
def test_polls_of_every_kind_can_be_read_by_everybody(page):
    busy = PollFactory(
        question=f"{LONG}?",
        slug="long",
        results_visible="always",
        description="With **words** and\n\n- a list",
        answers=(LONG, "قبعات", "B"),
        closes_at=timezone.now() + timedelta(minutes=30),
    )
    cast_ballot(busy, pks(busy, LONG), browser("other"))
    PollFactory(slug="soon", **upcoming())
    over = PollFactory(slug="over")
    cast_ballot(over, pks(over, "Bowls"), browser("other"))
    Poll.objects.filter(pk=over.pk).update(**closed())

    for address in ("/polls/", "/polls/long/", "/polls/soon/", "/polls/over/"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_fine(page)
        assert layout_shift(page) < 0.02


@on_devices(DESKTOP)
def test_the_keyboard_alone_is_enough(page):
    PollFactory(slug="next-course")

    page.goto("/polls/next-course/")
    page.get_by_role("radio", name="Baskets").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("You chose “Bowls”.")).to_be_focused()
