from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProjectConfig(AppConfig):
    name = "app"

    def ready(self) -> None:
        from app import checklists, checks  # noqa: F401 - registers signals and the system checks
        from app.roles import after_migrations

        post_migrate.connect(after_migrations)
