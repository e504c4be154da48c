import pytest
from django.test import Client

from accounts.models import User
from shop import providers
from shop.tests.scripted import ScriptedProvider


@pytest.fixture
def provider(settings) -> ScriptedProvider:
    """The only way to pay besides the desk, and a test's to direct."""
    scripted = ScriptedProvider()
    settings.SHOP_PAYMENT_PROVIDERS = {
        "scripted": "shop.tests.scripted.ScriptedProvider",
        "desk": "payments.providers.desk.PayAtDesk",
    }
    providers.instances["shop.tests.scripted.ScriptedProvider"] = scripted
    yield scripted
    del providers.instances["shop.tests.scripted.ScriptedProvider"]


@pytest.fixture
def owner(client) -> Client:
    """A browser in which somebody is signed in who may do everything in the admin."""
    client.force_login(User.objects.create_superuser("owner@example.org", "x", first_name="Olga"))
    return client
