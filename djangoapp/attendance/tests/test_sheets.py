"""Attendance sheets: what they count, who reads them, and that a full day is no burden."""

import csv
import io
import tracemalloc
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from attendance.models import Entry
from attendance.services import redeem, sheets, undo, walk_in
from attendance.services.sheets import Sheet, arrivals_chart, entries_of, show_rates
from attendance.tests.factories import session_today, ticket_for, tickets_for
from attendance.tests.visiting import signed_in, text_of
from core import exports
from shop.models import Session
from shop.tests.factories import ProjectFactory, SessionFactory, UserFactory

ZURICH = ZoneInfo("Europe/Zurich")
SATURDAY = date(2030, 5, 4)


@pytest.fixture
def saturday(time_machine) -> None:
    time_machine.move_to("2030-05-04 07:30:00+00:00", tick=False)


@pytest.fixture
def session(saturday, db) -> Session:
    return session_today(project__title="Grafting")


@pytest.fixture
def full_door(session, dora) -> Session:
    """Three expected, of whom two came at two gates; one without a ticket; one taken back; one conflict."""
    first, second, _absent = tickets_for(session, 3)
    redeem(first.code, session=session, gate="A", by=dora, nonce="1")
    redeem(second.code, session=session, gate="B", by=dora, nonce="2")
    redeem(second.code, session=session, gate="A", by=dora, nonce="3", at=timezone.now())
    walk_in(session, "Uwe", "Bär", "A", by=dora, nonce="4")
    undo(walk_in(session, "Left", "Again", by=dora, nonce="5").entry, by=dora)
    return session


def rows_of(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_sheet_tells_who_came_and_how_many_did_not(full_door, door):
    response = door.get("/door/sheets/")

    context = response.context
    assert context["came"] == 3
    assert (context["total"].expected, context["total"].came, context["total"].percent) == (3, 2, 67)
    assert context["total"].stayed_away == 1
    assert context["gates"] == [("A", 2), ("B", 1)]
    words = text_of(response)
    for part in ("Saturday 4 May 2030", "Uwe Bär", "no ticket", "1 conflict", "67 %", "Dora Tür"):
        assert part in words
    assert "Left Again" not in words


def test_a_sheet_is_narrowed_to_a_gate_a_session_a_day(full_door, door):
    elsewhere = session_today(project__title="Reading a tree")
    walk_in(elsewhere, "Else", "Where", "B")

    def names(query: str) -> list[str]:
        page = door.get(f"/door/sheets/?{query}").context["page"]
        return sorted(entry.name for entry in page.rows)

    assert names("gate=B") == ["Ana Keller 0", "Else Where"]
    assert names(f"session={elsewhere.pk}") == ["Else Where"]
    assert names(f"session={full_door.pk}&gate=B") == ["Ana Keller 0"]
    assert names("day=2030-05-03") == []
    assert len(names("day=2030-05-04")) == 4


@pytest.mark.parametrize(
    "query",
    [
        "day=nonsense",
        "day=0001-01-01",
        "day=9999-12-31",
        "session=x",
        "session=999999",
        "gate=" + "x" * 99,
        "page=x",
    ],
)
def test_what_cannot_be_asked_breaks_nothing(full_door, door, query):
    for path in ("", "attendance.csv", "attendance.xlsx", "show-rates/"):
        assert door.get(f"/door/sheets/{path}?{query}").status_code == 200


def test_a_day_is_the_studios_day(session, dora):
    for hour, minute, name in ((21, 59, "Before"), (22, 1, "After")):  # in UTC: midnight is at 22:00
        entry = walk_in(session, name, "Midnight", by=dora).entry
        Entry.objects.filter(pk=entry.pk).update(arrived_at=timezone.now().replace(hour=hour, minute=minute))

    assert [entry.first_name for entry in entries_of(dora, Sheet(SATURDAY))] == ["Before"]
    assert [entry.first_name for entry in entries_of(dora, Sheet(date(2030, 5, 5)))] == ["After"]


def test_csv_tells_the_same_on_the_studios_clock(full_door, door):
    head, *rows = rows_of(door.get("/door/sheets/attendance.csv"))

    assert head[:4] == ["Arrived", "First name", "Last name", "Gate"]
    assert [row[1:4] for row in rows] == [
        ["Ana", "Keller 0", "A"],
        ["Ana", "Keller 0", "B"],
        ["Uwe", "Bär", "A"],
    ]
    assert rows[0][0].startswith("2030-05-04 09:30:00")
    assert rows[0][4:6] == ["Grafting", "2030-05-04 10:00:00+02:00"]
    assert (rows[2][6], rows[2][7]) == ("", "Dora Tür")


def test_a_file_is_named_for_what_is_in_it(full_door, door):
    response = door.get(f"/door/sheets/attendance.csv?session={full_door.pk}&day=2030-05-04")

    assert (
        response["Content-Disposition"]
        == f'attachment; filename="attendance-{full_door.slug}-2030-05-04.csv"'
    )


def test_a_workbook_opens_with_times_as_times(full_door, door):
    walk_in(full_door, "=1+1", "@SUM(A1)")

    response = door.get("/door/sheets/attendance.xlsx")

    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    head, first, *_others, last = sheet.iter_rows()
    assert head[0].value == "Arrived"
    assert first[0].is_date
    assert first[0].value.isoformat() == "2030-05-04T09:30:00"
    assert (last[1].value, last[1].data_type) == ("'=1+1", "s")


def test_the_sheet_for_signatures_names_those_who_are_expected(full_door, door):
    void_line = ticket_for(full_door, email="gone@example.org")
    void_line.voided_at = timezone.now()
    void_line.save()

    response = door.get(f"/door/sheets/{full_door.pk}/sign-in/")

    words = text_of(response)
    assert len(response.context["guests"]) == 3
    assert "3 people expected" in words
    assert "in since 09:30" in words


# Drawings


def test_arrivals_are_drawn_on_round_minutes(session, dora):
    for minutes in (1, 3, 12):
        entry = walk_in(session, "Uwe", f"{minutes}").entry
        Entry.objects.filter(pk=entry.pk).update(arrived_at=timezone.now() + timedelta(minutes=minutes))

    chart = arrivals_chart(entries_of(dora, Sheet(SATURDAY)))

    assert [row[:] for row in chart.rows] == [["09:30", "0", "2"], ["09:35", "0", "0"], ["09:40", "0", "1"]]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2030-03-31T00:10+00:00", "2030-03-31T03:10+00:00"),  # 02:00 does not exist
        ("2030-10-26T22:10+00:00", "2030-10-27T03:10+00:00"),  # 02:00 comes twice
        ("2029-01-01T08:00+00:00", "2030-05-04T08:00+00:00"),  # more than a year of one session
        ("2030-05-04T08:00+00:00", "2030-05-04T08:00+00:00"),
    ],
)
def test_every_arrival_is_drawn_once_on_any_night(session, dora, first, last):
    begin, end = (timezone.datetime.fromisoformat(text) for text in (first, last))
    for part in range(5):
        entry = walk_in(session, "Uwe", f"{part}").entry
        Entry.objects.filter(pk=entry.pk).update(arrived_at=begin + (end - begin) * part / 4)

    chart = arrivals_chart(Entry.objects.all())

    assert sum(int(row[-1]) for row in chart.rows) == 5
    assert len(chart.rows) <= sheets.MOST_COLUMNS


