"""Statements of the payment providers: every movement on the accounts that they keep for the studio.

They are fetched piece by piece, each piece from its newest movement to its oldest, as providers page them. Each page is
written together with how far that is, so whoever goes on after a crash asks for the next page and for nothing twice.
What is told twice all the same is written once. The provider is never asked within a transaction.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from core.jobs import SECONDS_FOR_A_TASK
from shop.exceptions import ProviderRefused, ProviderUnavailable
from shop.models import Payment, ProviderMovement, ProviderStatement
from shop.providers import MovementPage, get_provider, offered

logger = logging.getLogger(__name__)

PIECE = timedelta(days=7)
# Up to now, but for what is being booked at this moment; and once more what may have been told late.
SETTLING, OVERLAP = timedelta(minutes=1), timedelta(hours=1)

Say = Callable[[str], None]


def fetch_all(say: Say = lambda _words: None, *, seconds: float = SECONDS_FOR_A_TASK) -> int:
    """Fetch what is new at every provider, for about so many seconds. Returns how many movements were new.

    A provider that does not answer is asked again by the next run.
    """
    ends_at = monotonic() + seconds
    new = 0
    for offer in offered():
        try:
            new += fetch(offer.name, say, until=ends_at)
        except (ProviderUnavailable, ProviderRefused):
            logger.warning("The statement of %s was not fetched to its end", offer.name)
    return new


def fetch(provider: str, say: Say = lambda _words: None, *, until: float = float("inf")) -> int:
    """Fetch what is new at one provider, until then on the monotonic clock. Returns how many movements were new.

    Safe to repeat, to interrupt and to run twice at a time. Raises ``ProviderUnavailable``, and ``ProviderRefused``.
    """
    statement = _begun(provider)
    new = 0
    while statement is not None and monotonic() < until:
        settled_at = timezone.now() - SETTLING
        if statement.piece_ends_at is None:
            if statement.fetched_until > settled_at - SETTLING:
                break  # so little is not worth a question
            statement.piece_ends_at = min(statement.fetched_until + PIECE, settled_at)
        page = _ask(statement)
        new += _write_down(statement, page)
        say(f"{provider}: {new} new movements, everything until {statement.fetched_until:%Y-%m-%d %H:%M} UTC")
        statement = ProviderStatement.objects.filter(pk=statement.pk).first()
    return new


def begin_again(provider: str, since: datetime) -> None:
    """Fetch from an earlier instant at the next run. What is there already stays as it is."""
    ProviderStatement.objects.update_or_create(
        provider=provider, defaults={"fetched_until": since, "piece_ends_at": None, "piece_after": ""}
    )


def _begun(provider: str) -> ProviderStatement | None:
    """The statement's state; it begins shortly before the first payment. Nothing while there was none."""
    found = ProviderStatement.objects.filter(provider=provider).first()
    if found is not None:
        return found
    first = (
        Payment.objects.filter(provider=provider).order_by("pk").values_list("created_at", flat=True).first()
    )
    if first is None:
        return None
    statement, _is_new = ProviderStatement.objects.get_or_create(
        provider=provider, defaults={"fetched_until": first - OVERLAP}
    )
    return statement


def _ask(statement: ProviderStatement) -> MovementPage:
    since = statement.fetched_until - OVERLAP
    asked = get_provider(statement.provider)
    try:
        return asked.movements(since, statement.piece_ends_at, statement.piece_after)
    except ProviderRefused:
        if not statement.piece_after:
            raise
        # It no longer knows where we were: the piece begins anew, and what is there already is not written twice.
        return asked.movements(since, statement.piece_ends_at)


@transaction.atomic
def _write_down(statement: ProviderStatement, page: MovementPage) -> int:
    """Write a page and how far we are, and return how many of its movements were new.

    Of two that fetch at the same time only one gets on; the other's movements are the same.
    """
    known = set(
        ProviderMovement.objects.filter(
            provider=statement.provider, reference__in=[fact.reference for fact in page.movements]
        ).values_list("reference", flat=True)
    )
    ProviderMovement.objects.bulk_create(
        [ProviderMovement(provider=statement.provider, **vars(fact)) for fact in page.movements],
        ignore_conflicts=True,
    )
    where = ProviderStatement.objects.filter(
        pk=statement.pk, fetched_until=statement.fetched_until, piece_after=statement.piece_after
    )
    if page.has_more:
        statement.piece_after = page.movements[-1].reference
    else:
        statement.fetched_until = statement.piece_ends_at
        statement.piece_ends_at, statement.piece_after = None, ""
    where.update(
        fetched_until=statement.fetched_until,
        piece_ends_at=statement.piece_ends_at,
        piece_after=statement.piece_after,
        answered_at=timezone.now(),
    )
    return len(page.movements) - len(known)
