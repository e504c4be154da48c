from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from accounts import personal_data
        from core import retention
        from payments import checks, purge, receivers  # noqa: F401 - registers checks and webhook receivers
        from payments.personal_data import erase_copies

        # What there is to tell of payments, the shop tells.
        personal_data.register("payments", lambda user: (), erase=erase_copies)
        retention.register("raw requests of Stripe", purge.purge_requests)
        retention.register("events of Stripe", purge.purge_events)
