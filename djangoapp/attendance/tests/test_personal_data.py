"""What the door tells about somebody, and what it lets go."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import personal_data
from accounts.personal_data import Person
from accounts.services import delete_account
from attendance.models import Entry
from attendance.personal_data import erase_names, forget_old_names
from attendance.services import redeem, walk_in
from attendance.tests.factories import session_today, ticket_for
from shop.services.integrity import problems
from shop.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return UserFactory(email="ana@example.org")


@pytest.fixture
def visits(ana):
    """Ana came with a ticket of her account and with one that she bought as a guest; Jon and Eva came, too."""
    session = session_today()
    own = ticket_for(session, user=ana, email="elsewhere@example.org")
    as_guest = ticket_for(session, email="ana@example.org")
    jons = ticket_for(session, email="jon@example.org")
    for ticket in (own, as_guest, jons):
        redeem(ticket.code, session=session, gate="A", by=None, nonce=None)
    walk_in(session, "Eva", "Keller")
    return own, as_guest, jons


def test_the_download_has_tickets_and_visits_also_those_as_a_guest(ana, visits):
    own, as_guest, _jons = visits

    told = json.loads("".join(personal_data.as_json(Person(ana.email, ana))))["attendance"]

    assert [ticket["code"] for ticket in told["tickets"]] == [own.code, as_guest.code]
    assert [entry["gate"] for entry in told["entries"]] == ["A", "A"]
    assert {entry["session"] for entry in told["entries"]} == {own.line.description}


def test_whoever_leaves_takes_the_names_along_and_stays_counted(ana, visits):
    delete_account(ana)

    names = Entry.objects.order_by("pk").values_list("first_name", "last_name")
    assert list(names) == [("", ""), ("", ""), ("Ana", "Keller 0"), ("Eva", "Keller")]
    assert Entry.objects.counted().count() == 4
    assert Entry.objects.last().name == "(name deleted)"
    assert problems() == []


@pytest.mark.parametrize("number", [1, 4])
def test_telling_costs_the_same_however_often_somebody_came(ana, number, django_assert_num_queries):
    for _one in range(number):
        session = session_today()
        ticket = ticket_for(session, user=ana)
        redeem(ticket.code, session=session, by=None, nonce=None)

    with django_assert_num_queries(2):
        told = {name: list(rows) for name, rows in personal_data._parts["attendance"].tell(ana)}

    assert [len(rows) for rows in told.values()] == [number, number]


def test_a_guest_is_told_when_they_came(ana, visits):
    assert ("attendance", "entries", 1) in personal_data.outline(personal_data.find("jon@example.org"))


def test_an_erased_guest_leaves_a_number(visits):
    jon = personal_data.find("jon@example.org")

    assert erase_names(jon) == {"entries": 1}
    assert erase_names(jon) == {"entries": 0}
    assert Entry.objects.counted().count() == 4


def test_old_names_are_forgotten(visits):
    assert forget_old_names() == 0
    with time_machine.travel(timezone.now() + timedelta(days=731)):
        assert forget_old_names() == 4
    assert not Entry.objects.exclude(first_name="").exists()
