"""Work in the background: one seam to the task queue, and the periodic jobs.

Tasks are dotted paths with primary keys as arguments, and each is safe to repeat: the queue promises at least once.
"""

from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.dispatch import receiver
from django.utils.module_loading import import_string
from django_q.models import Schedule
from django_q.signals import pre_enqueue, pre_execute
from django_q.tasks import async_task

from core import request_id

# A task of the worker is stopped after a minute. What is not done by then is for its next run.
SECONDS_FOR_A_TASK, SECONDS_FOR_A_TURN = 30, 15
Item = TypeVar("Item")


def enqueue(task: str, *arguments: int | str) -> None:
    """Run a task in the background once the present transaction has committed.

    Should the process die between the commit and the hand-over, a periodic job finds the row that was to be worked on.
    """
    transaction.on_commit(lambda: async_task(task, *arguments))


def in_time(items: Iterable[Item], *, seconds: float = SECONDS_FOR_A_TURN) -> Iterator[Item]:
    """Hand out items until so many seconds have passed. What is left is for the next run of the job."""
    ends_at = monotonic() + seconds
    for item in items:
        if monotonic() >= ends_at:
            return
        yield item


@transaction.atomic
def ensure_schedules() -> None:
    """Bring the queue's schedules in line with ``settings.PERIODIC_JOBS``. Safe to repeat, and for many at once."""
    # Their names are not unique in the queue's table. Who starts at the same moment waits here.
    ContentType.objects.select_for_update(no_key=True).get(app_label="django_q", model="schedule")
    planned = set()
    for task, minutes in settings.PERIODIC_JOBS.items():
        import_string(task)  # a misspelt job stops the worker's start, not its first run at night
        schedule = Schedule.objects.filter(name=task).order_by("pk").first() or Schedule(name=task)
        schedule.func, schedule.repeats = task, -1
        schedule.schedule_type, schedule.minutes = Schedule.MINUTES, minutes
        schedule.save()
        planned.add(schedule.pk)
    Schedule.objects.exclude(pk__in=planned).delete()


@receiver(pre_enqueue)
def remember_request(task: dict, **kwargs) -> None:
    """Send the request's id along, so that the log tells what came of it. Work of its own accord has its own."""
    task["request_id"] = request_id.current() or task["id"]


@receiver(pre_execute)
def take_up_request(task: dict, **kwargs) -> None:
    """Do the task under the id that came with it. A task that runs within the request has it already."""
    if not task.get("sync"):
        request_id.take(task.get("request_id", task["id"]))
