"""Work in the background: one seam to the task queue, and the periodic jobs.

Tasks are dotted paths with primary keys as arguments, and each is safe to repeat: the queue promises at least once.
"""

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import Schedule
from django_q.tasks import async_task


def enqueue(task: str, *arguments: int | str) -> None:
    """Run a task in the background once the present transaction has committed.

    Should the process die between the commit and the hand-over, a periodic job finds the row that was to be worked on.
    """
    transaction.on_commit(lambda: async_task(task, *arguments))


def ensure_schedules() -> None:
    """Bring the queue's schedules in line with ``settings.PERIODIC_JOBS``. Safe to repeat."""
    for task, minutes in settings.PERIODIC_JOBS.items():
        import_string(task)  # a misspelt job stops the worker's start, not its first run at night
        Schedule.objects.update_or_create(
            name=task,
            defaults={"func": task, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1},
        )
    Schedule.objects.exclude(name__in=settings.PERIODIC_JOBS).delete()
