"""The task queue's way to its table, and what the worker does while the database is away: it waits, and goes on.

Named in ``settings.Q_CLUSTER``.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django_q.brokers.orm import ORM

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1
PATIENCE_SECONDS = 60  # a database that is away for longer has the task done again, which every task allows


class PatientBroker(ORM):
    """django-q's own broker for the database, with two differences.

    While the database does not answer it waits, where the original leaves the process to die. And the state of the
    worker goes into a file, whose age says whether it lives, where the original writes to the cache twice a second.
    """

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        Path(settings.WORKER_HEARTBEAT).touch()

    def get_stat(self, key: str) -> None:
        return None

    def get_stats(self, pattern: str) -> list:
        return []

    def dequeue(self) -> list | None:
        try:
            return super().dequeue()
        except (OperationalError, InterfaceError) as error:
            self._step_back(error)
            return None

    def delete(self, task_id: int) -> None:
        """Forget a task that is done, however often that has to be tried."""
        self._insist(lambda: super(PatientBroker, self).delete(task_id))

    def _insist(self, deed: Callable[[], None]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return deed()
            except (OperationalError, InterfaceError) as error:
                if time.monotonic() > deadline:
                    raise
                self._step_back(error)

    def _step_back(self, error: Exception) -> None:
        logger.warning("The database does not answer (%s): the worker waits for it", type(error).__name__)
        connection.close()
        time.sleep(PAUSE_SECONDS)
