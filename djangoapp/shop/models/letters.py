"""What the studio wrote to all people of a session, beyond what goes out by itself."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from shop.models.catalogue import Session


class LetterKind(models.TextChoices):
    CHANGE = "change", _("Another time or place")
    WORDS = "words", _("Words of the studio")


class NoThanks(models.Model):
    """Somebody who wants no letters beyond what their bookings need. The address itself is not kept."""

    address_key = models.CharField(max_length=24, unique=True, editable=False)
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("wish for no more letters")
        verbose_name_plural = _("wishes for no more letters")

    def __str__(self) -> str:
        return self.address_key


class SessionLetter(TimeStamped):
    """One letter to everybody who has places in a session: the record of what was sent, by whom and to how many.

    The mails themselves are written in the background. Each address gets one.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(_("kind"), max_length=10, choices=LetterKind.choices)
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    text = models.TextField(_("text"), blank=True)
    before = models.JSONField(null=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    # Those who booked later know already.
    booked_before = models.DateTimeField(null=True, editable=False)
    nonce = models.CharField(max_length=36, unique=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    recipients = models.PositiveIntegerField(_("recipients"), default=0, editable=False)
    written_at = models.DateTimeField(_("written"), null=True, editable=False)

    class Meta:
        verbose_name = _("letter to a session")
        verbose_name_plural = _("letters to sessions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "sequence"],
                name="shop_letter_once_per_change",
                condition=Q(kind="change"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="shop_letter_open", condition=Q(written_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.get_kind_display()

    @property
    def occasion(self) -> str:
        """How the keys of its mails begin."""
        return f"session-letter:{self.pk}:"
