"""What a telephone is told, keeps and forgets."""

import json
import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.urls import reverse
from django.utils import timezone

from attendance import release
from attendance.models import Entry
from attendance.services import offline, redeem, undo, void, walk_in
from attendance.services.offline import Mark, kept_list, list_version, news
from attendance.tests.factories import session_today, ticket_for, tickets_for
from attendance.tests.visiting import JSON, at, scan, signed_in, told
from shop.models import OrderLine
from shop.tests.factories import UserFactory, order_for

# Scanning, as our script does


def test_an_answer_tells_everything_that_fills_the_screen(door, session, dora):
    ticket = ticket_for(session)

    welcome = scan(door, session, text=ticket.code, gate="A", nonce="one")
    again = scan(door, session, text=ticket.code, gate="B", nonce="two")

    assert (welcome["verdict"], welcome["word"], welcome["tone"]) == ("welcome", "Welcome", "good")
    assert (welcome["name"], welcome["guest"]) == ("Ana Keller 0", ticket.line_id)
    assert welcome["counts"] == {"expected": 1, "arrived": 1, "walkIns": 0, "conflicts": 0}
    assert (again["verdict"], again["tone"]) == ("already_in", "stop")
    assert again["entry"]["id"] == welcome["entry"]["id"]
    assert (again["entry"]["gate"], again["entry"]["by"]) == ("A", "Dora Tür")


def test_the_same_scan_counts_once_however_often_it_is_sent(door, session):
    ticket = ticket_for(session)

    answers = [scan(door, session, text=ticket.code, nonce="one")["verdict"] for _time in range(3)]

    assert answers == ["welcome"] * 3
    assert Entry.objects.count() == 1


def test_what_was_noted_without_a_network_keeps_its_time_and_may_be_a_conflict(door, session):
    ticket = ticket_for(session)
    earlier = timezone.now() - timedelta(minutes=20)
    scan(door, session, guest=ticket.line_id, nonce="online")

    late = scan(door, session, guest=ticket.line_id, nonce="offline", at=earlier.isoformat())

    assert late["verdict"] == "already_in"
    conflict = Entry.objects.get(pk=late["recorded"])
    assert conflict.is_conflict
    assert abs(conflict.arrived_at - earlier) < timedelta(seconds=1)
    assert late["counts"]["conflicts"] == 1


def test_the_time_is_ours_where_nothing_is_told_later(door, session):
    scan(door, session, text=ticket_for(session).code, nonce="one")

    assert timezone.now() - Entry.objects.get().arrived_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ({"at": "nonsense"}, "could not be read"),
        ({"guest": "x"}, "could not be read"),
        ({"nonce": "x" * 65}, "could"),
    ],
)
def test_a_refusal_is_told_in_words(door, session, sent, word):
    response = door.post(at(session, "scan/"), {"text": "A" * 26, **sent}, headers=JSON)

    assert response.status_code == 422
    assert word in response.json()["error"]


def test_one_attempt_is_not_about_two_people(door, session):
    first, second = tickets_for(session, 2)
    scan(door, session, text=first.code, nonce="one")

    response = door.post(at(session, "scan/"), {"text": second.code, "nonce": "one"}, headers=JSON)

    assert response.status_code == 422
    assert "Please scan again." in response.json()["error"]


def test_somebody_without_a_ticket_is_let_in_by_script(door, session):
    sent = {"first_name": "Uwe", "last_name": "Bär", "gate": "A", "nonce": "one"}

    answers = [told(door.post(at(session, "walk-in/"), sent, headers=JSON)) for _time in range(2)]

    assert {answer["verdict"] for answer in answers} == {"welcome"}
    assert answers[1]["counts"]["walkIns"] == 1
    assert door.post(at(session, "walk-in/"), {"first_name": "Uwe"}, headers=JSON).status_code == 422


def test_taking_back_tells_who_is_not_in_any_more(door, session):
    ticket = ticket_for(session)
    entry = scan(door, session, text=ticket.code, nonce="one")["entry"]

    answers = [
        told(door.post(f"/door/entries/{entry['id']}/undo/", {"nonce": "u"}, headers=JSON)) for _time in "12"
    ]

    assert answers[0]["entry"]["isUndone"]
    assert answers[0]["entry"]["guest"] == ticket.line_id
    assert answers[0]["counts"]["arrived"] == 0
    assert answers[0] == answers[1]


