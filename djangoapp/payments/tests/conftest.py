import pytest
import stripe

from payments.endpoint import provision
from payments.standin import RunningStandIn, running_standin


@pytest.fixture
def shop_at(live_server, settings) -> str:
    """The running shop's address, to which Stripe's notifications come."""
    settings.SITE_URL = live_server.url
    provision()
    return live_server.url


@pytest.fixture
def standin(shop_at, settings, monkeypatch) -> RunningStandIn:
    """Stripe as far as the shop can tell: its API over HTTP, and signed notifications to the running shop."""
    options = {
        "webhook_url": f"{shop_at}/stripe/webhook/",
        "webhook_secret": settings.STRIPE_WEBHOOK_SECRET,
    }
    with running_standin(**options) as running:
        settings.STRIPE_API_HOST = running.url
        monkeypatch.setattr(stripe, "api_base", running.url)  # what dj-stripe set when it was loaded
        yield running
