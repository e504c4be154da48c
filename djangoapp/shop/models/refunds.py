"""Money that goes back, and money that a bank takes back."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import OfRequest, TimeStamped
from shop.enums import DisputeStatus, RefundStatus
from shop.models.orders import OrderLine
from shop.models.payments import Payment
from shop.querysets import DisputeQuerySet, RefundQuerySet


class Refund(OfRequest, TimeStamped):
    """Money on its way back to the buyer. Written before the provider is called, under the order's lock."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    provider = models.CharField(
        _("way"),
        max_length=20,
        db_default="",  # for the release before this one, which runs on while a new one is rolled out
        help_text=_("By whom it goes back: by whoever took the payment, or paid out at the desk."),
    )
    status = models.CharField(
        _("state"), max_length=10, choices=RefundStatus.choices, default=RefundStatus.CREATED, editable=False
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=200)
    idempotency_key = models.CharField(max_length=80, unique=True, editable=False)
    reference = models.CharField(
        _("provider's reference"), max_length=120, null=True, blank=True, unique=True
    )
    nonce = models.CharField(
        max_length=36,
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text=_("Of the form in which it was asked for: sending that twice makes one refund."),
    )
    failed_tries = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text=_("How often the provider failed; each try after that has a key of its own."),
    )
    checked_at = models.DateTimeField(_("last checked"), default=timezone.now, editable=False)
    done_at = models.DateTimeField(_("refunded"), null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("paid out by"),
    )
    error = models.CharField(_("error"), max_length=200, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="shop_refund_amount_positive"),
        ]
        indexes = [
            models.Index(
                fields=["checked_at"],
                name="shop_refund_unsettled",
                condition=Q(status__in=["created", "pending"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.payment.currency}"

    @property
    def request_key(self) -> str:
        """The key of the next request for it: a provider answers a key that it failed with as it did then."""
        return f"{self.idempotency_key}-{self.failed_tries}" if self.failed_tries else self.idempotency_key

    @property
    def way(self) -> str:
        """The provider by whom it goes back."""
        return self.provider or self.payment.provider

    @property
    def is_at_desk(self) -> bool:
        return self.way == "desk"


class RefundShare(models.Model):
    """How much of a refund is for which place. The shares of a refund add up to its amount.

    Only money that had paid for places has shares; what came twice or too late goes back without.
    """

    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="shares")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="refund_shares")
    amount = models.DecimalField(_("amount"), max_digits=9, decimal_places=2)

    class Meta:
        verbose_name = _("share of a refund")
        verbose_name_plural = _("shares of refunds")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="shop_refundshare_once_a_line"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="shop_refundshare_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for line {self.line_id}"


class Dispute(OfRequest, TimeStamped):
    """A buyer's bank that takes a payment back. While it is open nobody refunds, and the buyer changes nothing.

    The places stay as they are: what becomes of them is for people to decide.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    status = models.CharField(
        _("state"),
        max_length=10,
        choices=DisputeStatus.choices,
        default=DisputeStatus.OPEN,
        editable=False,
    )
    reference = models.CharField(_("provider's reference"), max_length=120, unique=True)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, default=Decimal(0))
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    answer_by = models.DateTimeField(_("to be answered by"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last checked"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["payment"], name="shop_dispute_open", condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return self.reference
