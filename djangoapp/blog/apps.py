from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = _("Blog")

    def ready(self) -> None:
        from accounts import personal_data
        from blog import signals  # noqa: F401 - connects the receivers
        from blog.personal_data import forget_drafts, tell_posts

        personal_data.register("blog", tell_posts, forget=forget_drafts)
