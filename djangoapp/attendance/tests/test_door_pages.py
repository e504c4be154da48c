"""The pages of the door as a browser without scripts uses them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from attendance.models import Entry
from attendance.services import redeem, undo, walk_in
from attendance.tests.factories import session_today, ticket_for, tickets_for
from attendance.tests.visiting import at, signed_in, text_of
from core.tests.test_look import INLINE
from shop.models import OrderLine
from shop.tests.factories import SessionFactory, UserFactory, order_for
from shop.tests.visiting import words_of


def named(ticket, first: str, last: str):
    OrderLine.objects.filter(pk=ticket.line_id).update(attendee_first_name=first, attendee_last_name=last)
    return ticket


def form_of(response, guest: int | None = None, **more) -> dict:
    """What a form of the page sends."""
    filled = {"nonce": response.context["nonce"], **more}
    return filled | {"guest": guest} if guest else filled


# Choosing


@pytest.fixture
def saturday(time_machine) -> None:
    time_machine.move_to("2030-05-04 08:00:00+00:00", tick=False)


def test_doors_that_are_open_come_first(saturday, door):
    now = timezone.now()

    def titled(title: str, **delta):
        return SessionFactory(project__title=title, starts_at=now + timedelta(**delta))

    running, soon = titled("Running", hours=-1), titled("Soon", minutes=90)
    titled("Evening", hours=8)
    titled("Early", hours=-6)
    titled("Tomorrow", days=1)
    titled("Next week", days=8)
    titled("Yesterday", days=-1)
    ticket = ticket_for(soon)
    redeem(ticket.code, session=soon, by=None, nonce="one")

    doors = door.get("/door/").context["doors"]

    assert [one.session for one in doors.now] == [running, soon]
    assert [one.session.title for one in doors.today] == ["Evening"]
    assert [one.session.title for one in doors.over] == ["Early"]
    assert [one.session.title for one in doors.later] == ["Tomorrow"]
    assert (doors.now[1].counts.arrived, doors.now[1].counts.expected) == (1, 1)


def test_the_head_of_a_door_tells_both_days_of_a_long_session(saturday, door):
    session = session_today(ends_at=timezone.now() + timedelta(days=1))

    page = door.get(f"/door/{session.pk}/").content.decode()

    assert "<small>Sat 4 May, 10:30 – Sun 5 May, 10:00</small>" in page


def test_another_day_can_be_asked_for(saturday, door):
    SessionFactory(project__title="Next month", starts_at=timezone.now() + timedelta(days=30))

    assert "Next month" in text_of(door.get("/door/?day=2030-06-03"))
    assert "No session on that day" in text_of(door.get("/door/?day=2030-06-04"))


@pytest.mark.parametrize("day", ["nonsense", "0001-01-01", "9999-12-31", "2030-02-30", "\0"])
def test_a_day_that_is_none_means_today(door, session, day):
    response = door.get("/door/", {"day": day})

    assert response.status_code == 200
    assert [one.session for one in response.context["doors"].now] == [session]


def test_a_long_list_of_doors_ends_and_says_so(door, session):
    SessionFactory.create_batch(64, project=session.project, starts_at=session.starts_at)

    response = door.get("/door/")

    assert len(response.context["doors"].now) == 60
    assert "There are more sessions." in text_of(response)


@pytest.mark.parametrize("number", [1, 12])
def test_the_choice_costs_the_same_however_many_doors(door, number, django_assert_num_queries):
    for session in SessionFactory.create_batch(number, starts_at=timezone.now() + timedelta(minutes=30)):
        walk_in(session, "Uwe", "Bär")

    # Who asks (session, user), two of rights, sessions, tickets, entries.
    with django_assert_num_queries(7):
        door.get("/door/")


# At the door


def test_a_code_is_typed_or_scanned_by_hand(door, session):
    ticket = ticket_for(session)
    page = door.get(at(session))

    response = door.post(at(session, "scan/"), form_of(page, text=ticket.code.lower()))

    assert "Welcome" in text_of(response)
    assert "Ana Keller" in text_of(response)
    assert 'data-tone="good"' in response.content.decode()
    assert Entry.objects.get().ticket == ticket


@pytest.mark.parametrize("as_typed", [str.lower, lambda code: code.replace("-", "")])
def test_the_code_printed_on_a_ticket_is_enough(door, session, as_typed):
    ticket = ticket_for(session)
    page = door.get(at(session))

    response = door.post(at(session, "scan/"), form_of(page, text=as_typed(ticket.short_code)))

    assert response.context["card"].is_welcome
    assert Entry.objects.get().ticket == ticket


def test_a_name_that_looks_like_a_printed_code_is_looked_for(door, session):
    named(ticket_for(session), "Anna-Lena", "Schubert")

    for name in ("anna-lena", "Schubert"):
        response = door.post(at(session, "scan/"), {"text": name}, follow=True)
        assert [guest.name for guest in response.context["guests"]] == ["Anna-Lena Schubert"]


def test_the_address_in_the_qr_code_is_a_code_as_well(door, session):
    ticket = ticket_for(session)

    response = door.post(at(session, "scan/"), {"text": f"https://shop.example/tickets/{ticket.code}/"})

    assert response.context["card"].is_welcome


def test_a_name_is_looked_for_and_tapped(door, session):
    mira = named(ticket_for(session, email="mira@example.org"), "Mira", "Bär")
    named(ticket_for(session, email="jon@example.org"), "Jon", "Keller")

    response = door.post(at(session, "scan/"), {"text": "bar"}, follow=True)
    assert [guest.name for guest in response.context["guests"]] == ["Mira Bär"]
    answer = door.post(at(session, "scan/"), form_of(response, mira.line_id))

    assert answer.context["card"].name == "Mira Bär"
    assert "In since" in text_of(door.get(at(session)))


def test_nobody_found_says_so(door, session):
    assert "No name and no code here begins with “zzz”." in text_of(door.get(at(session), {"q": "zzz"}))


def test_who_is_in_already_shows_when_where_and_by_whom(door, session, dora):
    ticket = ticket_for(session)
    redeem(ticket.code, session=session, gate="North", by=dora, nonce="one")

    response = door.post(at(session, "scan/"), {"text": ticket.code})

    words = text_of(response)
    for part in ("Already in", "Ana Keller", "In since", "gate North", "let in by Dora Tür"):
        assert part in words
    assert 'data-tone="stop"' in response.content.decode()


def test_a_ticket_for_another_session_says_for_which(door, session):
    other = session_today(project__title="Reading a tree")

    response = door.post(at(session, "scan/"), {"text": ticket_for(other).code})

    assert "This ticket is for “Reading a tree”" in text_of(response)
    assert not Entry.objects.exists()


def test_a_place_that_is_not_paid_is_on_the_list_and_says_so(door, session):
    line = order_for((session, 1)).lines.get()
    page = door.get(at(session))
    assert "Not paid" in text_of(page)

    assert "This place is not paid yet." in text_of(door.post(at(session, "scan/"), form_of(page, line.pk)))


def test_pressing_twice_counts_once_and_another_code_from_the_same_page_counts_as_another(door, session):
    first, second = tickets_for(session, 2)
    page = door.get(at(session))

    for ticket in (first, first, second):
        response = door.post(at(session, "scan/"), form_of(page, text=ticket.code))
        assert response.context["card"].is_welcome

    assert Entry.objects.counted().count() == 2


def test_a_guest_of_another_session_cannot_be_tapped_here(door, session):
    elsewhere = ticket_for(session_today())

    assert door.post(at(session, "scan/"), {"guest": elsewhere.line_id}).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {"guest": "nonsense"},
        {"guest": str(10**30)},
        {"guest": "-1"},
        {"text": "\0"},
        {"text": "x" * 501},
        {"text": "A" * 26, "gate": "x" * 41},
        {"text": "A" * 26, "nonce": "x" * 65},
    ],
)
def test_what_cannot_be_read_is_refused_kindly(door, session, sent):
    response = door.post(at(session, "scan/"), sent, follow=True)

    assert words_of(response) == ["That could not be read. Please try again."]


def test_taking_back_makes_the_ticket_good_again(door, session):
    ticket = ticket_for(session)
    entry = redeem(ticket.code, session=session, by=None, nonce="one").entry

    response = door.post(f"/door/entries/{entry.pk}/undo/", follow=True)

    assert words_of(response) == ["Ana Keller 0 is not in any more."]
    assert door.post(at(session, "scan/"), {"text": ticket.code}).context["card"].is_welcome


def test_somebody_without_a_ticket_is_let_in(door, session):
    page = door.get(at(session))
    filled = form_of(page, first_name=" Uwe ", last_name="Bär", gate="B")

    for _time in range(2):
        response = door.post(at(session, "walk-in/"), filled)
    assert "Without a ticket, Gate B" in text_of(response)

    entry = Entry.objects.get()
    assert (entry.name, entry.gate, entry.ticket) == ("Uwe Bär", "B", None)
    assert "Uwe Bär" in text_of(door.get(at(session)))


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [("", "Bär"), (" ", "Bär"), ("Uwe", "x" * 81), ("Uwe", "B\x07r"), ("U\0we", "Bär")],
)
def test_a_name_that_is_none_is_said_beside_it(door, session, first_name, last_name):
    response = door.post(at(session, "walk-in/"), {"first_name": first_name, "last_name": last_name})

    assert response.status_code == 422
    assert set(response.context["walk_in"].errors) <= {"first_name", "last_name"}
    assert response.context["walk_in"].errors
    assert not Entry.objects.exists()


def test_a_telephone_remembers_its_gate(door, session):
    response = door.post("/door/gate/", {"gate": " North ", "back": at(session)}, follow=True)
    assert response.context["gate"] == "North"

    door.post(at(session, "scan/"), {"text": ticket_for(session).code})

    assert Entry.objects.get().gate == "North"
    assert 'value="North"' in door.get(at(session)).content.decode()


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "no path at all\x0b"]
)
def test_choosing_a_gate_leads_nowhere_else(door, back):
    assert door.post("/door/gate/", {"gate": "A", "back": back}).url == "/door/"


def test_a_forged_gate_is_none(door, session):
    door.cookies["door_gate"] = "North:forged"

    assert door.get(at(session)).context["gate"] == ""


def test_the_tabs_show_who_is_missing_and_who_is_in(door, session):
    here, away = tickets_for(session, 2)
    named(here, "Here", "Now"), named(away, "Not", "Yet")
    order_for((session, 1), email="unpaid@example.org")
    redeem(here.code, session=session, by=None, nonce="one")

    def names(show: str) -> list[str]:
        return [guest.name for guest in door.get(at(session), {"show": show}).context["guests"]]

    assert names("in") == ["Here Now"]
    assert names("missing") == ["Ana Keller 0", "Not Yet"]
    assert len(names("nonsense")) == 3


def test_a_long_list_has_pages(door):
    session = session_today(capacity=100)
    tickets_for(session, 51)

    first = door.get(at(session))
    second = door.get(at(session), {"page": 2})

    assert (len(first.context["guests"]), len(second.context["guests"])) == (50, 1)
    assert 'rel="next"' in first.content.decode()


def test_an_entry_stays_when_the_attempt_has_an_unfit_name(door, session):
    entry = walk_in(session, "Uwe", "Bär").entry

    response = door.post(f"/door/entries/{entry.pk}/undo/", {"nonce": "\x01"}, follow=True)

    assert words_of(response) == ["Control characters are not allowed."]
    assert Entry.objects.counted().exists()


def test_a_conflict_stays_until_it_is_taken_back(door, session, dora):
    ticket = ticket_for(session)
    redeem(ticket.code, session=session, by=dora, nonce="one")
    conflict = redeem(ticket.code, session=session, by=dora, nonce="two", at=timezone.now()).recorded

    assert door.get(at(session)).context["conflicts"] == [conflict]
    undo(conflict, by=dora)
    assert door.get(at(session)).context["conflicts"] == []


@pytest.mark.parametrize("number", [1, 10])
def test_a_door_costs_the_same_however_many_came(door, session, dora, number, django_assert_num_queries):
    for one, ticket in enumerate(tickets_for(session, number)):
        redeem(ticket.code, session=session, gate=f"G{one}", by=dora, nonce=f"{one}")
        redeem(ticket.code, session=session, gate=f"G{one}", by=dora, nonce=f"again {one}", at=timezone.now())

    # Who asks (2), rights (2) and the session; counts (2), gates, last arrivals, conflicts, guests and their entries.
    with django_assert_num_queries(12):
        door.get(at(session))


def test_letting_in_costs_the_same_however_many_came(door, session, django_assert_num_queries):
    page = door.get(at(session))
    for ticket in tickets_for(session, 5):
        with django_assert_num_queries(13):
            door.post(at(session, "scan/"), form_of(page, text=ticket.code))


def test_the_pages_have_no_inline_code(door, session):
    walk_in(session, "Uwe", "Bär")
    for path in ("/door/", at(session), "/door/offline/", "/door/sheets/", "/door/sheets/show-rates/"):
        response = door.get(path)
        assert not INLINE.search(response.content.decode()), path


def test_nothing_of_the_door_is_kept_by_a_browser_or_a_proxy(door, session):
    for path in ("/door/", at(session), at(session, "list.json"), at(session, "news.json"), "/door/sheets/"):
        assert "no-store" in door.get(path)["Cache-Control"], path


def test_the_way_to_the_door_stands_in_the_menu_of_staff(door):
    guest = signed_in(UserFactory())

    assert 'href="/door/"' in door.get("/").content.decode()
    assert 'href="/door/"' not in guest.get("/").content.decode()
