"""dj-stripe's tables hold keys and raw payloads: only superusers see them."""

from django.contrib import admin
from djstripe import models as djstripe_models


def _for_superusers(request, *args) -> bool:
    return request.user.is_active and request.user.is_superuser


for _model in (
    djstripe_models.APIKey,
    djstripe_models.WebhookEndpoint,
    djstripe_models.WebhookEventTrigger,
    djstripe_models.Event,
):
    if admin.site.is_registered(_model):
        _registered = admin.site._registry[_model]
        for _permission in ("view", "add", "change", "delete", "module"):
            setattr(_registered, f"has_{_permission}_permission", _for_superusers)
