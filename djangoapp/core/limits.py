"""How often one visitor may ask for something: counted in fixed windows, for all processes together.

Redis counts where it is configured. Django's database cache cannot add to a number without losing
some of it, so without Redis a table of our own counts: one statement, right under any concurrency.
"""

import ipaddress
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.models import RateCount
from core.network import client_address


@dataclass(frozen=True)
class Limit:
    """So many ``times`` in each window of so many minutes, for each visitor.

    ``settings.RATE_LIMIT_FACTOR`` multiplies all of them.
    """

    name: str
    times: int
    minutes: int

    @property
    def seconds(self) -> int:
        return self.minutes * 60


class LimitReached(Exception):
    """Somebody asked too often; it will work again in ``retry_after_seconds``."""

    def __init__(self, limit: Limit, retry_after_seconds: int) -> None:
        super().__init__(f"Too many requests: {limit.name}")
        self.retry_after_seconds = retry_after_seconds


def enforce(limit: Limit, who: str, *, cost: int = 1) -> None:
    """Count ``cost`` more times for ``who`` (an address, say). Raises ``LimitReached`` beyond the limit.

    What is refused is counted as well: whoever goes on asking goes on waiting.
    """
    enforce_all([(limit, who)], cost=cost)


def enforce_all(uses: Iterable[tuple[Limit, str]], *, cost: int = 1) -> None:
    """Count the same for several limits at once."""
    now = time.time()
    counts = [_Count(limit, who, now) for limit, who in uses]
    for count, reached in zip(counts, _add(counts, cost), strict=True):
        if reached > count.limit.times * settings.RATE_LIMIT_FACTOR:
            raise LimitReached(count.limit, max(1, math.ceil(count.ends_at - now)))


def limited(limit: Limit) -> Callable:
    """Let a view accept only so many POST requests from one network; the others are answered by 429."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def counted(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.method == "POST":
                enforce(limit, network_of(request))
            return view(request, *args, **kwargs)

        return answers_limits(counted)

    return decorate


def answers_limits(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer by 429 when the view itself has found that a limit is reached."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except LimitReached as reached:
            return too_many_requests(request, reached)

    return answered


def too_many_requests(request: HttpRequest, reached: LimitReached) -> HttpResponse:
    """The answer to somebody who asked too often."""
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(reached.retry_after_seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def network_of(request: HttpRequest) -> str:
    """The visitor's address. Of IPv6 the first half: one household has all addresses of the other."""
    address = ipaddress.ip_address(client_address(request))
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


def forget_old_counts() -> int:
    """Delete counts whose window is over. Returns how many there were."""
    deleted, _by_model = RateCount.objects.filter(ends_at__lt=timezone.now()).delete()
    return deleted


class _Count:
    """One visitor's use of one limit in the present window."""

    def __init__(self, limit: Limit, who: str, now: float) -> None:
        window = int(now // limit.seconds)
        self.limit = limit
        self.ends_at = (window + 1) * limit.seconds
        # Addresses of people are not kept: the key is a keyed hash of them.
        digest = salted_hmac("core.limits", f"{limit.name}:{who}:{window}", algorithm="sha256")
        self.key = f"limit:{digest.hexdigest()}"


def _add(counts: list[_Count], cost: int) -> list[int]:
    if settings.RATE_COUNTS_IN_CACHE:
        return [_add_in_cache(count, cost) for count in counts]
    ends_at = {count.key: datetime.fromtimestamp(count.ends_at, UTC) for count in counts}
    reached = RateCount.objects.add(ends_at, cost)
    return [reached[count.key] for count in counts]


def _add_in_cache(count: _Count, cost: int) -> int:
    # Kept a little beyond the window, so that no key ends between the two steps.
    seconds = max(1, math.ceil(count.ends_at - time.time())) + 60
    if cache.add(count.key, cost, timeout=seconds):
        return cost
    try:
        return cache.incr(count.key, cost)
    except ValueError:  # thrown out in between, because the cache was full
        cache.set(count.key, cost, timeout=seconds)
        return cost
