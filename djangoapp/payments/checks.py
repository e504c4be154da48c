"""Settings about payments that contradict each other or cannot work."""

import re

from django.conf import settings
from django.core import checks

KEY_FORM = re.compile(r"^(sk|rk)_(test|live)_[A-Za-z0-9]{24,}$")


@checks.register("payments")
def stripe_keys(app_configs, **kwargs):
    """A key that cannot be one is told by its name; nobody prints it."""
    found = []
    for mode in ("test", "live"):
        name = f"STRIPE_{mode.upper()}_SECRET_KEY"
        key = getattr(settings, name, "")
        if not key:
            continue
        form = KEY_FORM.match(key)
        if form is None or form.group(2) != mode:
            found.append(
                checks.Error(
                    f"DJANGOAPP_{name} is not a {mode} key of Stripe's.",
                    hint=f"It begins with rk_{mode}_ (better) or sk_{mode}_, then at least 24 letters or digits.",
                    id="payments.E001",
                )
            )
        elif mode == "live" and form.group(1) == "sk":
            found.append(
                checks.Warning(
                    "The live key may do everything in the Stripe account.",
                    hint="Make a restricted key (rk_live_…): read what is synced, write checkout sessions and refunds.",
                    id="payments.W001",
                )
            )
    return found


@checks.register("payments", deploy=True)
def some_provider(app_configs, **kwargs):
    """A shop without any way to pay sells free places only."""
    if settings.SHOP_PAYMENT_PROVIDERS:
        return []
    return [checks.Error("No payment provider is configured.", id="payments.E002")]
