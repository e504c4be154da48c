"""What tests of the door's pages do, with a browser of Django's own."""

from django.test import Client

from accounts.models import User
from shop.models import Session

JSON = {"Accept": "application/json"}


def signed_in(user: User, **options) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def at(session: Session, rest: str = "") -> str:
    """The address of a session's door, or of something below it."""
    return f"/door/{session.pk}/{rest}"


def told(response) -> dict:
    """What our script is told."""
    assert response.status_code == 200, response.content
    return response.json()


def scan(client: Client, session: Session, **sent) -> dict:
    """Scan as our script does."""
    return told(client.post(at(session, "scan/"), sent, headers=JSON))


def text_of(response) -> str:
    """The page's words, without its tags."""
    import html
    import re

    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
