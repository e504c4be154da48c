"""What a scene is, and the usual ways to say one."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from tests.screens.states import STATES, Shop

FILLED = ("usual", "overfull")


@dataclass(frozen=True)
class Scene:
    """One page. ``visitor`` is "guest", "buyer" or "owner"; ``complaint`` what its browser may say."""

    picture: str
    view: str
    address: Callable[[Shop], str]
    visitor: str = "guest"
    states: tuple[str, ...] = tuple(STATES)
    complaint: str = ""


def plain(view: str, picture: str, visitor: str = "guest", query: str = "", **options) -> Scene:
    """A page whose address is always the same."""
    return Scene(picture, view, lambda shop: reverse(view) + query, visitor, **options)


def session(kind: str, **options) -> Scene:
    return Scene(
        f"session-{kind}",
        "shop:session_detail",
        lambda shop: shop.sessions[kind].get_absolute_url(),
        states=FILLED,
        **options,
    )


def order(status: str) -> Scene:
    return Scene(
        f"order-{status}",
        "shop:order_detail",
        lambda shop: shop.orders[status].get_absolute_url(),
        states=FILLED,
    )


def admin(page: str, picture: str, **options) -> Scene:
    return plain(f"admin:{page}", f"admin-{picture}", "owner", **options)