def test_the_gate_is_told_to_pages_without_a_script(door, session):
    assert told(door.post("/door/gate/", {"gate": "North"}, headers=JSON)) == {}

    assert door.get(at(session)).context["gate"] == "North"


# The list


def test_the_list_holds_names_states_and_hashes_but_no_code(door, session, dora):
    came, waits = tickets_for(session, 2)
    redeem(came.code, session=session, gate="A", by=dora, nonce="one")
    gone = ticket_for(session, email="gone@example.org")
    void([gone.line])
    unpaid = order_for((session, 1), email="unpaid@example.org").lines.get()
    ticket_for(session_today(), email="elsewhere@example.org")

    response = door.get(at(session, "list.json"))

    guests = {guest["id"]: guest for guest in told(response)["guests"]}
    assert {pk: guest["state"] for pk, guest in guests.items()} == {
        came.line_id: "welcome",
        waits.line_id: "welcome",
        gone.line_id: "cancelled",
        unpaid.pk: "unpaid",
    }
    assert guests[waits.line_id]["hash"] == sha256(waits.code.encode()).hexdigest()
    assert guests[waits.line_id]["shortHash"] == sha256(waits.code[:8].encode()).hexdigest()
    assert guests[unpaid.pk]["hash"] == guests[unpaid.pk]["shortHash"] == ""
    assert (guests[came.line_id]["entry"]["gate"], guests[waits.line_id]["entry"]) == ("A", None)
    body = response.content.decode()
    assert not any(ticket.code in body or ticket.short_code in body for ticket in (came, waits, gone))
    assert "example.org" not in body.replace(dora.email, "")


def test_before_the_doors_open_the_list_says_when_and_calls_nobody_too_early(door, session):
    session.starts_at += timedelta(days=1)
    session.ends_at += timedelta(days=1)
    session.save()
    ticket_for(session)

    data = told(door.get(at(session, "list.json")))

    assert data["guests"][0]["state"] == "welcome"
    assert data["session"]["opensAt"] == (session.starts_at - timedelta(hours=2)).isoformat()


def test_a_list_that_is_too_long_is_kept_in_part_and_says_so(session, monkeypatch):
    monkeypatch.setattr(offline, "MOST_KEPT", 2)
    tickets_for(session, 3)

    guests, is_complete = kept_list(session)

    assert (len(guests), is_complete) == (2, False)


@pytest.mark.parametrize("number", [1, 6])
def test_the_list_costs_the_same_however_many_are_on_it(door, session, number, django_assert_num_queries):
    for one, ticket in enumerate(tickets_for(session, number)):
        scan(door, session, text=ticket.code, nonce=f"{one}")

    # Who asks (2), rights (2), the session; guests, their entries, counts (2), last arrivals, version.
    with django_assert_num_queries(11):
        door.get(at(session, "list.json"))


def test_the_version_of_a_list_changes_with_its_places(session):
    versions = [list_version(session)]
    order = order_for((session, 1))
    versions.append(list_version(session))
    ticket = ticket_for(session, email="second@example.org")
    versions.append(list_version(session))
    void([ticket.line])
    versions.append(list_version(session))
    OrderLine.objects.filter(order=order).update(cancelled_at=timezone.now())
    versions.append(list_version(session))

    assert len(set(versions)) == 5
    assert list_version(session) == versions[-1]


# News


def test_news_are_what_other_doors_did(door, session, dora):
    mark = told(door.get(at(session, "list.json")))["mark"]
    ticket = ticket_for(session)
    redeem(ticket.code, session=session, gate="B", by=dora, nonce="one")
    walk_in(session_today(), "Else", "Where")

    data = told(door.get(at(session, "news.json"), {"since": mark}))

    assert [(one["guest"], one["gate"], one["counts"]) for one in data["entries"]] == [
        (ticket.line_id, "B", True)
    ]
    assert data["counts"]["arrived"] == 1
    undo(Entry.objects.get(ticket=ticket), by=dora)
    [entry] = told(door.get(at(session, "news.json"), {"since": mark}))["entries"]
    assert entry["isUndone"]


