"""Booking in a real browser: guest or member, phone or desktop, with or without scripts, by card or at the desk."""

import copy
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import stripe
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from payments.endpoint import provision
from payments.standin import RunningStandIn, running_standin
from shop.enums import PaymentStatus
from shop.models import Cart, Order, Payment, Session
from shop.services import payments
from shop.tests.factories import CouponFactory, SessionFactory, cart_with, member, order_for
from tests.support.browser import DESKTOP, EVERY_DEVICE, PHONE, TWO_DEVICES, on_devices
from tests.support.pages import assert_accessible, assert_fits

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützen nähen, flicken und würdevoll tragen"
IS_REFUSED = "status of 422"  # a form that is shown again with its errors


@pytest.fixture
def standin(live_shop, settings, monkeypatch) -> Iterator[RunningStandIn]:
    """Stripe: its API, its page, and notifications to the running shop."""
    provision()
    options = {
        "webhook_url": f"{live_shop.url}/stripe/webhook/",
        "webhook_secret": settings.STRIPE_WEBHOOK_SECRET,
    }
    with running_standin(**options) as running:
        settings.STRIPE_API_HOST = running.url
        monkeypatch.setattr(stripe, "api_base", running.url)
        yield running


@pytest.fixture
def card(standin, settings) -> RunningStandIn:
    """The same, with its page among those to which forms may lead, as Stripe's own is."""
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(standin.url)
    settings.CONTENT_SECURITY_POLICY = policy
    return standin


@pytest.fixture
def grafting(live_shop) -> Session:
    return SessionFactory(
        project__title="Grafting apple trees", base_price=Decimal(85), member_price=Decimal(70)
    )


@pytest.fixture
def buds(live_shop) -> Session:
    start = timezone.now().replace(hour=23, minute=30, second=0, microsecond=0) + timedelta(days=20)
    return SessionFactory(
        project__title="Reading a tree: winter buds",
        starts_at=start,
        ends_at=start + timedelta(minutes=90),
        time_zone="America/New_York",
        place_name="",
        place_address="",
        online_url="https://meet.example.org/buds",
        base_price=Decimal(25),
    )


def look(page: Page) -> None:
    """What holds for every page: anybody can use it, on any screen."""
    assert_accessible(page)
    assert_fits(page)


def reserve(page: Page, session: Session, places: int = 1) -> None:
    page.goto(session.get_absolute_url())
    page.get_by_label("Places", exact=True).select_option(str(places))
    page.get_by_role("button", name="Reserve").click()
    page.wait_for_url("**/cart/")


def line_of(page: Page, session: Session) -> Locator:
    return page.locator(".cart-line").filter(has_text=session.title)


def fill_in(page: Page, email: str = "ana@example.org") -> None:
    """The buyer's part of the checkout, as far as it is empty."""
    for label, text in (
        ("E-mail", email),
        ("Street and number", "Baumweg 3"),
        ("Postcode", "8004"),
        ("Town", "Zürich"),
    ):
        field = page.get_by_label(label, exact=True)
        if not field.input_value():
            field.fill(text)
    you = page.get_by_role("region", name="You", exact=True)
    for label, text in (("First name", "Ana"), ("Last name", "Keller")):
        field = you.get_by_label(label)
        if not field.input_value():
            field.fill(text)
    page.get_by_label("I have read the terms").check()


def name_place(page: Page, session: Session, number: int, first: str, last: str) -> None:
    place = page.get_by_role("group", name=f"Place {number} ({session.title})")
    place.get_by_label("First name").fill(first)
    place.get_by_label("Last name").fill(last)


