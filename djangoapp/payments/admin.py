"""dj-stripe's tables hold keys and raw payloads: only superusers see them, and only those that the shop fills."""

import djstripe.admin  # noqa: F401 - registers its pages, which are then taken in hand here
from django.contrib import admin
from djstripe import models

from core.admin import for_superusers_only

KEPT = (
    models.Account,
    models.APIKey,
    models.BalanceTransaction,
    models.Charge,
    models.Customer,
    models.Dispute,
    models.Event,
    models.PaymentIntent,
    models.Payout,
    models.Refund,
    models.Session,
    models.WebhookEndpoint,
    models.WebhookEventTrigger,
)

admin.site.unregister(
    model for model in list(admin.site._registry) if model._meta.app_label == "djstripe" and model not in KEPT
)
for_superusers_only(KEPT)
