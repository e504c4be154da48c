"""Staff runs the studio from the admin, at a desk and on a tablet."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.services import apply_for_membership
from shop.models import Order
from shop.tests.factories import SessionFactory, UserFactory, order_for
from tests.support.browser import DESKTOP, Device
from tests.support.pages import assert_accessible

pytestmark = pytest.mark.browser
TABLET = Device("tablet", 820, 1180, has_touch=True)
DEVICES = pytest.mark.parametrize("device", [DESKTOP, TABLET], ids=str)


@pytest.fixture
def owner(transactional_db):
    return UserFactory(email="owner@example.org", first_name="Olga", is_staff=True, is_superuser=True)


def fits(page: Page) -> bool:
    """Whether the page itself does not scroll sideways; wide tables within it may."""
    page.wait_for_load_state()
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@DEVICES
def test_staff_begins_with_what_somebody_waits_for(open_page, owner, device):
    apply_for_membership(UserFactory(first_name="Fatou", last_name="Ndiaye").profile, "member")
    page = open_page(device, user=owner)

    page.goto("/admin/")
    assert_accessible(page)
    assert fits(page)
    page.get_by_role("link", name="1 membership waits for your answer").click()
    page.get_by_role("row", name=re.compile("Fatou Ndiaye")).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(label="Approve the membership and tell the person")
    page.get_by_role("button", name="Go").click()

    expect(page.get_by_text("Fatou Ndiaye: approved; a mail tells them.")).to_be_visible()
    assert fits(page)


@DEVICES
def test_staff_takes_money_at_the_desk(open_page, owner, device):
    order = order_for((SessionFactory(), 2))
    page = open_page(device, user=owner)

    page.goto("/admin/shop/order/")
    assert fits(page)
    page.get_by_role("link", name=order.code).click()
    assert fits(page)
    page.get_by_role("button", name="Mark paid at the desk").click()
    expect(page.get_by_role("heading", name="Has the money been received?")).to_be_visible()
    assert_accessible(page, context="#content")
    page.get_by_role("button", name="Yes, the money is here").click()

    expect(page.get_by_text(re.compile("confirmed, CHF.170 received at the desk"))).to_be_visible()
    expect(page.get_by_role("button", name="Send the confirmation again")).to_be_visible()
    assert Order.objects.get().is_paid


@DEVICES
def test_staff_adds_a_session_as_a_row_that_begins_like_the_last_one(open_page, owner, device):
    last = SessionFactory(time_zone="Europe/Lisbon")
    page = open_page(device, user=owner)

    page.goto(f"/admin/shop/project/{last.project_id}/change/")
    assert fits(page)
    page.get_by_role("button", name="Add another Session").click()
    page.locator("#id_sessions-1-capacity").fill("5")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    new = last.project.sessions.exclude(pk=last.pk).get()
    assert (new.capacity, new.time_zone) == (5, "Europe/Lisbon")
    assert new.local_start == last.local_start.replace(second=0, microsecond=0) + (
        new.local_start.date() - last.local_start.date()
    )
    assert (new.local_start.date() - last.local_start.date()).days == 7


@DEVICES
def test_staff_moves_a_session_by_its_own_clock(open_page, owner, device):
    session = SessionFactory()
    page = open_page(device, user=owner)

    page.goto(f"/admin/shop/session/{session.pk}/change/")
    assert fits(page)
    page.get_by_label("Starts:").fill("2031-03-30T02:30")
    page.get_by_label("Ends:").fill("2031-03-30T04:30")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("In Zurich there is no 02:30 on 30 March 2031")).to_be_visible()
    page.get_by_label("Starts:").fill("2031-03-30T03:30")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    session.refresh_from_db()
    assert f"{session.local_start:%Y-%m-%d %H:%M}" == "2031-03-30 03:30"
