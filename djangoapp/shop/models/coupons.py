"""Coupons, and who used which on what."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from shop.enums import CouponKind
from shop.models.catalogue import Project, Session, validate_code


class CouponBatch(TimeStamped):
    """Coupons that were made together, and share all but their codes. Two batches never have the same name."""

    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("batch of coupons")
        verbose_name_plural = _("batches of coupons")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class Coupon(TimeStamped):
    """A code that lowers the price. ``uses`` counts pending and paid orders; only ``services.coupons`` changes it."""

    code = models.CharField(
        _("code"),
        max_length=32,
        unique=True,
        validators=[validate_code],
    )
    kind = models.CharField(_("kind"), max_length=10, choices=CouponKind.choices)
    value = models.DecimalField(
        _("value"),
        max_digits=9,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("Percent, or an amount in the shop's currency."),
    )
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)
    max_uses_per_buyer = models.PositiveIntegerField(_("uses per buyer"), null=True, blank=True)
    min_total = models.DecimalField(
        _("from a total of"), max_digits=9, decimal_places=2, default=Decimal(0), blank=True
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="coupons",
        verbose_name=_("only for project"),
    )
    session = models.ForeignKey(
        Session,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="coupons",
        verbose_name=_("only for session"),
    )
    batch = models.ForeignKey(
        CouponBatch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="coupons",
        verbose_name=_("made together"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    uses = models.PositiveIntegerField(_("used"), default=0, editable=False)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")),
                name="shop_coupon_never_overused",
                violation_error_message=_("The coupon has been used more often than that."),
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0) & (Q(kind="fixed") | Q(value__lte=100)),
                name="shop_coupon_value_makes_sense",
                violation_error_message=_("A percentage lies between 0 and 100."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValidationError({"valid_until": _("A coupon ends after it begins.")})

    def covers(self, session: Session) -> bool:
        """Whether the coupon lowers the price of places in this session."""
        if self.session_id and self.session_id != session.pk:
            return False
        return not self.project_id or self.project_id == session.project_id


class CouponRedemption(models.Model):
    """One use of a coupon, by one order."""

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    order = models.OneToOneField("shop.Order", on_delete=models.CASCADE, related_name="redemption")
    buyer_email = models.EmailField(_("buyer"))
    amount = models.DecimalField(_("discount"), max_digits=9, decimal_places=2)
    redeemed_at = models.DateTimeField(_("used"), auto_now_add=True)
    released_at = models.DateTimeField(
        _("given back"), null=True, blank=True, help_text=_("Set when the order ended without a sale.")
    )

    class Meta:
        verbose_name = _("coupon use")
        verbose_name_plural = _("coupon uses")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["coupon", "buyer_email"], name="shop_redemption_of_buyer"),
            models.Index(fields=["redeemed_at"], name="shop_redemption_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} on {self.order_id}"
