from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = _("At the door")

    def ready(self) -> None:
        from attendance import receivers  # noqa: F401 - hears what the shop sells
        from attendance.integrity import tickets
        from shop.services import integrity

        integrity.register(tickets)
