"""Settings of several apps that contradict each other."""

from django.conf import settings
from django.core.checks import Error, register


@register("shop")
def shop_settings(app_configs, **kwargs):
    found = []
    if len(settings.SHOP_CURRENCY) != 3 or not settings.SHOP_CURRENCY.isalpha():
        found.append(
            Error("DJANGOAPP_CURRENCY is not a currency.", hint="Three letters: CHF.", id="app.E001")
        )
    if settings.SHOP_HOLD_CEILING_MINUTES < settings.SHOP_HOLD_MINUTES:
        found.append(
            Error(
                "DJANGOAPP_HOLD_CEILING_MINUTES is less than DJANGOAPP_HOLD_MINUTES.",
                hint="The ceiling says how long places may be held in all.",
                id="app.E002",
            )
        )
    return found
