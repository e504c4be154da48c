from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    name = "shop"
    verbose_name = _("Shop")

    def ready(self) -> None:
        from accounts import personal_data
        from core import retention
        from shop import change_mails, mails, session_mails  # noqa: F401 - they register the mails
        from shop.personal_data import (
            erase_purchases,
            forget_carts,
            hold_who_comes,
            tell_guest,
            tell_purchases,
        )
        from shop.services import books, integrity, ledger, privacy

        personal_data.register(
            "shop",
            tell_purchases,
            forget=forget_carts,
            tell_guest=tell_guest,
            erase=erase_purchases,
            hold=hold_who_comes,
        )
        retention.register("attendees", privacy.forget_attendees)
        retention.register("unpaid orders", privacy.forget_unpaid_orders)
        retention.register("old bills", privacy.forget_old_bills)
        retention.register("waiting lists", privacy.forget_waiting_lists)
        _watch()
        ledger.listen()
        integrity.register(books.disagreements)
        integrity.register(books.invoices)


def _watch() -> None:
    """Keep a trail of what staff changes. What carts and orders do by themselves has a history of its own."""
    from core import audit
    from shop.models import AccessCode, CancellationPolicy, Coupon, Order, Project, Session, TaxRule

    audit.watch(
        Project,
        [
            "title",
            "slug",
            "summary",
            "description",
            "picture",
            "picture_alt",
            "category",
            "tax_rule",
            "policy",
            "publisher",
            "is_published",
        ],
    )
    audit.watch(
        Session,
        [
            "project",
            "slug",
            "starts_at",
            "ends_at",
            "time_zone",
            "host",
            "place_name",
            "place_address",
            "capacity",
            "most_per_buyer",
            "sales_start_at",
            "sales_end_at",
            "is_published",
            "needs_code",
            "cancelled_at",
            "base_price",
            "member_price",
            "nonprofit_price",
            "early_price",
            "early_until_at",
            "early_places",
            "group_price",
            "group_places",
        ],
        hidden=["online_url"],
    )
    audit.watch(
        Coupon,
        [
            "code",
            "kind",
            "value",
            "valid_from",
            "valid_until",
            "max_uses",
            "max_uses_per_buyer",
            "project",
            "session",
            "min_total",
            "is_active",
        ],
    )
    audit.watch(
        AccessCode,
        ["note", "project", "session", "valid_from", "valid_until", "is_active"],
        hidden=["code"],
        is_nameless=True,
    )
    audit.watch(TaxRule, ["name", "rate"])
    audit.watch(
        CancellationPolicy, ["name", "free_days", "fee_percent", "fee_fixed", "last_days", "move_days"]
    )
    bill = ("name", "company", "street", "postcode", "city", "country")
    audit.watch(
        Order,
        ["membership", "link_version"],
        hidden=["email", *(f"billing_{part}" for part in bill)],
    )
