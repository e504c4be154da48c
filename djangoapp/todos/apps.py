from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TodosConfig(AppConfig):
    name = "todos"
    verbose_name = _("To-dos")

    def ready(self) -> None:
        from accounts import personal_data
        from todos import mails  # noqa: F401 - registers the mails
        from todos.personal_data import erase_invitations, tell_guest, tell_todos
        from todos.services.sharing import let_go

        personal_data.register(
            "todos", tell_todos, forget=let_go, tell_guest=tell_guest, erase=erase_invitations
        )
