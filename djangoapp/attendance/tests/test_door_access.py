"""Who gets through to which door: door staff to all, hosts to their own, nobody else to any."""

import pytest
from django.urls import reverse

from attendance.services import walk_in
from attendance.tests.factories import door_staff, session_today, ticket_for
from attendance.tests.visiting import JSON, at, signed_in
from shop.tests.factories import UserFactory

OPEN, REFUSED, MISSING = {200, 302, 422}, {403}, {404}
GENERAL = ["home", "shell", "sheets", "sheet_csv", "sheet_xlsx", "show_rates"]
OF_A_SESSION = ["session", "kept", "news", "sign_in_sheet", "scan", "walk_in"]


@pytest.fixture
def people(session) -> dict:
    host = UserFactory(first_name="Hans")
    session.host = host
    session.save()
    other_host = UserFactory()
    session_today(host=other_host)
    return {
        "door staff": door_staff(),
        "host": host,
        "host who is staff": host,
        "other host": other_host,
        "staff": UserFactory(is_staff=True),
        "door staff who left": door_staff(is_staff=False),
        "customer": UserFactory(),
    }


@pytest.mark.parametrize(
    ("who", "general", "of_the_session"),
    [
        ("door staff", OPEN, OPEN),
        ("host", OPEN, OPEN),
        ("other host", OPEN, MISSING),
        ("staff", REFUSED, REFUSED),
        ("door staff who left", REFUSED, REFUSED),
        ("customer", REFUSED, REFUSED),
    ],
)
def test_each_address_opens_for_whom_it_should(session, people, who, general, of_the_session):
    browser = signed_in(people[who])
    entry = walk_in(session, "Uwe", "Bär").entry

    answers = {name: browser.get(reverse(f"door:{name}")).status_code for name in GENERAL}
    assert set(answers.values()) <= general, answers
    answers = {
        name: browser.get(reverse(f"door:{name}", args=[session.pk])).status_code for name in OF_A_SESSION[:4]
    }
    answers |= {
        name: browser.post(reverse(f"door:{name}", args=[session.pk])).status_code
        for name in OF_A_SESSION[4:]
    }
    answers["undo"] = browser.post(reverse("door:undo", args=[entry.pk])).status_code
    assert set(answers.values()) <= of_the_session, answers


def test_a_host_sees_their_own_sessions_and_who_came_to_them(session, people):
    browser = signed_in(people["other host"])
    walk_in(session, "Uwe", "Unseen")
    own = session_today(host=people["other host"], project__title="Their own")
    walk_in(own, "Sina", "Seen")
    walk_in(None, "Old", "Program")

    doors = browser.get("/door/").content.decode()
    sheet = browser.get("/door/sheets/").content.decode()
    rows = b"".join(browser.get("/door/sheets/attendance.csv").streaming_content).decode()

    assert "Their own" in doors
    assert at(session) not in doors
    for text in (sheet, rows):
        assert "Seen" in text
        assert "Unseen" not in text
        assert "Program" not in text


def test_a_host_does_not_ask_for_somebody_elses_sheet(session, people):
    walk_in(session, "Uwe", "Unseen")

    response = signed_in(people["other host"]).get(f"/door/sheets/?session={session.pk}")

    assert "Unseen" not in response.content.decode()


def test_entries_of_no_session_are_taken_back_by_door_staff_alone(people):
    entry = walk_in(None, "Old", "Program").entry
    undo = reverse("door:undo", args=[entry.pk])

    assert signed_in(people["host"]).post(undo).status_code == 404
    assert signed_in(people["door staff"]).post(undo).url == "/door/sheets/"


def test_the_door_opens_behind_a_second_factor_only(session, dora, settings):
    settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR = True
    door = signed_in(dora)

    for path in ("/door/", at(session), at(session, "list.json"), "/door/sheets/"):
        assert door.get(path).url == reverse("mfa_activate_totp")


def test_a_number_that_no_database_knows_is_not_there(door):
    for path in (f"/door/{10**30}/", f"/door/{10**30}/list.json", "/door/0/"):
        assert door.get(path).status_code == 404
    assert door.post(f"/door/entries/{10**30}/undo/").status_code == 404


@pytest.mark.parametrize("path", ["scan/", "walk-in/"])
def test_what_changes_something_needs_its_token(session, dora, path):
    browser = signed_in(dora, enforce_csrf_checks=True)

    assert (
        browser.post(at(session, path), {"text": ticket_for(session).code}, headers=JSON).status_code == 403
    )
