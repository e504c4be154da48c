"""Tickets and entries in the admin: looked at, taken back, never edited."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from attendance.models import Entry, Ticket
from attendance.services import redeem, walk_in
from attendance.tests.factories import door_staff, session_today, ticket_for
from shop.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
TICKETS, ENTRIES = "admin:attendance_ticket_changelist", "admin:attendance_entry_changelist"


@pytest.fixture
def owner(client) -> Client:
    client.force_login(User.objects.create_superuser("owner@example.org", "x", first_name="Olga"))
    return client


def somebody_came(number: int) -> Entry:
    session = session_today()
    ticket = ticket_for(session, email=f"guest{number}@example.org")
    staff = UserFactory(first_name=f"Dora {number}")
    return redeem(ticket.code, session=session, gate="A", by=staff, nonce=None).entry


def found(client: Client, page: str, **query) -> list:
    return list(client.get(reverse(page), query).context["cl"].result_list)


@pytest.mark.parametrize("page", [TICKETS, ENTRIES])
def test_a_list_asks_the_same_of_the_database_however_long_it_is(owner, page):
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(reverse(page)).status_code == 200
        return [query["sql"] for query in captured]

    somebody_came(0)
    queries()
    one = queries()
    for number in range(1, 20):
        somebody_came(number)
    twenty = queries()

    assert len(one) == len(twenty) == 4
    assert all("LIMIT" in sql for sql in twenty if "COUNT(*)" in sql)


def test_tickets_are_found_by_order_and_by_how_their_code_begins(owner):
    first, _second = somebody_came(0).ticket, somebody_came(1).ticket

    for words in (first.line.order.code, first.line.order.code.lower().replace("-", " "), first.short_code):
        assert found(owner, TICKETS, q=words) == [first]
        assert [entry.ticket for entry in found(owner, ENTRIES, q=words)] == [first]
    for words in ("zzz", "%", "ABCDEFGH", "A" * 300):
        assert found(owner, TICKETS, q=words) == found(owner, ENTRIES, q=words) == []


def test_a_search_tells_no_more_of_a_code_than_its_list_does(owner):
    ticket = somebody_came(0).ticket
    wrong = "A" if ticket.code[8] != "A" else "B"

    assert found(owner, TICKETS, q=ticket.code) == [ticket]
    assert found(owner, TICKETS, q=ticket.code[:8] + wrong) == [ticket]
    assert found(owner, TICKETS, q=ticket.code[:8] + wrong + ticket.code[9:]) == []


def test_entries_are_found_by_how_a_last_name_begins(owner):
    somebody_came(0)
    eva = walk_in(None, "Eva", "Ødegård").entry

    assert found(owner, ENTRIES, q="Øde") == [eva]


def test_conflicts_are_listed_by_themselves(owner):
    entry = somebody_came(0)
    code, session = entry.ticket.code, entry.session
    conflict = redeem(code, session=session, by=None, nonce=None, at=entry.arrived_at).recorded

    assert found(owner, ENTRIES, look="conflicts") == [conflict]


def test_no_page_shows_the_code_that_opens_the_door(owner):
    ticket = somebody_came(0).ticket

    for address in (
        reverse(TICKETS),
        reverse("admin:attendance_ticket_change", args=[ticket.pk]),
        reverse(ENTRIES),
        reverse("admin:attendance_entry_change", args=[ticket.entries.get().pk]),
    ):
        page = owner.get(address).content.decode()
        assert ticket.short_code in page or "Ana Keller 0" in page
        assert ticket.code not in page


def test_an_entry_is_taken_back_by_its_service(owner):
    entry = somebody_came(0)

    data = {"action": "take_back", "_selected_action": [entry.pk]}
    page = owner.post(reverse(ENTRIES), data, follow=True).content.decode()

    entry.refresh_from_db()
    assert "Ana Keller 0: is not in any more." in page
    assert entry.undone_by.first_name == "Olga"


@pytest.mark.parametrize("model", [Ticket, Entry])
def test_nobody_adds_changes_or_deletes(owner, model):
    thing = somebody_came(0)
    thing = thing if model is Entry else thing.ticket
    name = model._meta.model_name

    assert owner.get(reverse(f"admin:attendance_{name}_add")).status_code == 403
    assert owner.get(reverse(f"admin:attendance_{name}_delete", args=[thing.pk])).status_code == 403
    assert owner.post(reverse(f"admin:attendance_{name}_change", args=[thing.pk])).status_code == 403


def test_who_works_at_the_door_has_pages_there_and_not_in_the_admin(client):
    client.force_login(door_staff())

    for page in (TICKETS, ENTRIES):
        assert client.get(reverse(page)).status_code == 403
