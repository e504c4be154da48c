"""Requests for money where the policy gives none back by itself."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import OfRequest, TimeStamped
from shop.enums import RequestStatus
from shop.models.orders import Order, OrderLine
from shop.querysets import RefundRequestQuerySet


class RefundRequest(OfRequest, TimeStamped):
    """A buyer asks for money back and says why; somebody of the studio decides. One at a time for each order."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refund_requests")
    lines = models.ManyToManyField(
        OrderLine, related_name="refund_requests", verbose_name=_("places"), editable=False
    )
    status = models.CharField(
        _("state"),
        max_length=10,
        choices=RequestStatus.choices,
        default=RequestStatus.OPEN,
        editable=False,
    )
    reason = models.TextField(_("why"), max_length=2000)
    gives_up = models.BooleanField(
        _("gives the places up in any case"),
        default=False,
        help_text=_("They were free for others as soon as the request was made."),
    )
    wanted = models.DecimalField(_("asked for"), max_digits=10, decimal_places=2)
    granted = models.DecimalField(_("granted"), max_digits=10, decimal_places=2, default=Decimal(0))
    answer = models.TextField(_("answer to the buyer"), max_length=2000, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    objects = RefundRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund request")
        verbose_name_plural = _("refund requests")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], name="shop_refundrequest_one_open", condition=Q(status="open")
            ),
            models.CheckConstraint(
                condition=Q(wanted__gte=0, granted__gte=0), name="shop_refundrequest_amounts_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.wanted} {self.order.currency}"

    @property
    def is_open(self) -> bool:
        return self.status == RequestStatus.OPEN
