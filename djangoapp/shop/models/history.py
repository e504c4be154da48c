"""What happened to carts, orders, payments and refunds, move by move."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.enums import Subject


class Transition(models.Model):
    """One move of one machine. Rows are added and never changed."""

    subject = models.CharField(_("what"), max_length=10, choices=Subject.choices)
    subject_id = models.BigIntegerField(_("which"))
    order = models.ForeignKey(
        "shop.Order", on_delete=models.CASCADE, null=True, blank=True, related_name="history"
    )
    from_status = models.CharField(_("from"), max_length=16, blank=True)
    to_status = models.CharField(_("to"), max_length=16)
    at = models.DateTimeField(_("when"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        ordering = ["pk"]
        indexes = [models.Index(fields=["subject", "subject_id"], name="shop_transition_subject")]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}: {self.from_status} → {self.to_status}"
