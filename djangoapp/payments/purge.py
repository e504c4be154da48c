"""Throwing away what Stripe's notifications leave behind.

dj-stripe keeps every request to the webhook with all its headers and its whole body, whether Stripe sent it or not, and
every event with names and addresses. Nothing of the shop reads them later: it asks Stripe afresh. Events are kept well
beyond the days during which Stripe delivers again, because they are what makes a second delivery harmless.
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from djstripe.models import Event, WebhookEventTrigger

BATCH = 500

Say = Callable[[str], None]


def purge_requests(say: Say = lambda _words: None) -> int:
    """Delete requests to the webhook that are too old. Returns how many."""
    before = timezone.now() - timedelta(days=settings.STRIPE_KEEP_REQUESTS_DAYS)
    return _purge(WebhookEventTrigger.objects.filter(created__lt=before), "requests", say)


def purge_events(say: Say = lambda _words: None) -> int:
    """Delete events that are too old. Returns how many."""
    before = timezone.now() - timedelta(days=settings.STRIPE_KEEP_EVENTS_DAYS)
    return _purge(Event.objects.filter(djstripe_created__lt=before), "events", say)


def _purge(rows: QuerySet, what: str, say: Say) -> int:
    """Delete rows a few hundred at a time, the oldest first, each lot in a transaction of its own."""
    deleted = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows.model._base_manager.filter(pk__in=pks).delete()
        deleted += len(pks)
        say(f"{deleted} {what}")
    return deleted
