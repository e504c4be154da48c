"""Sessions that do not take place."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from shop.models.catalogue import Session


class SessionCancellation(TimeStamped):
    """Staff's decision that a session does not take place, and how far the consequences have come.

    Order by order its places are given up, its money is sent back and its buyer is told; what is left to do follows
    from the orders themselves, so that it may be taken up again at any point.
    """

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="cancellation")
    words = models.TextField(
        _("what everybody is told"), blank=True, help_text=_("Why, and what you suggest. May be empty.")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    places = models.PositiveIntegerField(_("places concerned"), default=0, editable=False)
    worked_at = models.DateTimeField(_("last worked on"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        verbose_name = _("cancellation of a session")
        verbose_name_plural = _("cancellations of sessions")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["worked_at"], name="shop_cancellation_open", condition=Q(finished_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.session)
