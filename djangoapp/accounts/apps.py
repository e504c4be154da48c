from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import mails, personal_data, signals  # noqa: F401 - registers mails and signals
        from accounts.models import User
        from accounts.own_data import erase_traces, forget_person, hold_staff, tell_guest, tell_person
        from core import audit

        personal_data.register(
            "account",
            tell_person,
            forget=forget_person,
            tell_guest=tell_guest,
            erase=erase_traces,
            hold=hold_staff,
        )
        audit.watch(
            User,
            ["is_active", "is_staff", "is_superuser"],
            many=["groups", "user_permissions"],
            is_nameless=True,
        )
