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
        from shop.services import books, integrity, ledger, matching, privacy

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
        ledger.listen()
        integrity.register(books.disagreements)
        integrity.register(books.invoices)
        integrity.register(matching.problems)
