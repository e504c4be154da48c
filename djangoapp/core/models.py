"""Models that know nothing of the business."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TimeStamped(models.Model):
    """Rows that remember when they were made and last changed (aware instants)."""

    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)

    class Meta:
        abstract = True


class MailStatus(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


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


class Mail(TimeStamped):
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
            models.Index(fields=["to"], name="core_mail_to"),
            models.Index(fields=["status"], name="core_mail_failed", condition=Q(status="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"
