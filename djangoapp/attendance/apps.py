from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = _("At the door")

    def ready(self) -> None:
        from accounts import personal_data
        from attendance import checks, mails, receivers  # noqa: F401 - they register themselves
        from attendance.integrity import tickets
        from attendance.personal_data import (
            erase_names,
            forget_names,
            forget_old_names,
            tell_guest,
            tell_visits,
        )
        from attendance.services.checkins import lines_inside, lines_that_came
        from core import retention
        from shop import presence
        from shop.querysets import KEPT_WITH_LINES
        from shop.services import integrity

        personal_data.register(
            "attendance", tell_visits, forget=forget_names, tell_guest=tell_guest, erase=erase_names
        )
        retention.register("names of entries", forget_old_names)
        integrity.register(tickets)
        presence.register(presence.Door(lines_that_came, lines_inside))
        KEPT_WITH_LINES.append("ticket")
