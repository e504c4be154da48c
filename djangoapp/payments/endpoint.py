"""The one webhook endpoint of this installation, as dj-stripe's table knows it."""

import uuid

from django.conf import settings
from djstripe.models import WebhookEndpoint

# What the shop acts on, or dj-stripe keeps up to date for the books.
EVENTS = [
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
]


def endpoint_uuid() -> uuid.UUID:
    """The secret-looking part of dj-stripe's own address: given by the environment, or derived from ours."""
    if settings.STRIPE_WEBHOOK_UUID:
        return uuid.UUID(settings.STRIPE_WEBHOOK_UUID)
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/stripe/webhook/")


def provision() -> WebhookEndpoint:
    """Write the endpoint's row from the settings, so that nobody has to click it together. Safe to repeat."""
    endpoint, _created = WebhookEndpoint.objects.update_or_create(
        djstripe_uuid=endpoint_uuid(),
        defaults={
            "id": f"we_{endpoint_uuid().hex}",
            "secret": settings.STRIPE_WEBHOOK_SECRET,
            "livemode": settings.STRIPE_LIVE_MODE,
            "api_version": settings.STRIPE_API_VERSION,
            "enabled_events": EVENTS,
            "status": "enabled",
            "url": f"{settings.SITE_URL}/stripe/webhook/",
        },
    )
    return endpoint
