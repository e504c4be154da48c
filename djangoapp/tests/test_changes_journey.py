"""After the sale, in a real browser: buyers change their minds, staff answers, and who waited gets a place."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from core import jobs
from shop.models import SessionCancellation
from shop.services import cancelling
from shop.tests.factories import SessionFactory, UserFactory, paid_order_for
from shop.tests.queues import full_session, give_back, wait_for
from tests.support.browser import DESKTOP, PHONE
from tests.support.pages import assert_accessible, assert_fits

pytestmark = pytest.mark.browser

PRICE = Decimal(85)


@pytest.fixture
def owner(transactional_db):
    return UserFactory(email="owner@example.org", is_staff=True, is_superuser=True)


def look(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def test_one_of_two_places_is_cancelled_and_what_goes_back_is_shown_before_and_after(open_page):
    order = paid_order_for((SessionFactory(base_price=PRICE), 2))
    page = open_page(PHONE)

    page.goto(order.get_absolute_url())
    page.get_by_role("link", name="Cancel places").click()
    look(page)
    page.locator("input[name=place]").first.check()
    page.get_by_role("button", name="Go on").click()
    look(page)
    expect(page.get_by_text("Your other places and their tickets stay as they are.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Yes, cancel and get CHF.85 back")).click()

    page.wait_for_url(f"**{order.get_absolute_url()}*")
    expect(page.get_by_text(re.compile("CHF.85")).first).to_be_visible()
    look(page)
    assert [line.cancelled_at is None for line in order.lines.order_by("position")] == [False, True]


def test_a_refund_is_asked_for_where_the_policy_says_no_and_staff_gives_a_part(open_page, owner):
    order = paid_order_for(
        (SessionFactory(base_price=PRICE, starts_at=timezone.now() + timedelta(hours=20)), 1)
    )
    buyer, staff = open_page(PHONE), open_page(DESKTOP, user=owner)

    buyer.goto(order.get_absolute_url())
    buyer.get_by_role("link", name="Ask for a refund").click()
    buyer.locator("input[name=place]").check()
    buyer.get_by_label("What happened?").fill("I broke a leg.")
    look(buyer)
    buyer.get_by_role("button", name="Send the request").click()
    expect(buyer.get_by_text(re.compile("You have asked for CHF.85 back."))).to_be_visible()

    staff.goto("/studio/")
    staff.get_by_role("link", name="1 refund request waits for your answer").click()
    staff.get_by_role("link", name=re.compile("CHF.85")).click()
    staff.get_by_role("link", name="Answer").click()
    expect(staff.get_by_text("I broke a leg.")).to_be_visible()
    assert_accessible(staff, context="#content")
    staff.get_by_label(re.compile("Goes back")).fill("40")
    staff.get_by_label("What the buyer is told").fill("Get well soon!")
    staff.get_by_role("button", name="Give the money back").click()
    expect(staff.get_by_text("Accepted").first).to_be_visible()

    buyer.reload()
    expect(buyer.get_by_text(re.compile("You get back CHF.40"))).to_be_visible()
    expect(buyer.get_by_text("Get well soon!")).to_be_visible()


def test_a_session_is_cancelled_and_its_progress_watched_to_the_end(open_page, owner, monkeypatch):
    session = SessionFactory(base_price=PRICE, capacity=5)
    for number in range(2):
        paid_order_for((session, 2), email=f"buyer{number}@example.org")
    page = open_page(DESKTOP, user=owner)

    page.goto(f"/admin/shop/session/{session.pk}/change/")
    page.get_by_role("link", name="Cancel this session").click()
    expect(page.get_by_text("2 orders are concerned, with 4 places in this session.")).to_be_visible()
    assert_accessible(page, context="#content")
    page.get_by_label("What everybody is told").fill("The kiln is broken.")
    page.get_by_label("I have read who is concerned.").check()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "async_task", lambda *task: None)  # the worker is busy
        page.get_by_role("button", name=re.compile("Cancel the session and refund CHF.340")).click()
        expect(page.get_by_text("0 of 4")).to_be_visible()
    cancelling.resume()

    expect(page.get_by_text("4 of 4")).to_be_visible()
    assert SessionCancellation.objects.get().session == session


def test_who_waited_takes_the_place_by_the_link_in_the_mail(open_page):
    session = full_session(1, base_price=PRICE)
    wait_for(session, email="wanda@example.org")
    give_back(session)
    offered = next(letter for letter in mail.outbox if letter.subject.startswith("A place for you"))
    page = open_page(PHONE)

    page.goto(re.findall(r"http\S+/waiting/\S+", offered.body)[-1])
    look(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("One place is kept for you")
    page.get_by_role("link", name="Book them").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Checkout")
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("wanda@example.org")
    expect(page.get_by_role("heading", name=re.compile(session.title))).to_be_visible()
