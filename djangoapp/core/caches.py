"""The cache that all processes share, and what happens while it is away."""

import logging
import time
from functools import wraps

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

REST_SECONDS = 10  # after a failure nobody waits for Redis again for so long
COPY_SECONDS = 60  # what is only read faster in Redis stays there for no longer


class SharedRedisCache(RedisCache):
    """Redis; and while it does not answer, this process's own memory.

    Everything in the cache may be lost at any time, so the shop goes on selling: counts are then
    kept by each process for itself, which is less strict but never stops anybody by mistake.
    """

    def __init__(self, server: str, params: dict) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("while-redis-is-away", {**params, "OPTIONS": {}})
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether Redis did not answer a moment ago."""
        return time.monotonic() < self._rests_until

    def catch_up(self) -> None:
        """Do what has to be done before Redis is asked anything. Raises ``RedisError`` while it is away."""


class MissedKeys(DummyCache):
    """Keeps nothing, and notes under which keys Redis would have kept or deleted something."""

    noted: dict[str, float] = {}  # until when a key matters; of all threads of the process

    def set(self, key: str, value, timeout=DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self.delete(key, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        self.noted[self.make_and_validate_key(key, version)] = time.monotonic() + COPY_SECONDS
        return False


class RedisOrNothing(SharedRedisCache):
    """Redis; and while it does not answer, nothing: for what lives in the database and is only read faster here.

    A process's own memory would go on knowing a session that has ended elsewhere. So would Redis itself: when it
    answers again, it has what was there before, and a copy here is believed before the database is asked. Therefore
    a process deletes first whatever Redis has missed of it; and as other processes may never have lost Redis, no copy
    lives for longer than ``COPY_SECONDS``. After that time a key that was missed does not matter any more either, so
    an outage of hours leaves no long list of them.
    """

    def __init__(self, server: str, params: dict) -> None:
        super().__init__(server, params)
        self._memory = MissedKeys("", params)

    def get_backend_timeout(self, timeout=DEFAULT_TIMEOUT) -> int:
        seconds = super().get_backend_timeout(timeout)
        return COPY_SECONDS if seconds is None else min(seconds, COPY_SECONDS)

    def catch_up(self) -> None:
        noted, now = self._memory.noted, time.monotonic()
        for key, matters_until in list(noted.items()):
            if matters_until <= now:
                noted.pop(key, None)
        if missed := list(noted):
            self._cache.delete_many(missed)
            for key in missed:
                noted.pop(key, None)


def _with_memory(name: str):
    ask_redis = getattr(RedisCache, name)

    @wraps(ask_redis)
    def ask(self: SharedRedisCache, *args, **kwargs):
        if not self.is_resting:
            try:
                self.catch_up()
                return ask_redis(self, *args, **kwargs)
            except RedisError as error:
                # The error's text may hold the address with its password.
                logger.warning("Redis does not answer (%s): memory stands in", type(error).__name__)
                self._rests_until = time.monotonic() + REST_SECONDS
        return getattr(self._memory, name)(*args, **kwargs)

    return ask


for _name in "add clear delete delete_many get get_many has_key incr set set_many touch".split():
    setattr(SharedRedisCache, _name, _with_memory(_name))
