from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "app"

    def ready(self) -> None:
        from app import checklists, checks  # noqa: F401 - registers signals and the system checks
