"""What the checks of integrity found, and when they last looked."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FindingQuerySet(models.QuerySet):
    def open(self):
        """What did not add up when it was last looked at."""
        return self.filter(gone_at=None)


class Finding(models.Model):
    """Something that did not add up, from when it was found until it was gone. ``services.inspection`` writes them."""

    kind = models.CharField(_("kind"), max_length=40)
    about = models.CharField(_("about"), max_length=200)
    text = models.TextField(_("what is wrong"))
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    gone_at = models.DateTimeField(_("gone"), null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["kind", "pk"]
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], name="shop_finding_open_once", condition=Q(gone_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}"


class Inspection(models.Model):
    """The latest run of all checks: a table of one row."""

    ended_at = models.DateTimeField(_("ended"))
    took_seconds = models.FloatField(_("took"))
    books = models.JSONField(default=list, help_text=_("What the ledger summed to, by currency and kind."))

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        default_permissions = []

    def __str__(self) -> str:
        return f"{self.ended_at:%Y-%m-%d %H:%M}"
