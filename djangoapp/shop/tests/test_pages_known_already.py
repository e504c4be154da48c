"""A browser that has a page already is told so, in few words; unless something in it has changed."""

import pytest
from django.test import Client

from shop.models import Session
from shop.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    return SessionFactory(capacity=5)


def ask_again(client: Client, session: Session, tag: str) -> int:
    return client.get(session.get_absolute_url(), headers={"If-None-Match": tag}).status_code


def test_a_page_with_a_form_is_known_by_its_browser(client, session):
    client.get(session.get_absolute_url())  # brings the cookie
    page = client.get(session.get_absolute_url())

    assert 'name="csrfmiddlewaretoken"' in page.content.decode()
    assert ask_again(client, session, page["ETag"]) == 304


def test_a_place_that_is_taken_is_news(client, session):
    client.get(session.get_absolute_url())
    tag = client.get(session.get_absolute_url())["ETag"]

    Session.objects.update(seats_taken=4)

    assert ask_again(client, session, tag) == 200


def test_a_browser_with_another_cookie_gets_the_page_with_a_token_of_its_own(client, session):
    client.get(session.get_absolute_url())
    tag = client.get(session.get_absolute_url())["ETag"]

    assert ask_again(Client(), session, tag) == 200


def test_the_form_of_a_page_that_was_kept_can_be_sent(session):
    client = Client(enforce_csrf_checks=True)
    client.get(session.get_absolute_url())
    page = client.get(session.get_absolute_url())
    kept = page.context["csrf_token"]
    assert ask_again(client, session, page["ETag"]) == 304

    fields = {"session": session.slug, "quantity": 1, "csrfmiddlewaretoken": str(kept)}

    assert client.post("/cart/add/", fields).status_code == 302
