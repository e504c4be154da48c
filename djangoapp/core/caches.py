"""The cache that all processes share, and what happens while it is away."""

import logging
import time
from functools import wraps

from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

REST_SECONDS = 10  # after a failure nobody waits for Redis again for so long


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


class RedisOrNothing(SharedRedisCache):
    """Redis; and while it does not answer, nothing: for what lives in the database and is only read faster here.

    A process's own memory would go on knowing a session that has ended elsewhere.
    """

    def __init__(self, server: str, params: dict) -> None:
        super().__init__(server, params)
        self._memory = DummyCache("", params)


def _with_memory(name: str):
    ask_redis = getattr(RedisCache, name)

    @wraps(ask_redis)
    def ask(self: SharedRedisCache, *args, **kwargs):
        if not self.is_resting:
            try:
                return ask_redis(self, *args, **kwargs)
            except RedisError as error:
                # The error's text may hold the address with its password.
                logger.warning("Redis does not answer (%s): memory stands in", type(error).__name__)
                self._rests_until = time.monotonic() + REST_SECONDS
        return getattr(self._memory, name)(*args, **kwargs)

    return ask


for _name in "add clear delete delete_many get get_many has_key incr set set_many touch".split():
    setattr(SharedRedisCache, _name, _with_memory(_name))
