"""Looks regularly whether everything adds up, remembers what does not, and tells the studio of it once.

The checks (``services.integrity``) read whole tables. So that they stay cheap however large those become, they are made
the more rarely the longer they take: in all they never take more than a hundredth of the time, and what takes longer
than a task of the worker may is left to the nightly command.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.mail import enqueue_mail
from shop.models import Finding, Inspection, LedgerEntry
from shop.services import books, integrity
from shop.services.integrity import Problem

SHARE = 100  # of the time, one part
LONGEST = timedelta(seconds=30)  # a task of the worker is stopped after a minute
MOST_KEPT = 500  # findings; the rest would say nothing new


def inspect_if_due() -> bool:
    """Look, unless looking again so soon would cost too much. Returns whether it looked."""
    last = Inspection.objects.first()
    if last is not None:
        took = timedelta(seconds=last.took_seconds)
        if took > LONGEST or last.ended_at + took * SHARE > timezone.now():
            return False
    inspect()
    return True


def inspect() -> list[Finding]:
    """Look now, write down what was found and what is gone, and write to the studio if anything is new.

    Safe to repeat; what was known before is not told again. Returns what does not add up.
    """
    began = time.monotonic()
    problems = integrity.problems()
    sums = _sums()
    took = time.monotonic() - began
    with transaction.atomic():
        # One row, so this also keeps two that look at the same time from writing at the same time.
        Inspection.objects.bulk_create(
            [Inspection(pk=1, ended_at=timezone.now(), took_seconds=took, books=sums)],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["ended_at", "took_seconds", "books"],
        )
        return _write_down(problems)


def latest() -> Inspection | None:
    return Inspection.objects.first()


def _write_down(problems: list[Problem]) -> list[Finding]:
    known = {(finding.kind, finding.about): finding for finding in Finding.objects.open()}
    now: dict[tuple[str, str], Problem] = {}
    for problem in problems[:MOST_KEPT]:
        now.setdefault((problem.kind[:40], problem.about[:200]), problem)
    gone = [finding.pk for key, finding in known.items() if key not in now]
    Finding.objects.filter(pk__in=gone).update(gone_at=timezone.now())
    new = Finding.objects.bulk_create(
        Finding(kind=kind, about=about, text=problem.text)
        for (kind, about), problem in now.items()
        if (kind, about) not in known
    )
    if new:
        enqueue_mail(
            "integrity_alarm",
            to=settings.SHOP_CONTACT_EMAIL,
            dedupe_key=f"integrity:{new[0].pk}",
            context={"finding_ids": [finding.pk for finding in new]},
        )
    return list(Finding.objects.open())


def _sums() -> list[dict]:
    return [
        {
            "currency": balance.currency,
            "entries": balance.entries,
            "kinds": {kind: str(amount) for kind, amount in balance.by_kind.items()},
        }
        for balance in books.balances(LedgerEntry.objects.all())
    ]
