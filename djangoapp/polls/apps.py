from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PollsConfig(AppConfig):
    name = "polls"
    verbose_name = _("Polls")

    def ready(self) -> None:
        from accounts import personal_data
        from polls.personal_data import tell_votes

        personal_data.register("polls", tell_votes)
