"""Attempts to pay an order."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import OfRequest, TimeStamped
from shop.enums import PaymentStatus
from shop.models.orders import Order
from shop.querysets import PaymentQuerySet


class Payment(OfRequest, TimeStamped):
    """One attempt to pay one order at one provider. An order has at most one attempt that is still live."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    provider = models.CharField(_("provider"), max_length=20)
    status = models.CharField(
        _("state"),
        max_length=12,
        choices=PaymentStatus.choices,
        default=PaymentStatus.CREATED,
        editable=False,
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    idempotency_key = models.CharField(max_length=80, unique=True, editable=False)
    reference = models.CharField(
        _("provider's reference"), max_length=120, null=True, blank=True, unique=True
    )
    charge_reference = models.CharField(_("charge"), max_length=120, blank=True, db_index=True)
    redirect_url = models.URLField(max_length=2000, blank=True, editable=False)
    expires_at = models.DateTimeField(_("open until"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last checked"), default=timezone.now, editable=False)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    received_amount = models.DecimalField(_("received"), max_digits=10, decimal_places=2, default=Decimal(0))
    received_currency = models.CharField(max_length=3, blank=True)
    is_fulfilling = models.BooleanField(
        _("paid for the places"),
        default=False,
        editable=False,
        help_text=_("False for money that came twice or too late; it goes back."),
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "attempt"], name="shop_payment_attempt"),
            models.UniqueConstraint(
                fields=["order"],
                name="shop_payment_one_live",
                condition=Q(status__in=["created", "open", "processing"]),
            ),
            models.UniqueConstraint(
                fields=["order"], name="shop_payment_one_fulfilling", condition=Q(is_fulfilling=True)
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="shop_payment_amount_positive"),
        ]
        indexes = [
            models.Index(
                fields=["checked_at"],
                name="shop_payment_live",
                condition=Q(status__in=["created", "open", "processing"]),
            ),
            models.Index(
                fields=["status", "id"],
                name="shop_payment_ended",
                condition=Q(status__in=["failed", "expired", "mismatched"]),
            ),
            models.Index(
                fields=["paid_at"],
                name="shop_payment_stranded",
                condition=Q(status="paid", is_fulfilling=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.amount} {self.currency}"