def expect_headline(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def the_payment() -> Payment:
    return Payment.objects.get(status__in=["created", "open", "processing"])


@on_devices(*EVERY_DEVICE)
def test_a_guest_books_two_sessions_with_a_coupon_and_pays_by_card(page, card, grafting, buds, page_problems):
    CouponFactory(code="SPRING26")
    page_problems.expect(IS_REFUSED)

    page.goto("/cart/")
    expect(page.get_by_text("Your cart is empty")).to_be_visible()
    look(page)
    reserve(page, grafting, 2)
    reserve(page, buds, 1)
    look(page)
    line = line_of(page, buds)
    expect(line).to_contain_text("(New York time)")
    expect(line).to_contain_text("Online")

    page.get_by_label("Coupon").fill("NONSENSE1")
    page.get_by_role("button", name="Redeem").click()
    problem = page.get_by_text("This code is not valid. Please check how it is written.")
    expect(problem).to_be_visible()
    expect(page.get_by_label("Coupon")).to_have_value("NONSENSE1")
    look(page)
    page.get_by_label("Coupon").fill("spring26")
    page.get_by_role("button", name="Redeem").click()
    expect(page.get_by_text("SPRING26 takes off CHF\N{NO-BREAK SPACE}19.50.").first).to_be_visible()

    page.get_by_role("link", name="To the checkout").click()
    page.wait_for_url("**/checkout/")
    look(page)
    page.get_by_role("button", name="Book for CHF").click()
    expect(page.get_by_text("Write your first name.").first).to_be_visible()
    look(page)
    fill_in(page)
    name_place(page, grafting, 2, "Jon", "Bär")
    page.get_by_role("radio", name=re.compile("^Card")).check()
    page.get_by_role("button", name="Book for CHF\N{NO-BREAK SPACE}175.50").click()

    page.wait_for_url(f"{card.url}/**")
    page.get_by_role("button", name="Pay CHF").click()
    page.wait_for_url("**/orders/**")
    expect_headline(page, "Your booking is confirmed")
    expect(page.get_by_role("link", name="https://meet.example.org/buds")).to_be_visible()
    look(page)
    order = Order.objects.get()
    assert order.is_paid
    assert [line.attendee_name for line in order.lines.all()] == ["Ana Keller", "Jon Bär", "Ana Keller"]
    assert [sent.subject for sent in mail.outbox] == [f"Your booking is confirmed ({order.code})"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to my calendar").click()
    assert download.value.suggested_filename == f"{order.code}.ics"


@pytest.mark.parametrize("device", TWO_DEVICES, ids=str)
def test_a_member_pays_at_the_desk_and_finds_the_booking_again(open_page, device, grafting):
    user = member(first_name="Mira", last_name="Aebi")
    page = open_page(device, user=user)

    reserve(page, grafting, 2)
    expect(line_of(page, grafting)).to_contain_text("Member price")
    expect(line_of(page, grafting)).to_contain_text("CHF\N{NO-BREAK SPACE}140")
    page.get_by_role("link", name="To the checkout").click()
    page.wait_for_url("**/checkout/")
    expect(page.get_by_label("E-mail", exact=True)).to_have_value(user.email)
    fill_in(page)
    page.get_by_label("I come myself").uncheck()
    name_place(page, grafting, 1, "Jon", "Bär")
    name_place(page, grafting, 2, "Bea", "Roth")
    page.get_by_label("Pay at the desk").check()
    look(page)
    page.get_by_role("button", name="Book for CHF\N{NO-BREAK SPACE}140").click()

    page.wait_for_url("**/orders/**")
    expect_headline(page, "Your places are reserved")
    look(page)
    order = Order.objects.get()
    payments.mark_paid_at_desk(order, actor=None)

    page.goto("/account/bookings/")
    look(page)
    page.get_by_role("link", name=f"Order {order.code}").click()
    expect_headline(page, "Your booking is confirmed")
    assert [sent.subject.split(" (")[0] for sent in mail.outbox] == [
        "Your places are reserved",
        "Your booking is confirmed",
    ]


@on_devices(*TWO_DEVICES)
def test_leaving_the_payment_page_keeps_the_order_which_can_then_be_cancelled_and_booked_again(
    page, card, grafting
):
    reserve(page, grafting)
    page.get_by_role("link", name="To the checkout").click()
    fill_in(page)
    page.get_by_role("button", name="Book for CHF").click()
    page.wait_for_url(f"{card.url}/**")
    page.get_by_role("link", name="Leave without paying").click()

    page.wait_for_url("**/orders/**")
    expect_headline(page, "Your order waits for payment")
    look(page)
    page.get_by_role("link", name="Cancel the order").click()
    expect_headline(page, "Cancel the order?")
    look(page)
    page.get_by_role("button", name="Yes, cancel it").click()
    expect_headline(page, "This order is cancelled")
    look(page)
    page.get_by_role("button", name="Book again").click()
    page.wait_for_url("**/cart/")
    expect(line_of(page, grafting)).to_be_visible()


@on_devices(*TWO_DEVICES)
def test_a_declined_card_can_be_replaced_by_another_way_to_pay(page, card, grafting):
    reserve(page, grafting)
    page.get_by_role("link", name="To the checkout").click()
    fill_in(page)
    page.get_by_role("button", name="Book for CHF").click()
    page.wait_for_url(f"{card.url}/**")
    page.get_by_role("button", name="Fail").click()
    expect(page.get_by_text("Your card was declined.")).to_be_visible()
    page.get_by_role("link", name="Leave without paying").click()

    page.wait_for_url("**/orders/**")
    page.get_by_label("Pay at the desk").check()
    page.get_by_role("button", name="Go on").click()
    expect_headline(page, "Your places are reserved")
    assert [payment.status for payment in Payment.objects.all()] == [
        PaymentStatus.OPEN,
        PaymentStatus.EXPIRED,
    ]


@on_devices(PHONE, DESKTOP)
def test_a_payment_that_takes_its_time_turns_to_confirmed_by_itself(page, standin, grafting):
    order = order_for((grafting, 1), provider="stripe")
    payments.start(order.payments.get())

    page.goto(f"{order.get_absolute_url()}?returned=1")
    expect_headline(page, "Your payment is being confirmed")
    look(page)
    standin.pay(the_payment().reference)

    expect_headline(page, "Your booking is confirmed")
    expect(page).to_have_title(re.compile("^Your booking is confirmed"))
    expect(page.locator("#order-news")).to_contain_text("Your booking is confirmed.")
    look(page)
    expect(page.locator("[data-polls]")).to_have_count(0)


@on_devices(DESKTOP.without_javascript())
def test_without_javascript_one_looks_again(page, standin, grafting):
    order = order_for((grafting, 1), provider="stripe")
    payments.start(order.payments.get())

    page.goto(f"{order.get_absolute_url()}?returned=1")
    look(page)
    standin.pay(the_payment().reference)
    page.get_by_role("link", name="Look again").click()

    expect_headline(page, "Your booking is confirmed")


def test_the_policy_lets_forms_lead_to_the_payment_page_and_nowhere_else(
    page, standin, grafting, page_problems
):
    """The stand-in is left out of the policy here: the browser then refuses to go there."""
    page_problems.expect("form-action")
    reserve(page, grafting)
    page.get_by_role("link", name="To the checkout").click()
    fill_in(page)

    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.get_by_role("button", name="Book for CHF").click()

    assert page.url.endswith("/checkout/")
    assert Order.objects.get().is_pending


@on_devices(*TWO_DEVICES)
def test_the_cart_changes_in_place_and_keeps_the_focus(page, grafting, buds):
    has_scripts = not page.evaluate("matchMedia('(scripting: none)').matches")
    reserve(page, grafting, 1)
    reserve(page, buds, 1)

    places = page.get_by_label(f"Places in {grafting.title}")
    places.select_option("3")
    if not has_scripts:
        page.get_by_role("button", name=f"Change {grafting.title}").click()
    expect(line_of(page, grafting)).to_contain_text("CHF\N{NO-BREAK SPACE}255")
    expect(page.locator("#cart-link")).to_contain_text("4")
    if has_scripts:
        expect(page.locator("#cart-news")).to_have_text(f"“{grafting.title}”: 3 places.")

    page.get_by_role("button", name=f"Remove {grafting.title}").click()
    expect(line_of(page, grafting)).to_have_count(0)
    expect(page.locator("#cart-link")).to_contain_text("1")
    if has_scripts:
        expect(page.get_by_role("heading", name="Your cart", exact=True)).to_be_focused()
    page.get_by_role("button", name=f"Remove {buds.title}").click()
    expect(page.get_by_text("Your cart is empty")).to_be_visible()
    look(page)


def test_the_keyboard_changes_a_number_of_places_and_stays_there(page, grafting):
    reserve(page, grafting, 1)

    places = page.get_by_label(f"Places in {grafting.title}")
    places.focus()
    page.keyboard.press("ArrowDown")

    expect(line_of(page, grafting)).to_contain_text("CHF\N{NO-BREAK SPACE}170")
    expect(page.get_by_label(f"Places in {grafting.title}")).to_be_focused()


@on_devices(PHONE, DESKTOP)
def test_a_hold_that_runs_out_says_so_and_can_be_had_again(page, grafting):
    reserve(page, grafting, 2)
    expect(page.get_by_text("Your places are held for")).to_be_visible()
    look(page)
    soon = timezone.now() + timedelta(seconds=3)
    Cart.objects.update(held_until=soon)
    grafting.cart_lines.update(held_until=soon)
    page.reload()

    expect(page.get_by_text("Your hold has run out.").first).to_be_visible()
    look(page)
    page.get_by_role("button", name="Hold them again").click()

    expect(page.get_by_text("Your places are held for")).to_be_visible()
    expect(line_of(page, grafting)).not_to_contain_text("No longer held")
    assert Session.objects.get(pk=grafting.pk).seats_taken == 2


@on_devices(*TWO_DEVICES)
def test_what_others_took_meanwhile_is_told_and_nothing_typed_is_lost(page, live_shop):
    session = SessionFactory(project__title="Bread", capacity=2)
    reserve(page, session, 2)
    page.get_by_role("link", name="To the checkout").click()
    fill_in(page)
    name_place(page, session, 2, "Jon", "Bär")
    session.cart_lines.update(held_until=timezone.now() - timedelta(seconds=1))
    cart_with((session, 1))

    page.get_by_label("Pay at the desk").check()
    page.get_by_role("button", name="Book for CHF").click()
    page.wait_for_url("**/cart/")
    expect(page.get_by_text("Only 1 place is left in “Bread”.")).to_be_visible()
    look(page)
    page.get_by_label("Places in Bread").select_option("1")
    if page.evaluate("matchMedia('(scripting: none)').matches"):
        page.get_by_role("button", name="Change Bread").click()
    expect(line_of(page, session)).not_to_contain_text("No longer held")
    page.get_by_role("link", name="To the checkout").click()

    expect(page.get_by_label("Street and number")).to_have_value("Baumweg 3")
    expect(page.get_by_label("Pay at the desk")).to_be_checked()
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Book for CHF").click()
    page.wait_for_url("**/orders/**")
    expect_headline(page, "Your places are reserved")


@pytest.mark.parametrize("device", [PHONE, DESKTOP.dark()], ids=str)
def test_overfull_pages_stay_readable_in_every_light(open_page, device, page_problems):
    page_problems.expect(IS_REFUSED)
    user = member(first_name="María-Ángeles", last_name="Fernández-Castañeda y Ortiz de Zárate")
    page = open_page(device, user=user)
    titles = [LONG, "ورشة تطعيم أشجار التفاح للمبتدئين", "Bread", "Bowls", "Jam"]
    wanted = [(SessionFactory(project__title=title, base_price=Decimal("1250.50")), 3) for title in titles]
    cart_with(*wanted, user=user, coupon=CouponFactory(code="A-VERY-LONG-CODE-FOR-EVERYBODY-9"))
    for _order in range(3):
        order_for((SessionFactory(project__title=LONG), 1), (SessionFactory(), 1), user=user)
    paid = order_for((SessionFactory(project__title=LONG), 3), (SessionFactory(), 3), user=user)
    payments.mark_paid_at_desk(paid, actor=None)

    for address in ("/cart/", "/checkout/", "/account/bookings/", paid.get_absolute_url()):
        page.goto(address)
        look(page)
    page.goto("/checkout/")
    page.get_by_label("E-mail", exact=True).fill("nobody")
    page.get_by_role("button", name="Book for CHF").click()
    expect(page.get_by_text("This address is not complete.").first).to_be_visible()
    look(page)


@on_devices(PHONE, DESKTOP)
def test_terms_and_privacy_can_be_read(page):
    for address in ("/terms/", "/privacy/"):
        page.goto(address)
        look(page)


def test_paper_shows_the_order_and_nothing_else(page, grafting):
    order = order_for((grafting, 1))
    payments.mark_paid_at_desk(order, actor=None)
    page.goto(order.get_absolute_url())

    page.emulate_media(media="print")

    expect(page.get_by_text("Grafting apple trees").first).to_be_visible()
    expect(page.get_by_text("Baumweg 3, 8004 Zürich").first).to_be_visible()
    for hidden in ("What happened so far", "Add to my calendar", "Questions?"):
        expect(page.get_by_text(hidden)).to_be_hidden()