def test_show_rates_are_of_sessions_that_are_over(saturday, dora):
    project = ProjectFactory(title="Grafting")
    sessions = [session_today(project=project) for _one in range(2)]
    for number, session in enumerate(sessions):
        for one, ticket in enumerate(tickets_for(session, 2)):
            if number or one:
                redeem(ticket.code, session=session, by=dora, nonce=f"{number} {one}")
    walk_in(sessions[0], "Uwe", "Bär")
    Session.objects.update(
        starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now() - timedelta(days=1)
    )
    SessionFactory(project__title="Still to come")

    [rate] = show_rates(dora, SATURDAY - timedelta(days=7), SATURDAY)

    assert (rate.title, rate.sessions, rate.expected, rate.came, rate.walk_ins) == ("Grafting", 2, 4, 3, 1)
    assert (rate.percent, rate.stayed_away) == (75, 1)
    assert show_rates(dora, SATURDAY - timedelta(days=7), SATURDAY - timedelta(days=6)) == []
    assert show_rates(UserFactory(), SATURDAY - timedelta(days=7), SATURDAY) == []
    assert "75 %" in text_of(signed_in(dora).get("/door/sheets/show-rates/"))


@pytest.mark.parametrize("number", [1, 8])
def test_a_sheet_costs_the_same_however_many_came(session, door, number, django_assert_num_queries):
    for one in range(number):
        other = session_today()
        walk_in(other, "Uwe", f"{one}", f"{one}")

    # Who asks (2), rights (2); sessions, tickets, entries; gates, count, span and stretches, page; the frame's cart.
    with django_assert_num_queries(13):
        door.get("/door/sheets/")
    with django_assert_num_queries(9):
        door.get("/door/sheets/show-rates/")


def test_a_full_day_is_written_while_it_is_read(session, dora):
    """Six times as many rows need no more memory."""

    def peak_bytes(number: int) -> int:
        Entry.objects.bulk_create(
            [
                Entry(session=session, first_name="Uwe", last_name=f"{one}", arrived_at=timezone.now())
                for one in range(number)
            ]
        )
        rows = sheets.table_rows(entries_of(dora, Sheet(SATURDAY)))
        tracemalloc.start()
        lines = sum(1 for _line in exports.lines(rows))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert lines == Entry.objects.count() + 2  # the mark of UTF-8, and the heading
        return peak

    few, many = peak_bytes(2500), peak_bytes(12_500)

    assert many < 2.5 * few  # gathered, they would need five times as much
