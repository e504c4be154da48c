"""What a laptop has before its server starts."""

import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from djstripe.models import WebhookEndpoint

from app.management.commands import start_local
from payments.endpoint import endpoint_uuid

pytestmark = pytest.mark.django_db


@pytest.fixture
def called(settings, monkeypatch) -> list[str]:
    """The commands that were called, in their order. None runs."""
    settings.DEBUG = settings.ALLOW_DEMO_DATA = True
    monkeypatch.setattr(sys, "argv", ["manage.py", "start_local"])
    called = []
    monkeypatch.setattr(start_local, "call_command", lambda name, *_words, **_options: called.append(name))
    return called


def test_notifications_of_payments_are_heard_from_the_first_start_on(called, settings):
    call_command("start_local", "127.0.0.1:0", stdout=StringIO())

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.djstripe_uuid, endpoint.secret) == (endpoint_uuid(), settings.STRIPE_WEBHOOK_SECRET)
    assert called == ["load_demo", "runserver"]


def test_elsewhere_it_refuses_to_start(called, settings):
    settings.ALLOW_DEMO_DATA = False

    with pytest.raises(CommandError, match="for a laptop"):
        call_command("start_local", stdout=StringIO())

    assert called == []
