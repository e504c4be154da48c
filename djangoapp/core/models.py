"""Models that know nothing of the business."""

from datetime import datetime

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import request_id


class TimeStamped(models.Model):
    """Rows that remember when they were made and last changed (aware instants)."""

    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)

    class Meta:
        abstract = True


class OfRequest(models.Model):
    """Rows that remember which request wrote them. The label leads from them to the log lines of that moment."""

    request_id = models.CharField(
        _("request"),
        max_length=request_id.MOST_CHARACTERS,
        default=request_id.current,
        db_default="",  # while a new version comes up, the one before still writes rows
        blank=True,
        editable=False,
    )

    class Meta:
        abstract = True


class MailStatus(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    DROPPED = "dropped", _("No longer needed")


class MailQuerySet(models.QuerySet):
    def due(self):
        """Mails that a worker may claim now: queued and ripe, or left behind by a worker that died."""
        now = timezone.now()
        return self.filter(
            Q(status=MailStatus.QUEUED, next_attempt_at__lte=now)
            | Q(status=MailStatus.SENDING, leased_until__lte=now)
        )

    def stuck(self):
        """Mails that gave up or wait far too long: a person should look."""
        return self.filter(status=MailStatus.FAILED)


class Mail(OfRequest, TimeStamped):
    """One letter to one person, written in the transaction of its cause and sent by the worker.

    The text is made when it is sent, from ``kind`` and the primary keys in ``context``.
    """

    kind = models.CharField(_("kind"), max_length=40)
    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    context = models.JSONField(default=dict, editable=False)
    dedupe_key = models.CharField(_("dedupe key"), max_length=120, unique=True)
    status = models.CharField(
        _("state"), max_length=10, choices=MailStatus.choices, default=MailStatus.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    leased_until = models.DateTimeField(null=True, editable=False)
    error = models.CharField(_("error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="core_mail_unsent",
                condition=Q(status__in=["queued", "sending"]),
            ),
            # Serves whole addresses and how one begins.
            models.Index(fields=["to"], name="core_mail_to", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["status"], name="core_mail_failed", condition=Q(status="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"


class RateCountQuerySet(models.QuerySet):
    def add(self, ends_at: dict[str, datetime], cost: int) -> dict[str, int]:
        """Add to the counts of these keys and return them; a count that is not there begins at zero."""
        table = self.model._meta.db_table
        keys = sorted(ends_at)  # the same order for everybody, so that nobody waits in a circle
        rows = ", ".join(["(%s, %s, %s)"] * len(keys))
        statement = (
            f"INSERT INTO {table} (key, count, ends_at) VALUES {rows} "  # noqa: S608 - names of our own
            f"ON CONFLICT (key) DO UPDATE SET count = {table}.count + excluded.count RETURNING key, count"
        )
        values = [
            value
            for key in keys
            for value in (key, cost, connection.ops.adapt_datetimefield_value(ends_at[key]))
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return dict(cursor.fetchall())


class RateCount(models.Model):
    """How often somebody asked for something in one window of time. The key does not tell who it was."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveBigIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    objects = RateCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("rate count")
        verbose_name_plural = _("rate counts")

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at:%Y-%m-%d %H:%M}"


class CacheEntry(models.Model):
    """The table of Django's database cache, for installations without Redis. Nothing else writes to it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "core_cache"
        verbose_name = _("cache entry")
        verbose_name_plural = _("cache entries")

    def __str__(self) -> str:
        return self.cache_key
