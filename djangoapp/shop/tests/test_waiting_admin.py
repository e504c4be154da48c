"""What staff sees of the waiting lists, and may do."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.admin import studio_time_text
from shop.enums import WaitingStatus
from shop.models import Session, WaitingEntry
from shop.tests.factories import paid_order_for
from shop.tests.queues import full_session, give_back, wait_for
from shop.tests.staff import page_of, save, staff_with, whole_minutes

pytestmark = pytest.mark.django_db
LATER = (timezone.now() + timedelta(days=20)).replace(second=0, microsecond=0)
LIST = reverse("admin:shop_waitingentry_changelist")


def act(client, action: str, *entries: WaitingEntry):
    data = {"action": action, "_selected_action": [entry.pk for entry in entries], "confirmed": "yes"}
    return client.post(f"{LIST}?state=all", data, follow=True)


def test_the_page_of_a_session_leads_to_its_list(owner):
    session = full_session()
    other = full_session()
    first, second = wait_for(session), wait_for(session, 2)
    elsewhere = wait_for(other)

    page = owner.get(page_of(session)).content.decode()
    assert "2 waiting for 3 places, 0 with an offer" in page
    assert f"{LIST}?session={session.pk}" in page

    listed = list(owner.get(f"{LIST}?session={session.pk}").context["cl"].result_list)
    assert listed == [first, second]
    assert elsewhere not in listed


def test_staff_prefers_somebody(owner):
    session = full_session(1)
    first, second = wait_for(session), wait_for(session)

    response = act(owner, "offer_now", second)

    assert "first on the list from now on" in response.content.decode()
    give_back(session)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (WaitingStatus.WAITING, WaitingStatus.OFFERED)


def test_staff_reads_in_plain_words_until_when_a_place_is_offered(owner):
    session = full_session(1)
    entry = wait_for(session)
    Session.objects.filter(pk=session.pk).update(capacity=2)

    page = act(owner, "offer_now", entry).content.decode()

    entry.refresh_from_db()
    assert f"1 places offered until {studio_time_text(entry.offer_until)}." in page


def test_staff_removes_somebody_and_is_told_of_a_second_time(owner):
    entry = wait_for(full_session())

    assert "removed." in act(owner, "remove", entry).content.decode()
    assert "no longer on the waiting list" in act(owner, "remove", entry).content.decode()


def test_staff_is_asked_first(owner):
    entry = wait_for(full_session())

    for action in ("offer_now", "remove"):
        data = {"action": action, "_selected_action": [entry.pk]}
        assert str(entry.session) in owner.post(LIST, data).content.decode()
    entry.refresh_from_db()
    assert (entry.status, entry.is_preferred) == (WaitingStatus.WAITING, False)


def test_looking_is_not_acting(db):
    entry = wait_for(full_session())
    client = staff_with("view_waitingentry")

    assert client.get(LIST).status_code == 200
    act(client, "remove", entry)
    entry.refresh_from_db()
    assert entry.is_waiting


def test_more_capacity_is_offered_when_it_is_saved(owner):
    session = whole_minutes(capacity=1, starts_at=LATER, ends_at=LATER + timedelta(hours=2))
    paid_order_for((session, 1))
    entry = wait_for(session)

    save(owner, session, capacity=2)

    entry.refresh_from_db()
    assert entry.is_offered


def test_the_list_costs_the_same_for_many(owner, django_assert_num_queries):
    session = full_session()
    wait_for(session)
    with django_assert_num_queries(4):
        owner.get(LIST)
    for _another in range(4):
        wait_for(session)
    with django_assert_num_queries(4):
        owner.get(LIST)
