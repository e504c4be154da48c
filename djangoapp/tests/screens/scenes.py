"""The pages to look at: which, by whom, and in which states of the shop."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from shop.enums import OrderStatus
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


def session(kind: str) -> Scene:
    return Scene(
        f"session-{kind}",
        "shop:session_detail",
        lambda shop: shop.sessions[kind].get_absolute_url(),
        states=FILLED,
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


SCENES = [
    plain("home", "home"),
    plain("home", "home-signed-in", "buyer"),
    plain("shop:session_list", "sessions"),
    plain("shop:session_list", "sessions-as-member", "buyer"),
    plain("shop:session_list", "sessions-nothing-found", query="?q=zeppelin"),
    plain("shop:session_list", "calendar", query="?view=month"),
    *(session(kind) for kind in ("roomy", "few-left", "sold-out", "past")),
    plain("shop:project_list", "projects"),
    Scene(
        "project",
        "shop:project_detail",
        lambda shop: shop.project.get_absolute_url(),
        states=FILLED,
    ),
    plain("shop:cart", "cart"),
    plain("shop:cart", "cart-signed-in", "buyer", states=FILLED),
    plain("shop:checkout", "checkout", states=FILLED),
    plain("shop:checkout", "checkout-signed-in", "buyer", states=FILLED),
    *(order(status) for status in OrderStatus.values),
    plain("shop:bookings", "bookings", "buyer"),
    plain("accounts:profile", "profile", "buyer"),
    plain("accounts:delete", "delete-account", "buyer"),
    plain("account_login", "sign-in"),
    plain("account_signup", "sign-up"),
    plain("account_logout", "sign-out", "buyer"),
    plain("account_reset_password", "reset-password"),
    plain("account_reset_password_done", "reset-password-sent"),
    plain("account_change_password", "change-password", "buyer"),
    plain("account_email", "change-address", "buyer"),
    plain("account_email_verification_sent", "confirm-address"),
    plain("account_reauthenticate", "confirm-it-is-you", "buyer"),
    plain("mfa_index", "second-factor", "buyer"),
    plain("mfa_activate_totp", "second-factor-app", "buyer"),
    plain("mfa_add_webauthn", "second-factor-passkey", "buyer"),
    plain("terms", "terms"),
    plain("privacy", "privacy"),
    Scene("not-found", "", lambda shop: "/not-here/", complaint="status of 404"),
    admin("index", "index"),
    admin("shop_order_changelist", "orders"),
    admin("shop_session_changelist", "sessions"),
    Scene(
        "admin-order",
        "admin:shop_order_change",
        lambda shop: reverse("admin:shop_order_change", args=[shop.orders["paid"].pk]),
        "owner",
        states=FILLED,
    ),
    Scene(
        "admin-project",
        "admin:shop_project_change",
        lambda shop: reverse("admin:shop_project_change", args=[shop.project.pk]),
        "owner",
        states=FILLED,
    ),
]

# Addresses that no picture is taken of, each with its reason. Tests see that every other one has its scene.
WITHOUT_PICTURE = {
    "answers with a file or with text": {
        "robots",
        "sitemap",
        "sitemap_part",
        "accounts:data",
        "shop:feed",
        "shop:session_ics",
        "shop:order_ics",
        "mfa_download_recovery_codes",
    },
    "takes a form and leads on, or redraws a part of a page": {
        "accounts:membership",
        "shop:cart_add",
        "shop:cart_set",
        "shop:cart_extend",
        "shop:coupon_redeem",
        "shop:coupon_drop",
        "shop:order_return",
        "shop:order_status",
        "shop:order_pay",
        "shop:order_cancel",
        "shop:order_again",
    },
    "is for programs": {"payments:webhook", "payments:webhook_by_uuid", "mfa_login_webauthn"},
    "needs a link from a mail, or a sign-in that is halfway": {
        "account_inactive",
        "account_confirm_email",
        "account_confirm_login_code",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_set_password",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
    },
    "needs a second factor that is set up": {
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_list_webauthn",
        "mfa_remove_webauthn",
        "mfa_edit_webauthn",
    },
    "is there when sign-in with Google is configured": {
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "socialaccount_signup",
        "socialaccount_connections",
        "google_login",
        "google_callback",
        "google_login_by_token",
    },
}
