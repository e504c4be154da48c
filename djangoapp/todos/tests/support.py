"""What tests of the pages share."""

import re

from django.test import Client
from django.urls import reverse

from accounts.models import User
from todos.tests.factories import titles

HTMX = {"HX-Request": "true"}
INDEX = reverse("todos:list_index")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def to(name: str, thing) -> str:
    """The address of a page about this list or item."""
    return reverse(f"todos:{name}", args=[thing.pk])


def shown(response) -> list[str]:
    """The titles of the rows, from top to bottom."""
    return titles(row.item for row in response.context["rows"])


def filled_in(response) -> dict[str, str]:
    """What a browser sends of the form on this page when nothing was changed, with what it carries unseen."""
    form = response.context["form"]
    seen = {name: form[name].value() or "" for name in form.fields}
    unseen = re.findall(r'name="(initial-\w+)" value="([^"]*)"', response.content.decode())
    return seen | dict(unseen)
