"""How Stripe's notifications arrive: what those who watch the shop ask."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from djstripe.models import Event

LATEST = 20


@dataclass(frozen=True)
class Arrivals:
    """``last_at`` is when the last one came, ``delay`` how long the slowest of the latest was under way."""

    last_at: datetime | None = None
    delay: timedelta = timedelta()


def arrivals() -> Arrivals:
    """What the latest notifications tell, in one query. None of them knows more than what dj-stripe has kept."""
    latest = list(Event.objects.order_by("-djstripe_id").values_list("created", "djstripe_created")[:LATEST])
    if not latest:
        return Arrivals()
    # Clocks differ: what came before it was sent was quick.
    delays = [max(arrived - sent, timedelta()) for sent, arrived in latest if sent]
    return Arrivals(latest[0][1], max(delays, default=timedelta()))
