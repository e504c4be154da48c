"""dj-stripe's tables hold keys and raw payloads: only superusers see them, and only those that the shop fills."""

from functools import partial

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
for _model in KEPT:
    # dj-stripe's actions have an address of their own, which asks nobody of the staff for a permission.
    _page = admin.site.get_model_admin(_model)
    _page.actions = None
    _page.get_urls = partial(admin.ModelAdmin.get_urls, _page)
    # Rows come from Stripe, keys and endpoints from the environment.
    _page.has_add_permission = lambda request: False
