"""Looking around, buying, and what staff sees of it."""

from django.urls import reverse

from shop.enums import OrderStatus
from tests.screens.scenes.kinds import FILLED, Scene, admin, order, plain, session


def change(page: str, kind: str) -> Scene:
    """A page on which the buyer changes a booking."""
    return Scene(
        page.replace("_", "-"),
        f"shop:{page}",
        lambda shop: reverse(f"shop:{page}", args=[shop.changes[kind].code, shop.changes[kind].token]),
        states=FILLED,
    )


def about_session(page: str, picture: str, kind: str) -> Scene:
    """A page of the admin about all people of one session."""
    return Scene(
        f"admin-{picture}",
        f"admin:{page}",
        lambda shop: reverse(f"admin:{page}", args=[shop.sessions[kind].pk]),
        "owner",
        states=FILLED,
    )


SCENES = [
    plain("home", "home"),
    plain("home", "home-signed-in", "buyer"),
    plain("shop:session_list", "sessions"),
    plain("shop:session_list", "sessions-as-member", "buyer"),
    plain("shop:session_list", "sessions-nothing-found", query="?q=zeppelin"),
    plain("shop:session_list", "calendar", query="?view=month"),
    *(session(kind) for kind in ("roomy", "few-left", "sold-out", "past")),
    session("cancelled", complaint="status of 410"),
    plain("shop:project_list", "projects"),
    Scene(
        "project",
        "shop:project_detail",
        lambda shop: shop.project.get_absolute_url(),
        states=FILLED,
    ),
    plain("search", "search", query="?q=tree"),
    plain("shop:cart", "cart"),
    plain("shop:cart", "cart-signed-in", "buyer", states=FILLED),
    plain("shop:checkout", "checkout", states=FILLED),
    plain("shop:checkout", "checkout-signed-in", "buyer", states=FILLED),
    plain("shop:order_find", "find-orders"),
    plain("shop:order_find_asked", "find-orders-asked"),
    Scene(
        "order-letters",
        "shop:order_letters",
        lambda shop: f"{shop.orders['paid'].get_absolute_url()}letters/",
        states=FILLED,
    ),
    *(order(status) for status in OrderStatus.values),
    change("order_give_up", "early"),
    change("order_move", "early"),
    change("order_names", "early"),
    change("order_ask", "late"),
    plain("shop:unlock", "unlock"),
    Scene(
        "waiting-join",
        "shop:waiting_join",
        lambda shop: reverse("shop:waiting_join", args=[shop.sessions["sold-out"].slug]),
        states=FILLED,
    ),
    Scene(
        "waiting-entry",
        "shop:waiting_entry",
        lambda shop: shop.waiting["waiting"].get_absolute_url(),
        states=FILLED,
    ),
    Scene(
        "waiting-offer",
        "shop:waiting_entry",
        lambda shop: shop.waiting["offered"].get_absolute_url(),
        states=FILLED,
    ),
    Scene(
        "invoices",
        "shop:order_invoices",
        lambda shop: reverse(
            "shop:order_invoices", args=[shop.orders["paid"].code, shop.orders["paid"].token]
        ),
        states=FILLED,
    ),
    plain("shop:bookings", "bookings", "buyer"),
    plain("terms", "terms"),
    plain("privacy", "privacy"),
    Scene("not-found", "", lambda shop: "/not-here/", complaint="status of 404"),
    plain("studio:dashboard", "studio", "owner"),
    plain("studio:reports", "studio-reports", "owner"),
    plain("studio:statement", "studio-statement", "owner"),
    plain("studio:integrity", "studio-integrity", "owner"),
    plain("health_details", "health", "owner"),
    admin("index", "index"),
    admin("shop_order_changelist", "orders"),
    admin("shop_session_changelist", "sessions"),
    admin("shop_waitingentry_changelist", "waiting"),
    admin("accounts_person", "person"),
    about_session("shop_session_write", "session-write", "sold-out"),
    about_session("shop_session_tell", "session-tell", "moved"),
    about_session("shop_session_cancel", "session-cancel", "sold-out"),
    about_session("shop_session_cancel", "session-cancelled", "cancelled"),
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
