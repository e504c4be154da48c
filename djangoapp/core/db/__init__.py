"""Django's database backend for PostgreSQL, which asks less often whether its connection is still there."""

import select
import time

from django.db.backends.postgresql.base import DatabaseWrapper

TRUSTED_SECONDS = 1.0


class TrustsItsConnection(DatabaseWrapper):
    """Asks the server only when it has not answered for a second.

    Django asks at the beginning of each request (``CONN_HEALTH_CHECKS``), a whole trip for nothing on a busy server.
    A server that stops, or ends a connection, says so on it: there is then something to read, which costs no trip to
    see. Whatever is there to read, the server is asked.
    """

    answered_at = float("-inf")

    def is_usable(self) -> bool:
        if time.monotonic() - self.answered_at < TRUSTED_SECONDS and not self._has_something_to_read():
            return True
        is_usable = super().is_usable()
        self.answered_at = time.monotonic() if is_usable else float("-inf")
        return is_usable

    def _has_something_to_read(self) -> bool:
        if self.connection.closed:
            return True
        sockets = select.poll()
        sockets.register(self.connection.fileno(), select.POLLIN)
        return bool(sockets.poll(0))