def test_news_come_in_bounded_parts_without_a_gap(session, monkeypatch):
    monkeypatch.setattr(offline, "MOST_NEWS", 2)
    mark = Mark.now()
    for number in range(5):
        walk_in(session, "Uwe", f"{number}")
    Entry.objects.update(changed_at=timezone.now())  # all at one instant

    seen = []
    for _part in range(3):
        part = news(session, mark)
        seen += [entry.last_name for entry in part.entries]
        mark = part.mark

    assert seen == ["0", "1", "2", "3", "4"]
    assert not part.has_more


@pytest.mark.parametrize(
    "since", ["", "nonsense", "2030-01-01", "2030-01-01T00:00/5", "/", "\0", "2030-01-01T00:00Z/x"]
)
def test_a_mark_that_is_none_means_from_now_on(door, session, since):
    walk_in(session, "Uwe", "Bär")
    Entry.objects.update(changed_at=timezone.now() - timedelta(hours=1))

    assert told(door.get(at(session, "news.json"), {"since": since}))["entries"] == []


def test_a_mark_survives_being_written_down():
    mark = Mark(timezone.now(), 12)

    assert Mark.read(str(mark)) == mark


def test_news_bring_a_token_that_works(session, dora):
    browser = signed_in(dora, enforce_csrf_checks=True)
    token = told(browser.get(at(session, "news.json")))["csrf"]

    response = browser.post(at(session, "scan/"), {"text": "nothing"}, headers={**JSON, "X-CSRFToken": token})

    assert response.status_code == 200


# The page that is kept


def test_the_page_that_is_kept_names_nobody(door, dora, session):
    ticket_for(session)

    page = door.get("/door/offline/").content.decode()

    for secret in (dora.email, "Dora", "Keller", session.title):
        assert secret not in page


def test_the_worker_keeps_what_the_page_loads(client, door):
    worker = client.get("/door/sw.js")  # nobody is signed in

    assert worker["Content-Type"] == "text/javascript"
    assert worker["Service-Worker-Allowed"] == "/door/"
    assert worker["Cache-Control"] == "no-cache"
    page = door.get("/door/offline/").content.decode()
    loaded = set(re.findall(r'(?:src|data-decoder|data-wasm)="(/static/[^"]+)"', page))
    loaded |= set(re.findall(r'<link rel="(?:stylesheet|preload)" href="([^"]+)"', page))
    assert loaded <= set(release.kept_addresses())
    body = worker.content.decode()
    assert all(f'"{address}"' in body.replace("\\u002D", "-") for address in loaded)


def test_another_release_has_another_key(settings, monkeypatch):
    before = release.release_key()
    assert release.release_key() == before

    monkeypatch.setattr(release, "static", lambda name: f"/static/{name}.after")

    assert release.release_key() != before


def test_the_manifest_puts_the_door_on_a_home_screen(client):
    response = client.get("/door/door.webmanifest")

    manifest = json.loads(response.content)
    assert response["Content-Type"] == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/door/",
        "/door/",
        "standalone",
    )
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}


def test_only_pages_with_a_camera_may_run_webassembly(door, session):
    def policy(path: str) -> str:
        return door.get(path)["Content-Security-Policy"]

    for path in (at(session), "/door/offline/", "/door/sw.js"):
        assert "script-src 'self' 'wasm-unsafe-eval'" in policy(path)
    for path in ("/door/", "/door/sheets/", "/"):
        assert "wasm" not in policy(path)


# Forgetting


def test_signing_out_empties_the_telephone(door, session):
    door.get(at(session, "list.json"))

    response = door.post(reverse("account_logout"))

    assert response["Clear-Site-Data"] == '"storage"'
    assert response.cookies["door_list"]["max-age"] == 0


def test_scans_that_wait_are_not_lost_by_signing_out(door, session):
    door.get(at(session, "list.json"))
    door.cookies["door_unsent"] = "1"

    response = door.post(reverse("account_logout"))

    assert "Clear-Site-Data" not in response
    assert response.cookies["door_list"]["max-age"] == 0  # our script then drops the list and keeps the scans


def test_who_never_kept_a_list_signs_out_as_before(db):
    assert "Clear-Site-Data" not in signed_in(UserFactory()).post(reverse("account_logout"))
