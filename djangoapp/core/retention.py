"""How long we keep what is about people. Each app registers what it forgets by itself, and the job calls it daily."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.models import Mail, MailStatus

logger = logging.getLogger(__name__)

Rule = Callable[[], int]
_rules: dict[str, Rule] = {}
BATCH = 1000


def register(name: str, rule: Rule) -> None:
    """Add a rule: it forgets what is too old, in short transactions, and returns how much that was. Safe to repeat."""
    _rules[name] = rule


def forget_what_is_old() -> dict[str, int]:
    """Let all rules forget. Returns how much each has forgotten."""
    forgotten = {name: rule() for name, rule in _rules.items()}
    logger.info(
        "Forgotten: %s", ", ".join(f"{many} {name}" for name, many in forgotten.items() if many) or "nothing"
    )
    return forgotten


def forget_old_mails() -> int:
    """Delete mails that nobody asks about any more. One that still waits stays."""
    before = timezone.now() - timedelta(days=settings.KEEP_MAILS_DAYS)
    over = Mail.objects.filter(created_at__lt=before).exclude(
        status__in=[MailStatus.QUEUED, MailStatus.SENDING]
    )
    deleted = 0
    while pks := list(over.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            deleted += Mail.objects.filter(pk__in=pks).delete()[0]
    return deleted


register("mails", forget_old_mails)
