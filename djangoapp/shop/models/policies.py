"""Until when a buyer may give a place up or move it, and what that costs."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CancellationPolicy(models.Model):
    """Free of charge at first, then for a fee, then not at all. Days count back from the start of a session.

    A change is for places that are sold from then on: lines of orders keep what was promised with them. Projects
    without a policy of their own have the one of the defaults here: ``CancellationPolicy()``.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    free_days = models.PositiveSmallIntegerField(
        _("free until, days before"),
        default=7,
        validators=[MaxValueValidator(365)],
        help_text=_("Until then the whole price goes back."),
    )
    fee_percent = models.DecimalField(
        _("fee in percent of the price"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(50),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    fee_fixed = models.DecimalField(
        _("fee in addition, for each place"),
        max_digits=9,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    last_days = models.PositiveSmallIntegerField(
        _("for a fee until, days before"),
        default=2,
        help_text=_("After that nothing goes back, unless somebody asks for it and you agree."),
    )
    move_days = models.PositiveSmallIntegerField(
        _("moving until, days before"),
        default=2,
        null=True,
        blank=True,
        validators=[MaxValueValidator(365)],
        help_text=_("To another date of the same project. Empty: buyers cannot move; you still can."),
    )

    class Meta:
        verbose_name = _("cancellation policy")
        verbose_name_plural = _("cancellation policies")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_days__lte=F("free_days")),
                name="shop_policy_fee_after_free",
                violation_error_message=_("Cancelling for a fee ends later than cancelling free of charge."),
            ),
            models.CheckConstraint(
                condition=Q(fee_percent__gte=0, fee_percent__lte=100, fee_fixed__gte=0),
                name="shop_policy_fee_makes_sense",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.free_days is not None and self.last_days is not None and self.last_days > self.free_days:
            raise ValidationError(
                {"last_days": _("Cancelling for a fee ends later than cancelling free of charge.")}
            )
