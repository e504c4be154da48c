"""At the door in a real browser: with a camera, by hand, without scripts, and without a network."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from attendance import release
from attendance.models import Entry
from attendance.services import redeem, walk_in
from attendance.tests.factories import door_staff, session_today, ticket_for, tickets_for
from shop.models import OrderLine, Session
from shop.tests.factories import SessionFactory
from tests.support.browser import DESKTOP, PHONE, Device
from tests.support.camera import camera_options, film_of
from tests.support.pages import assert_accessible, assert_fits

pytestmark = pytest.mark.browser

LONG = (
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "Wolfeschlegelsteinhausenbergerdorff-Ångström y Ortiz de Zárate",
)
NO_NETWORK = "ERR_INTERNET_DISCONNECTED"


def named(ticket, first: str, last: str):
    OrderLine.objects.filter(pk=ticket.line_id).update(attendee_first_name=first, attendee_last_name=last)
    return ticket


def guests(session: Session, *names: tuple[str, str]) -> list:
    return [
        named(ticket, *name) for ticket, name in zip(tickets_for(session, len(names)), names, strict=True)
    ]


def assert_fine(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def at_door(page: Page, session: Session) -> None:
    """Open a door, and wait until its list and its worker are there."""
    page.goto(f"/door/{session.pk}/")
    expect(page.locator("#guests [data-guest]").first).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def answer(page: Page, *words: str) -> None:
    """Read the answer, and go on."""
    dialog = page.get_by_role("dialog")
    for word in words:
        expect(dialog).to_contain_text(word)
    page.get_by_role("button", name="Next").click()
    expect(dialog).to_have_count(0)


def test_a_ticket_is_shown_to_the_camera(open_page, launch, tmp_path):
    session = session_today()
    [ticket] = guests(session, ("Žofie", "Bär"))
    guest = open_page(PHONE)
    guest.goto(f"/tickets/{ticket.code}/")
    guest.locator(".ticket-qr").screenshot(path=tmp_path / "ticket.png")
    camera = launch(*camera_options(film_of(tmp_path / "ticket.png", tmp_path / "ticket.y4m")))
    page = open_page(PHONE, user=door_staff(), within=camera)

    at_door(page, session)
    page.get_by_role("button", name="Scan tickets").click()

    expect(page.get_by_role("dialog")).to_contain_text("Žofie Bär")
    expect(page.get_by_role("dialog")).to_contain_text("Welcome")
    assert_fine(page)
    assert Entry.objects.get().ticket == ticket
    # The ticket is still held before the camera, and counts once. Shown again later, it is used up.
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert_fine(page)
    page.reload()
    page.get_by_role("button", name="Scan tickets").click()
    expect(page.get_by_role("dialog")).to_contain_text("let in by Dora Tür")
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("device", [PHONE, PHONE.without_javascript(), DESKTOP], ids=str)
def test_guests_are_let_in_by_hand(open_page, device: Device):
    session = session_today(project__title="Grafting apple trees")
    mira, _jon = guests(session, ("Mira", "Bär"), ("Jon", "Keller"))
    page = open_page(device, user=door_staff())
    page.goto("/door/")
    assert_fine(page)
    page.get_by_role("link", name="Grafting apple trees").click()
    if device.javascript:
        expect(page.locator("[data-guest]")).to_have_count(2)
    assert_fine(page)

    page.get_by_text("Gate not said").click()
    page.get_by_label("At which gate do you stand?").fill("North")
    page.get_by_role("button", name="Stand here").click()
    expect(page.locator("#gate-name")).to_have_text("North")
    find = page.get_by_label("Name, or code of the ticket")
    find.fill("bar")
    find.press("Enter")
    expect(page.locator(".guest")).to_have_count(1)
    page.get_by_role("button", name="Mira Bär").click()

    word = page.locator(".answer-word")
    expect(word).to_have_text("Welcome")
    expect(page.locator(".answer")).to_contain_text("Gate North")
    assert_fine(page)
    page.locator(".answer-actions").get_by_text("Next").click()
    find.fill(mira.code.lower())
    find.press("Enter")
    expect(word).to_have_text("Already in")
    expect(page.locator(".answer-message")).to_contain_text("North, let in by Dora Tür")
    assert_fine(page)
    page.locator(".answer-actions").get_by_text("Next").click()
    find.fill(mira.short_code)
    find.press("Enter")
    expect(word).to_have_text("Already in")
    page.locator(".answer-actions").get_by_text("Next").click()

    page.locator(".guest", has_text="Mira Bär").get_by_role("button", name="Undo").click()
    expect(page.locator("#count-arrived")).to_have_text("0")
    page.get_by_text("Somebody without a ticket").click()
    page.get_by_label("First name").fill("Uwe")
    page.get_by_label("Last name").fill("Unangemeldet")
    page.get_by_role("button", name="Let in", exact=True).click()
    expect(word).to_have_text("Welcome")
    page.locator(".answer-actions").get_by_text("Next").click()
    expect(page.locator("#latest")).to_contain_text("Uwe Unangemeldet")
    expect(page.locator("#count-walk-ins")).to_have_text("1")

    entry = Entry.objects.counted().get()
    assert (entry.name, entry.gate, entry.session) == ("Uwe Unangemeldet", "North", session)


def test_the_door_goes_on_without_a_network(open_page, page_problems, monkeypatch):
    page_problems.expect(NO_NETWORK)
    session = session_today()
    ana, jon, mira, _last = guests(
        session, ("Ana", "Aebi"), ("Jon", "Bär"), ("Mira", "Chen"), ("Eva", "Dietz")
    )
    dora = door_staff()
    page = open_page(PHONE, user=dora)
    at_door(page, session)
    context = page.context

    # It notices by itself, answers from its list, and says that nothing is certain.
    context.set_offline(True)
    expect(page.get_by_role("status").filter(has_text="No network since")).to_be_visible()
    page.get_by_role("button", name="Ana Aebi").click()
    answer(page, "Welcome", "Ana Aebi", "not confirmed yet")
    find = page.get_by_label("Name, or code of the ticket")
    find.fill(f"http://127.0.0.1/tickets/{jon.code}/")
    find.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("not confirmed yet")
    assert_fine(page)
    answer(page, "Jon Bär")
    find.fill(jon.short_code.lower())
    find.press("Enter")
    answer(page, "Already in", "this telephone")
    unheard = ticket_for(session_today(), email="elsewhere@example.org")
    find.fill(unheard.code)
    find.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Not on this telephone’s list")
    assert_fine(page)
    page.get_by_role("button", name="Let in, check later").click()
    page.get_by_text("Somebody without a ticket").click()
    page.get_by_label("First name").fill("Uwe")
    page.get_by_label("Last name").fill("Unangemeldet")
    page.get_by_role("button", name="Let in", exact=True).click()
    answer(page, "Without a ticket", "not confirmed yet")
    expect(page.get_by_text("Waiting to be sent: 4")).to_be_visible()

    # Meanwhile another door lets in the same ticket. Here the tab is closed and opened again, still without a network.
    redeem(jon.code, session=session, gate="South", by=dora, nonce="south")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("dialog", name="Not everything is sent yet")).to_contain_text(
        "Signing out needs the network"
    )
    assert_fine(page)
    page.get_by_role("button", name="Stay signed in").click()
    page.close()
    page = context.new_page()
    page.goto("/door/")
    assert_fine(page)
    page.get_by_role("link", name=session.title).click()
    expect(page.get_by_text("Waiting to be sent: 4")).to_be_visible()
    expect(page.locator(".guest", has_text="Ana Aebi")).to_contain_text("not sent yet")
    expect(page.locator(".guest", has_text="Mira Chen")).to_contain_text("Tap to let in")
    assert_fine(page)
    assert Entry.objects.count() == 1

    # The network is back: everything is sent, and what the server sees otherwise stays until somebody dismisses it.
    context.set_offline(False)
    expect(page.locator("#door-net")).to_be_hidden()
    troubles = page.get_by_role("region", name="To be looked at")
    expect(troubles.get_by_role("listitem")).to_have_count(2)
    expect(troubles).to_contain_text("In since")
    expect(troubles).to_contain_text("This ticket is for")
    assert {entry.name for entry in Entry.objects.counted()} == {"Ana Aebi", "Jon Bär", "Uwe Unangemeldet"}
    [conflict, other] = Entry.objects.conflicts().in_order_of_arrival()
    assert (conflict.ticket, other.ticket) == (jon, unheard)
    assert Entry.objects.get(ticket=ana).arrived_at < Entry.objects.get(ticket=ana).recorded_at - timedelta(
        milliseconds=100
    )
    page.reload()
    expect(page.locator("#guests [data-guest]")).to_have_count(4)
    for left in (1, 0):
        troubles.get_by_role("button", name="Dismiss").first.click()
        expect(troubles.get_by_role("listitem")).to_have_count(left)
    expect(page.get_by_role("region", name="Let in without a network")).to_contain_text("Jon Bär")
    assert_fine(page)

    # A new release takes the place of the one that was kept.
    kept = "caches.keys().then((names) => names.join())"
    assert page.evaluate(kept) == f"door-{release.release_key()}"
    monkeypatch.setattr(release, "release_key", lambda: "after")
    page.reload()
    page.wait_for_function(f"{kept}.then((names) => names === 'door-after')")

    # Signing out takes the list off the telephone.
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    stored = page.evaluate("indexedDB.databases().then((found) => found.map((one) => one.name))")
    assert stored == []
    assert not Entry.objects.filter(ticket=mira).exists()


def test_what_the_server_breaks_over_does_not_hold_up_the_others(open_page, page_problems):
    page_problems.expect("status of 500")
    session = session_today()
    ana, _jon = guests(session, ("Ana", "Aebi"), ("Jon", "Bär"))
    page = open_page(PHONE, user=door_staff())
    at_door(page, session)

    def break_over_ana(route, request) -> None:
        is_ana = f"guest={ana.line_id}" in request.post_data.split("&")
        route.fulfill(status=500) if is_ana else route.continue_()

    page.route("**/scan/", break_over_ana)

    page.get_by_role("button", name="Ana Aebi").click()
    answer(page, "Welcome", "not confirmed yet")
    page.get_by_role("button", name="Jon Bär").click()
    answer(page, "Welcome")
    for _beat in range(200):  # nobody waits for the clock
        if not page.evaluate("doorDesk.beat().then(() => doorDesk.state.queue.length)"):
            break

    troubles = page.get_by_role("region", name="To be looked at").get_by_role("listitem")
    expect(troubles).to_have_count(1)
    expect(troubles).to_contain_text("Ana Aebi")
    expect(troubles).to_contain_text("That did not work")
    expect(page.locator("#door-net")).to_be_hidden()
    assert [entry.name for entry in Entry.objects.all()] == ["Jon Bär"]


def test_a_hand_scanner_types_wherever_the_focus_is(open_page):
    session = session_today()
    first, second = guests(session, ("Ana", "Aebi"), ("Jon", "Bär"))
    page = open_page(DESKTOP, user=door_staff())
    at_door(page, session)

    page.keyboard.type(first.code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Ana Aebi")
    page.keyboard.type(
        f"http://127.0.0.1/tickets/{second.code}/"
    )  # the queue does not wait for the answer to go
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Jon Bär")

    expect(page.locator("#count-arrived")).to_have_text("2")


def test_an_answer_is_read_from_afar_whatever_it_is(open_page):
    session = session_today()
    guests(session, LONG)
    page = open_page(PHONE, user=door_staff())
    at_door(page, session)
    words = page.evaluate("JSON.parse(document.getElementById('door-words').textContent).verdicts")

    assert len(words) == 7
    for verdict, looks in words.items():
        for offline in ("", "No network: noted on this telephone, not confirmed yet."):
            shown = {
                "verdict": verdict,
                **looks,
                "name": " ".join(LONG),
                "message": "In since 09:31.",
                "offline": offline,
            }
            page.evaluate("(shown) => window.doorAnswer.show(shown, {undo() {}})", shown)
            expect(page.locator(f".answer-sign [data-verdict={verdict}]")).to_be_visible()
            expect(page.locator(".answer-sign span:visible")).to_have_count(1)
            assert_accessible(page, context="#answer")
            assert_fits(page)


@pytest.mark.parametrize("device", [PHONE, PHONE.dark(), DESKTOP], ids=str)
def test_far_too_much_can_still_be_read(open_page, device: Device):
    dora = door_staff(first_name=LONG[0], last_name=LONG[1])
    session = session_today(project__title=" ".join(LONG)[:120], capacity=60)
    for number, ticket in enumerate(
        guests(session, LONG, ("محمد", "الأندلسي"), *[("No.", f"{n}") for n in range(8)])
    ):
        if number % 2:
            redeem(
                ticket.code,
                session=session,
                gate="Nordosteingang beim alten Gärtnerhaus",
                by=dora,
                nonce=f"{number}",
            )
            redeem(ticket.code, session=session, gate="B", by=dora, nonce=f"late {number}", at=timezone.now())
    walk_in(session, *LONG, gate="A", by=dora)
    SessionFactory.create_batch(30, project=session.project, starts_at=session.starts_at)
    page = open_page(device, user=dora)

    for path in (
        "/door/",
        f"/door/{session.pk}/",
        "/door/sheets/",
        "/door/sheets/show-rates/",
        f"/door/sheets/{session.pk}/sign-in/",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert_fine(page)
