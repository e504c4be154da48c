from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import mails, personal_data, signals  # noqa: F401 - registers mails and signals
        from accounts.own_data import erase_traces, forget_person, hold_staff, tell_guest, tell_person

        personal_data.register(
            "account",
            tell_person,
            forget=forget_person,
            tell_guest=tell_guest,
            erase=erase_traces,
            hold=hold_staff,
        )
