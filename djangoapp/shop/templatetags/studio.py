"""The admin's first page: what to do next, and the tables in the order in which a studio needs them."""

from django import template

from shop.admin import next_things as things

register = template.Library()

APPS = ["shop", "accounts", "core", "payments", "attendance", "blog", "polls", "todos"]
MODELS = [
    "Order",
    "Session",
    "Project",
    "Coupon",
    "AccessCode",
    "Payment",
    "Refund",
    "Cart",
    "CouponRedemption",
    "Transition",
    "Category",
    "TaxRule",
    "Profile",
    "User",
]


@register.simple_tag
def next_things(user) -> list[things.NextThing]:
    """What waits for this member of staff, and ideas where that is little."""
    return things.next_things(user)


@register.filter
def ours(app_list: list[dict]) -> list[dict]:
    """The studio's own apps and models in the admin: what is used daily before what is set up once."""
    found = sorted(
        (app for app in app_list if app["app_label"] in APPS), key=lambda app: APPS.index(app["app_label"])
    )
    return [{**app, "models": sorted(app["models"], key=_place)} for app in found]


@register.filter
def behind_the_scenes(app_list: list[dict]) -> list[dict]:
    """What the libraries keep, which hardly anybody looks at."""
    return [app for app in app_list if app["app_label"] not in APPS]


def _place(model: dict) -> int:
    name = model["object_name"]
    return MODELS.index(name) if name in MODELS else len(MODELS)
