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
    """Up to three things that this member of staff may do next."""
    return things.next_things(user)


@register.filter
def in_studio_order(app_list: list[dict]) -> list[dict]:
    """The admin's apps and models, ours first, what is used daily before what is set up once."""
    ordered = sorted(app_list, key=lambda app: _place(APPS, app["app_label"]))
    return [
        {**app, "models": sorted(app["models"], key=lambda model: _place(MODELS, model["object_name"]))}
        for app in ordered
    ]


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)
