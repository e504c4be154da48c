from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "app"

    def ready(self) -> None:
        from app import checks  # noqa: F401 - registers the system checks
