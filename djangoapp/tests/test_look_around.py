"""Looking around in a real browser: finding a session by filter, by calendar, on a phone and by keyboard."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Membership
from shop.models import Session
from shop.tests.factories import CategoryFactory, ProjectFactory, SessionFactory, UserFactory, member
from tests.support.browser import DESKTOP, EVERY_DEVICE, PHONE, Device, on_devices
from tests.support.pages import assert_accessible, assert_fits, layout_shift

pytestmark = pytest.mark.browser

DRAWING = b"""<svg xmlns="http://www.w3.org/2000/svg" width="720" height="480"><rect width="720" height="480"/></svg>"""
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützen nähen, flicken und würdevoll tragen"


@pytest.fixture
def sessions(live_shop) -> dict[str, Session]:
    """A small catalogue: usual, few left, sold out, online, elsewhere, past, and much too long."""
    clay = CategoryFactory(name="Clay and glaze", slug="clay")
    trees = CategoryFactory(name="Trees and garden", slug="trees")
    mira = UserFactory(first_name="Mira", last_name="Aebi")
    noon = (timezone.now() + timedelta(days=35)).replace(day=15, hour=10, minute=0, second=0, microsecond=0)
    grafting = ProjectFactory(
        title="Grafting apple trees",
        slug="grafting",
        category=trees,
        description="## What you do\n\n- cut\n- bind\n\n### Afterwards\n\nCome to the [bench](/projects/).",
        picture=ContentFile(DRAWING, "grafting.svg"),
        picture_alt="A young apple tree in a pot",
    )
    rows = {
        "grafting": {"project": grafting, "member_price": Decimal(70)},
        "grafting later": {"project": grafting, "starts_at": noon + timedelta(days=3)},
        "bowls": {
            "project__title": "First bowls on the wheel",
            "project__category": clay,
            "starts_at": noon + timedelta(hours=4),
            "capacity": 8,
            "seats_taken": 6,
        },
        "full": {"project__title": "Tea bowls", "project__category": clay, "capacity": 6, "seats_taken": 6},
        "online": {"project__title": "Winter buds", "place_name": "", "online_url": "https://meet.example/x"},
        "tiles": {
            "project__title": "Azulejos",
            "time_zone": "Europe/Lisbon",
            "starts_at": noon + timedelta(days=1),
            "base_price": Decimal(0),
        },
        "long": {
            "project__title": LONG,
            "project__summary": f"{LONG}, {LONG}",
            "place_name": "Gemeinschaftszentrum Wollishofen-Leimbach",
            "starts_at": noon + timedelta(hours=6),
            "base_price": Decimal("12850.50"),
            "member_price": Decimal("12800.50"),
            "seats_taken": 0,
            "capacity": 120,
        },
        "past": {"project__title": "Last week", "starts_at": timezone.now() - timedelta(days=7)},
    }
    return {
        name: SessionFactory(**{"starts_at": noon, "host": mira} | fields) for name, fields in rows.items()
    }


def month_of(session: Session) -> str:
    return f"/sessions/?view=month&month={session.local_start:%Y-%m}"


def titles(page: Page) -> list[str]:
    return page.locator("#results h3.name").all_inner_texts()


def open_filters(page: Page) -> None:
    """On a phone the filters are folded."""
    if not page.get_by_label("Kind").is_visible():
        page.get_by_text("Filter the sessions", exact=True).click()


# Filters


@on_devices(*EVERY_DEVICE)
def test_a_visitor_narrows_the_list_down_and_widens_it_again(page, sessions):
    page.goto("/sessions/")
    open_filters(page)

    page.get_by_label("Kind").select_option("Clay and glaze")
    page.get_by_label("With places left").check()
    page.get_by_role("button", name="Show").click()

    expect(page.locator("#results h3.name")).to_have_text(["First bowls on the wheel"])
    expect(page).to_have_url(re.compile(r"category=clay.*free="))

    page.get_by_role("link", name="With places left").click()

    expect(page.locator("#results h3.name")).to_have_text(["Tea bowls", "First bowls on the wheel"])
    expect(page.get_by_label("With places left")).not_to_be_checked()

    page.get_by_role("link", name="Take away the filter Clay and glaze").click()

    expect(page).to_have_url(re.compile(r"/sessions/$"))
    assert len(titles(page)) == len(sessions) - 1


def test_with_scripts_the_list_follows_at_once_and_the_page_stays(page, sessions):
    page.goto("/sessions/")
    page.evaluate("document.body.dataset.sameDocument = 'yes'")

    page.get_by_label("Where").focus()
    page.get_by_label("Where").select_option("Online")

    expect(page.locator("#results h3.name")).to_have_text(["Winter buds"])
    expect(page).to_have_url(re.compile(r"/sessions/\?where=online$"))
    expect(page.get_by_role("status").filter(has_text="1 session found")).to_have_count(1)
    assert page.evaluate("document.body.dataset.sameDocument") == "yes"
    assert page.evaluate("document.activeElement.id") == "id_where"

    page.go_back()

    expect(page).to_have_url(re.compile(r"/sessions/$"))
    expect(page.locator("#results h3.name")).to_have_count(len(sessions) - 1)
    expect(page.get_by_label("Where")).to_have_value("")


@on_devices(*EVERY_DEVICE)
def test_what_cannot_be_understood_is_said_beside_what_was_typed(page, sessions):
    page.goto("/sessions/?from=2098-12-10&to=2098-12-01&price=-1")

    expect(page.get_by_text("Not everything could be used")).to_be_visible()
    expect(page.get_by_label("Until")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Up to CHF")).to_have_value("-1")

    open_filters(page)
    page.get_by_label("Up to CHF").fill("20")
    page.get_by_label("Until").fill("")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("Not everything could be used")).to_have_count(0)
    expect(page.get_by_label("Until")).not_to_have_attribute("aria-invalid", "true")


@on_devices(*EVERY_DEVICE)
def test_nothing_found_leads_back_to_everything(page, sessions):
    page.goto("/sessions/?q=submarine")

    page.get_by_role("link", name="Show all sessions").click()

    expect(page.locator("#results h3.name")).to_have_count(len(sessions) - 1)


@on_devices(*EVERY_DEVICE)
def test_the_home_page_leads_to_a_session(page, sessions):
    page.goto("/")

    page.get_by_label("What would you like to make?").fill("bowls wheel")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="First bowls on the wheel").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("First bowls on the wheel")
    expect(page.get_by_role("button", name="Reserve")).to_be_in_viewport()


# The calendar


def test_the_calendar_is_walked_by_keyboard(page, sessions):
    page.goto("/sessions/")

    page.get_by_role("link", name="Month", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table")).to_be_visible()
    while page.get_by_role("heading", level=2).first.inner_text() != f"{sessions['tiles'].local_start:%B %Y}":
        page.locator(".month-head [rel~=next]").focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    entry = page.locator(".month li a", has_text="Azulejos")
    for _step in range(60):
        if entry.evaluate("link => link === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(entry).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Azulejos")


@on_devices(DESKTOP, DESKTOP.without_javascript())
def test_a_full_day_leads_to_its_list(page, sessions):
    page.goto(month_of(sessions["bowls"]))

    page.locator(".month .more").click()

    expect(page.get_by_role("link", name=LONG)).to_be_visible()
    expect(page.get_by_role("link", name="Azulejos")).to_have_count(0)


@on_devices(PHONE, PHONE.without_javascript())
def test_on_a_phone_marks_stand_in_the_month_and_a_list_beneath(page, sessions):
    page.goto(month_of(sessions["tiles"]))

    expect(page.locator(".month li a").first).to_be_hidden()
    expect(page.locator(".day-list h4", has_text="Azulejos")).to_be_visible()
    expect(page.locator(".day-row", has_text="Azulejos")).to_contain_text("Lisbon time")
    page.get_by_role(
        "cell", name=f"{sessions['tiles'].local_start:%A} {sessions['tiles'].local_start.day}"
    ).click()

    expect(page.locator("#results h3.name")).to_have_text(["Azulejos"])


# One session, one project


@on_devices(*EVERY_DEVICE)
def test_the_button_is_at_hand_and_other_dates_are_close(page, sessions):
    page.goto(sessions["grafting"].get_absolute_url())

    expect(page.get_by_role("button", name="Reserve")).to_be_in_viewport()
    expect(page.get_by_label("Places")).to_have_value("1")
    expect(page.get_by_role("img", name="A young apple tree in a pot")).to_be_visible()
    page.get_by_role("link", name=re.compile("th|day")).filter(
        has_text=f"{sessions['grafting later'].local_start:%B}"
    ).first.click()

    expect(page).to_have_url(re.compile(sessions["grafting later"].slug))


def test_a_visitor_elsewhere_also_reads_their_own_clock(open_page, sessions):
    page = open_page(DESKTOP, timezone_id="America/New_York")
    session = sessions["grafting"]

    page.goto(session.get_absolute_url())

    expect(page.get_by_text("(Zurich time)").first).to_be_visible()
    expect(page.get_by_text("your time").first).to_be_visible()


def test_a_member_sees_their_price_everywhere(open_page, sessions):
    page = open_page(PHONE, user=member(Membership.MEMBER))

    for address in ("/", "/sessions/", sessions["grafting"].get_absolute_url(), "/projects/grafting/"):
        page.goto(address)
        expect(page.get_by_text("Member price").first).to_be_visible()
        assert_accessible(page)


# Every page


@on_devices(PHONE, DESKTOP)
def test_every_page_is_accessible_and_fits_by_day_and_by_night(page, sessions, page_problems):
    page_problems.expect("status of 404")
    addresses = [
        "/",
        "/sessions/",
        "/sessions/?category=clay&free=1",
        "/sessions/?q=submarine",
        "/sessions/?from=2098-12-10&to=2098-12-01&price=-1",
        "/sessions/?view=month",
        month_of(sessions["bowls"]),
        "/projects/",
        "/projects/grafting/",
        f"/projects/{sessions['past'].project.slug}/",
        "/sessions/no-such-session/",
        *(sessions[name].get_absolute_url() for name in ("grafting", "full", "tiles", "long", "past")),
    ]
    for address in addresses:
        page.emulate_media(color_scheme="light")
        page.goto(address)
        assert_accessible(page)
        assert_fits(page)
        page.emulate_media(color_scheme="dark")
        assert_accessible(page, context="main")


@on_devices(Device("narrow-phone", 320, 640, has_touch=True))
def test_pages_fit_the_narrowest_phone(page, sessions):
    for address in (
        "/",
        "/sessions/?q=bowls",
        month_of(sessions["bowls"]),
        sessions["long"].get_absolute_url(),
    ):
        page.goto(address)
        assert_fits(page)


@on_devices(PHONE.without_javascript(), DESKTOP.without_javascript())
def test_pages_are_accessible_and_fit_without_scripts(page, sessions):
    for address in (
        "/",
        "/sessions/?q=bowls",
        month_of(sessions["bowls"]),
        sessions["long"].get_absolute_url(),
    ):
        page.goto(address)
        assert_accessible(page)
        assert_fits(page)


@on_devices(PHONE, DESKTOP)
def test_every_page_is_accessible_while_there_is_nothing(page, live_shop):
    for address in ("/", "/sessions/", "/sessions/?view=month", "/projects/"):
        page.goto(address)
        assert_accessible(page)
        assert_fits(page)


@on_devices(PHONE, DESKTOP)
def test_nothing_jumps_while_a_page_arrives(page, sessions):
    for address in ("/", "/sessions/", month_of(sessions["bowls"]), sessions["grafting"].get_absolute_url()):
        page.goto(address, wait_until="networkidle")
        assert layout_shift(page) < 0.01, address
