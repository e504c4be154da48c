from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Mail")  # the only thing of this app that staff sees

    def ready(self) -> None:
        from core import jobs  # noqa: F401 - registers signals
