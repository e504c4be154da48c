"""The pages on which staff tells a session's people of a change, or writes to them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Mail
from shop.models import Session, SessionLetter
from shop.services import letters
from shop.tests.factories import SessionFactory, UserFactory, paid_order_for
from shop.tests.staff import page_of, save, staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    starts_at = (timezone.now() + timedelta(days=20)).replace(second=0, microsecond=0)
    return SessionFactory(starts_at=starts_at)


def address(page: str, session: Session) -> str:
    return reverse(f"admin:shop_session_{page}", args=[session.pk])


def compose(client: Client, session: Session, **changes):
    nonce = client.get(address("write", session)).context["form"]["nonce"].value()
    told = {"subject": "Bring gloves", "text": "It will be *cold*.", "nonce": nonce} | changes
    return client.post(address("write", session), told, follow=True)


def test_moving_a_session_asks_before_anybody_is_told(owner, session):
    paid_order_for((session, 1), email="a@example.org")
    paid_order_for((session, 2), email="b@example.org")

    response = save(owner, session, place_name="Garden house")
    assert "Nobody has been told of the change yet" in response.content.decode()
    assert address("tell", session) in response.content.decode()
    assert not Mail.objects.filter(kind="session_change").exists()

    text = owner.get(address("tell", session)).content.decode()
    assert "Tell 2 people" in text
    assert "Garden house" in text
    assert "Workshop 2" in text

    owner.post(address("tell", session), {"words": ""})
    letters.post(SessionLetter.objects.get().pk)
    assert Mail.objects.filter(kind="session_change").count() == 2
    assert address("tell", session) not in owner.get(page_of(session)).content.decode()


def test_a_change_of_texts_leads_nowhere(owner, session):
    paid_order_for((session, 1))

    save(owner, session, capacity=30)

    assert address("tell", session) not in owner.get(page_of(session)).content.decode()
    assert "There is nobody to tell" in owner.get(address("tell", session)).content.decode()
    owner.post(address("tell", session), {"words": ""})
    assert not SessionLetter.objects.exists()


def test_a_letter_is_looked_at_before_it_is_sent(owner, session):
    paid_order_for((session, 1))

    looked = compose(owner, session)
    assert "<em>cold</em>" in looked.content.decode()
    assert "Send it to one person" in looked.content.decode()
    assert not SessionLetter.objects.exists()

    compose(owner, session, send="yes")
    letter = SessionLetter.objects.get()
    assert (letter.subject, letter.by.email) == ("Bring gloves", "owner@example.org")
    page = owner.get(address("write", session)).content.decode()
    assert "Written before" in page
    assert "Bring gloves" in page


def test_the_button_pressed_twice_sends_once(owner, session):
    paid_order_for((session, 1))
    nonce = owner.get(address("write", session)).context["form"]["nonce"].value()

    for _click in range(2):
        compose(owner, session, send="yes", nonce=nonce)

    assert SessionLetter.objects.count() == 1


@pytest.mark.parametrize("change", [{"subject": ""}, {"text": ""}, {"nonce": "nonsense"}])
def test_what_cannot_be_sent_is_asked_again(owner, session, change):
    paid_order_for((session, 1))

    assert compose(owner, session, send="yes", **change).status_code == 422
    assert not SessionLetter.objects.exists()


def test_a_host_writes_to_their_own_people_alone(session):
    host = UserFactory(is_staff=True)
    host.user_permissions.add(Permission.objects.get(codename="lead_session"))
    Session.objects.filter(pk=session.pk).update(host=host)
    other = SessionFactory()
    paid_order_for((session, 1))
    paid_order_for((other, 1), email="b@example.org")
    client = Client()
    client.force_login(host)

    assert address("write", session) in client.get(page_of(session)).content.decode()
    compose(client, session, send="yes")
    assert SessionLetter.objects.get().by == host
    assert client.get(address("write", other)).status_code == 404
    assert client.get(address("tell", session)).status_code == 403
    assert client.get(address("cancel", session)).status_code == 403


def test_seeing_sessions_is_not_writing_to_them(session):
    client = staff_with("view_session")

    assert client.get(address("write", session)).status_code == 403
    assert client.get(address("tell", session)).status_code == 403
    assert client.get(f"/admin/shop/session/{10**18}/write/").status_code == 404


def test_the_pages_cost_the_same_for_many(owner, session, django_assert_max_num_queries):
    for number in range(5):
        paid_order_for((session, 1), email=f"{number}@example.org")
    save(owner, session, place_name="Garden house")

    with django_assert_max_num_queries(9):
        owner.get(address("tell", session))
    with django_assert_max_num_queries(9):
        owner.get(address("write", session))
