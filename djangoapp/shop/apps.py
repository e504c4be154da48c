from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    name = "shop"
    verbose_name = _("Shop")

    def ready(self) -> None:
        from accounts import personal_data
        from shop import mails, session_mails  # noqa: F401 - they register the mails
        from shop.personal_data import forget_carts, tell_purchases
        from shop.services import books, integrity, ledger

        personal_data.register("shop", tell_purchases, forget=forget_carts)
        ledger.listen()
        integrity.register(books.disagreements)
        integrity.register(books.invoices)
