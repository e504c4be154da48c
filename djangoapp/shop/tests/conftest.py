import pytest

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
