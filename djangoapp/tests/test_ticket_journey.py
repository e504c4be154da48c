"""A ticket in a real browser: found from its order, read from the screen and from paper, and let in by a telephone."""

import pytest
from playwright.sync_api import expect

from attendance.models import Entry, Ticket
from attendance.qr import address_of
from attendance.tests.factories import door_staff, session_today, ticket_for
from attendance.tests.reading import codes_on, needs, pictures_of
from shop.models import OrderLine
from shop.services import orders
from tests.support.browser import DESKTOP, PHONE, on_devices
from tests.support.pages import assert_accessible, assert_fits

pytestmark = pytest.mark.browser

LONG = (
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "Wolfeschlegelsteinhausenbergerdorff-Ångström y Ortiz de Zárate",
)


@pytest.fixture
def ticket(live_shop) -> Ticket:
    """Of a session with a long title, for somebody with a long name."""
    ticket = ticket_for(session_today(project__title="Grafting old kinds of apple and pear trees " * 2))
    OrderLine.objects.update(attendee_first_name=LONG[0], attendee_last_name=LONG[1])
    return ticket


@on_devices(PHONE, DESKTOP, PHONE.without_javascript().dark())
def test_the_code_is_read_from_the_screen_and_from_paper(page, ticket, tmp_path):
    needs("zbarimg", "pdftoppm")
    page.goto(ticket.line.order.get_absolute_url())
    assert_accessible(page)
    assert_fits(page)

    page.get_by_role("link", name=f"Ticket of {LONG[0]}").click()

    expect(page.get_by_role("img", name="QR code of this ticket")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    page.screenshot(path=tmp_path / "screen.png", full_page=True)
    assert codes_on(tmp_path / "screen.png") == [address_of(ticket)]
    [paper] = pictures_of(page.pdf(format="A4"), tmp_path)
    assert codes_on(paper) == [address_of(ticket)]


@pytest.mark.parametrize("device", [PHONE, PHONE.without_javascript()], ids=str)
def test_a_telephone_of_the_door_lets_the_guest_in_and_takes_it_back(open_page, device, ticket):
    guest, door = open_page(PHONE), open_page(device, user=door_staff())
    door.goto(f"/tickets/{ticket.code}/")
    assert_accessible(door)
    assert_fits(door)

    door.get_by_role("button", name=f"Let {LONG[0]} {LONG[1]} in").click()

    expect(door.get_by_text(f"Welcome, {LONG[0]} {LONG[1]}.")).to_be_visible()
    expect(door.get_by_role("heading", name="Already in")).to_be_visible()
    assert_accessible(door)
    assert Entry.objects.get().ticket == ticket
    guest.goto(f"/tickets/{ticket.code}/")
    expect(guest.get_by_text("You are in since")).to_be_visible()

    door.get_by_role("button", name="Undo: not in").click()

    expect(door.get_by_role("button", name="Let")).to_be_visible()
    assert Entry.objects.get().undone_at is not None


def test_a_cancelled_ticket_shows_no_code(open_page, ticket):
    page = open_page(PHONE)
    orders.cancel(ticket.line.order)

    page.goto(f"/tickets/{ticket.code}/")

    expect(page.get_by_text("This place was cancelled.")).to_be_visible()
    expect(page.get_by_role("img", name="QR code of this ticket")).to_have_count(0)
    assert_accessible(page)
    assert_fits(page)
