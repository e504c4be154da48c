"""What the door answers, and what it writes down."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.utils import timezone

from attendance.enums import Verdict
from attendance.exceptions import NameUnfit, NonceReused
from attendance.models import Entry, Ticket
from attendance.services import (
    checkins,
    code_of,
    count,
    guest_list,
    judge,
    look_up,
    redeem,
    undo,
    void,
    walk_in,
)
from attendance.tests.factories import door_staff, session_today, ticket_for, tickets_for
from core.exceptions import TemporarilyUnavailable
from shop.enums import OrderStatus
from shop.models import Order, OrderLine
from shop.services import orders
from shop.tests.factories import SessionFactory, order_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return session_today()


@pytest.fixture
def dora():
    return door_staff()


@pytest.fixture
def scan(session, dora):
    """Scan a ticket at gate A of the session, each time anew."""

    def scan(ticket: Ticket, **changes):
        number = Entry.objects.count()
        usual = {"session": session, "gate": "A", "by": dora, "nonce": f"scan {number} {timezone.now()}"}
        return redeem(ticket.code, **usual | changes)

    return scan


def test_a_ticket_opens_the_door(session, dora):
    ticket = ticket_for(session)

    answer = redeem(ticket.code, session=session, gate="A", by=dora, nonce="one")

    entry = Entry.objects.get()
    assert (answer.verdict, answer.entry, answer.recorded) == (Verdict.WELCOME, entry, entry)
    assert answer.message == "Welcome, Ana Keller 0."
    assert (entry.ticket, entry.session, entry.gate, entry.recorded_by) == (ticket, session, "A", dora)
    assert (entry.first_name, entry.last_name) == ("Ana", "Keller 0")


def test_the_printed_code_says_the_same_as_the_whole_one(session, dora):
    good, given_up = tickets_for(session, 2)
    elsewhere = ticket_for(session_today(), email="elsewhere@example.org")
    void([given_up.line])

    verdicts = [
        redeem(code, session=session, by=dora, nonce=None).verdict
        for code in (good.short_code, given_up.short_code.lower(), elsewhere.short_code, "2222-2222")
    ]

    assert verdicts == [Verdict.WELCOME, Verdict.CANCELLED, Verdict.WRONG_SESSION, Verdict.UNKNOWN]


def test_of_tickets_that_look_alike_this_sessions_is_meant_and_two_of_it_are_told_apart_by_name(
    session, dora
):
    one, other = tickets_for(session, 2)
    elsewhere = ticket_for(session_today(), email="elsewhere@example.org")
    Ticket.objects.filter(pk=elsewhere.pk).update(code=one.code[:8] + elsewhere.code[8:])

    assert redeem(one.short_code, session=session, by=dora, nonce=None).ticket == one

    Ticket.objects.filter(pk=other.pk).update(code=one.code[:8] + other.code[8:])
    assert redeem(one.short_code, session=session, by=dora, nonce=None).verdict == Verdict.UNKNOWN


def test_a_second_scan_tells_when_where_and_by_whom(session, scan):
    ticket = ticket_for(session)
    first = scan(ticket)

    again = scan(ticket, gate="B", by=door_staff(email="emil@example.org", first_name="Emil"))

    local = first.entry.arrived_at.astimezone(session.tz)
    assert (again.verdict, again.entry, again.recorded) == (Verdict.ALREADY_IN, first.entry, None)
    assert again.message == f"In since {local:%H:%M}, gate A, let in by Dora Tür."
    assert Entry.objects.count() == 1


def test_the_same_scan_sent_again_gets_the_same_answer_and_counts_once(session, scan):
    ticket = ticket_for(session)

    answers = [scan(ticket, nonce="one") for _time in range(3)]

    assert {answer.verdict for answer in answers} == {Verdict.WELCOME}
    assert {answer.entry.pk for answer in answers} == {Entry.objects.get().pk}


def test_a_scan_sent_again_after_it_was_undone_lets_nobody_in(session, scan, dora):
    ticket = ticket_for(session)
    undo(scan(ticket, nonce="one").entry, by=dora)

    answer = scan(ticket, nonce="one")

    assert answer.is_welcome
    assert answer.entry.undone_at is not None
    assert not Entry.objects.counted().exists()


def test_one_scan_is_about_one_person(session, scan, dora):
    ana, jon = tickets_for(session, 2)
    scan(ana, nonce="one")

    with pytest.raises(NonceReused):
        scan(jon, nonce="one")
    with pytest.raises(NonceReused):
        walk_in(session, "Jon", "Bär", by=dora, nonce="one")


def test_a_cancelled_place_stays_outside(session, scan):
    ticket = ticket_for(session)
    void([ticket.line])

    assert scan(ticket).verdict == Verdict.CANCELLED


def test_a_cancelled_order_stays_outside(session, scan):
    ticket = ticket_for(session)
    orders.cancel(ticket.line.order)

    assert scan(ticket).verdict == Verdict.CANCELLED


def test_what_is_reserved_and_not_paid_stays_outside(session, scan):
    order = order_for((session, 1))

    answer = redeem(order.code.lower(), session=session, by=None, nonce=None)

    assert (answer.verdict, answer.ticket) == (Verdict.UNPAID, None)
    assert answer.message == "This place is not paid yet."


def test_a_ticket_of_another_session_tells_which_one(session, scan):
    other = SessionFactory(project__title="Splitting shingles")

    answer = scan(ticket_for(other))

    assert answer.verdict == Verdict.WRONG_SESSION
    assert "“Splitting shingles”" in answer.message
    assert f"{other.local_start:%H:%M}" in answer.message


def test_whoever_comes_too_early_hears_when_the_doors_open(scan, settings):
    settings.ATTENDANCE_DOORS_OPEN_MINUTES = 60
    tomorrow = SessionFactory(starts_at=timezone.now() + timedelta(days=1))
    ticket = ticket_for(tomorrow)

    answer = scan(ticket, session=tomorrow)

    assert answer.verdict == Verdict.TOO_EARLY
    assert f"{tomorrow.local_start - timedelta(hours=1):%H:%M}" in answer.message
    with time_machine.travel(tomorrow.starts_at - timedelta(minutes=59)):
        assert scan(ticket, session=tomorrow).is_welcome


@pytest.mark.parametrize(
    "code",
    [
        "",
        "nonsense",
        "A" * 26,
        "A" * 5000,
        "\x00",
        "https://[",
        "http://℀.example/x",
        "💥",
        "' OR 1=1 --",
        "%s%n",
        "../../etc",
    ],
)
def test_whatever_else_is_scanned_is_unknown(session, dora, code):
    ticket_for(session)

    answer = redeem(code, session=session, gate="A", by=dora, nonce="one")

    assert (answer.verdict, answer.entry) == (Verdict.UNKNOWN, None)


@pytest.mark.parametrize(
    "written",
    [
        "https://shop.example/tickets/{code}/",
        "HTTPS://SHOP.EXAMPLE/TICKETS/{code}",
        "/tickets/{code}/?from=mail#top",
        " {code} ",
        "{start}-{rest}",
    ],
)
def test_a_code_is_read_from_addresses_and_from_what_people_type(session, written):
    code = ticket_for(session).code

    assert code_of(written.format(code=code.lower(), start=code[:4], rest=code[4:])) == code


def test_undoing_makes_the_ticket_good_again_and_says_who_did_it(session, scan, dora):
    ticket = ticket_for(session)
    entry = undo(scan(ticket).entry, by=dora, nonce="undo one")

    again = scan(ticket)

    assert (entry.undone_by, entry.undo_nonce) == (dora, "undo one")
    assert again.is_welcome
    assert count(session).arrived == 1


def test_undoing_twice_keeps_the_first(session, scan, dora):
    entry = undo(scan(ticket_for(session)).entry, by=dora)
    undone_at = entry.undone_at

    assert undo(entry, by=None).undone_at == undone_at
    assert Entry.objects.get().undone_by == dora


# Without a network


def test_a_scan_told_later_keeps_its_own_time(session, scan):
    at = timezone.now() - timedelta(minutes=20)

    answer = scan(ticket_for(session), at=at)

    assert answer.is_welcome
    assert answer.entry.arrived_at == at
    assert answer.entry.recorded_at > at


def test_a_second_welcome_without_network_stays_a_fact_and_shows_as_a_conflict(session, scan):
    ticket = ticket_for(session)
    first = scan(ticket).entry

    answers = [
        scan(ticket, gate="B", nonce="later", at=timezone.now() - timedelta(minutes=5)) for _time in range(2)
    ]

    [conflict] = Entry.objects.conflicts()
    assert {answer.verdict for answer in answers} == {Verdict.ALREADY_IN}
    assert {answer.entry for answer in answers} == {first}
    assert {answer.recorded for answer in answers} == {conflict}
    assert conflict.gate == "B"
    assert (count(session).arrived, count(session).conflicts) == (1, 1)


def test_a_place_cancelled_meanwhile_makes_a_conflict(session, scan):
    ticket = ticket_for(session)
    void([ticket.line])

    answer = scan(ticket, at=timezone.now() - timedelta(minutes=5))

    assert answer.verdict == Verdict.CANCELLED
    assert answer.recorded == Entry.objects.conflicts().get()
    assert count(session).inside == 0


def test_when_the_first_is_undone_the_conflict_counts(session, scan, dora):
    ticket = ticket_for(session)
    first = scan(ticket).entry
    second = scan(ticket, at=timezone.now() - timedelta(minutes=5)).recorded

    undo(first, by=dora)

    second.refresh_from_db()
    assert second.counts
    assert scan(ticket).entry == second


def test_undoing_a_conflict_leaves_the_entry_that_counts(session, scan, dora):
    ticket = ticket_for(session)
    first = scan(ticket).entry
    second = scan(ticket, at=timezone.now() - timedelta(minutes=5)).recorded

    undo(second, by=dora)

    assert list(Entry.objects.counted()) == [first]
    assert not Entry.objects.conflicts().exists()


def test_a_conflict_of_a_voided_ticket_never_comes_to_count(session, scan, dora):
    ticket = ticket_for(session)
    first = scan(ticket).entry
    scan(ticket, at=timezone.now())
    void([ticket.line])

    undo(first, by=dora)

    assert not Entry.objects.counted().exists()


@pytest.mark.parametrize("days", [-400, -8, 1])
def test_a_clock_that_nobody_believes_is_not_believed(session, scan, days):
    answer = scan(ticket_for(session), at=timezone.now() + timedelta(days=days))

    assert abs(answer.entry.arrived_at - timezone.now()) < timedelta(minutes=1)


# Without a ticket


def test_whoever_comes_without_a_ticket_is_noted(session, dora):
    answers = [walk_in(session, " Eva  Maria ", "Ødegård", "A", dora, "one") for _time in range(2)]

    entry = Entry.objects.get()
    assert {answer.entry for answer in answers} == {entry}
    assert answers[0].message == "Welcome, Eva Maria Ødegård."
    assert (entry.ticket, entry.session, entry.name) == (None, session, "Eva Maria Ødegård")
    assert count(session).walk_ins == 1


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"first_name": "  "}, "first_name"),
        ({"last_name": ""}, "last_name"),
        ({"last_name": "x" * 81}, "last_name"),
        ({"gate": "x" * 41}, "gate"),
        ({"first_name": "A\x00na"}, "first_name"),
        ({"first_name": "A\x1b[2Jna"}, "first_name"),
        ({"nonce": "x" * 65}, "nonce"),
    ],
)
def test_names_that_are_none_are_refused(session, told, field):
    with pytest.raises(NameUnfit) as refused:
        walk_in(session, **{"first_name": "Ana", "last_name": "Keller"} | told)

    assert refused.value.field == field
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "name", ["علي", "José‑María", "O’Brien", "陳", "👩‍🌾", "=HYPERLINK(1)", "<b>Bob</b>"]
)
def test_names_of_the_world_are_kept_as_they_are(session, name):
    assert walk_in(session, name, name).entry.first_name == name


# Looking for somebody


@pytest.fixture
def guests(session):
    people = [("Žofie", "Bär"), ("Ana", "Keller"), ("Anna-Lena", "Ba"), ("علي", "حسن")]
    tickets = tickets_for(session, len(people))
    for ticket, (first, last) in zip(tickets, people, strict=True):
        line = OrderLine.objects.get(pk=ticket.line_id)
        line.attendee_first_name, line.attendee_last_name = first, last
        line.save()
    return dict(zip([first for first, _last in people], tickets, strict=True))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bar", ["Žofie"]),
        ("zofie b", ["Žofie"]),
        ("BÄR, Žo", ["Žofie"]),
        ("lena", ["Anna-Lena"]),
        ("anna-l", ["Anna-Lena"]),
        ("حسن", ["علي"]),
        ("ller", []),
        ("%", []),
    ],
)
def test_guests_are_found_by_how_their_names_begin(session, guests, text, found):
    assert [guest.line.attendee_first_name for guest in look_up(session, text)] == found


def test_guests_are_found_by_the_codes_of_orders_and_tickets(session, guests):
    ticket = guests["Ana"]

    for code in (ticket.code, ticket.short_code, ticket.line.order.code):
        assert [guest.ticket for guest in look_up(session, code.lower())] == [ticket]


def test_the_list_tells_what_the_door_would_say(session, guests, scan):
    scan(guests["Ana"])
    void([guests["Žofie"].line])
    order_for((session, 1), email="poor@example.org")

    verdicts = {guest.name: guest.verdict for guest in look_up(session, "")}

    assert verdicts == {
        "Anna-Lena Ba": Verdict.WELCOME,
        "علي حسن": Verdict.WELCOME,
        "Ana Keller": Verdict.ALREADY_IN,
        "Ana Keller 0": Verdict.UNPAID,
        "Žofie Bär": Verdict.CANCELLED,
    }
    assert {guest.is_expected for guest in look_up(session, "")[:3]} == {True}


# What it costs


@pytest.mark.parametrize("guests_before", [0, 5])
def test_letting_somebody_in_costs_six_statements(session, scan, guests_before, django_assert_num_queries):
    for ticket in tickets_for(session, guests_before):
        scan(ticket)
    ticket = ticket_for(session, email="last@example.org")
    dora = door_staff(email="other@example.org")

    with django_assert_num_queries(6):  # ticket, entries; savepoint, ticket once more, insert, release
        redeem(ticket.code, session=session, gate="A", by=dora, nonce="one")
    with django_assert_num_queries(2):
        redeem(ticket.code, session=session, gate="A", by=dora, nonce="two")


@pytest.mark.parametrize("number", [1, 4])
def test_the_guest_list_the_counts_and_a_search_cost_few_statements(
    session, scan, number, django_assert_num_queries
):
    for ticket in tickets_for(session, number):
        scan(ticket)

    with django_assert_num_queries(2):
        [guest.name for guest in guest_list(session)]
    with django_assert_num_queries(2):
        count(session)
    with django_assert_num_queries(3):  # names, guests, entries
        [guest.name for guest in look_up(session, "")]


def test_an_order_that_ended_after_its_ticket_was_drawn_is_judged_by_its_state(session):
    ticket = ticket_for(session)
    states = {}
    for status in OrderStatus.values:
        ticket.line.order = Order(status=status)
        states[status] = judge(ticket, session=session, at=timezone.now())

    assert states == {
        "pending": Verdict.UNPAID,
        "paid": Verdict.WELCOME,
        "expired": Verdict.CANCELLED,
        "cancelled": Verdict.CANCELLED,
        "unfulfillable": Verdict.CANCELLED,
        "refunded": Verdict.CANCELLED,
    }


def test_a_door_that_always_comes_second_says_so(session, scan, monkeypatch):
    ticket = ticket_for(session)
    scan(ticket)
    nothing = SimpleNamespace(filter=lambda *_asked: [])
    monkeypatch.setattr(type(Entry.objects.all()), "for_door", lambda self: nothing)

    with pytest.raises(TemporarilyUnavailable):
        scan(ticket)
    assert checkins.ATTEMPTS == 3
