"""What a visitor has put together, with the places held for a while."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped
from shop.enums import CartStatus
from shop.models.access import AccessCode
from shop.models.catalogue import Session
from shop.models.coupons import Coupon
from shop.querysets import CartLineQuerySet, CartQuerySet


def new_token() -> str:
    return secrets.token_urlsafe(18)


class Cart(TimeStamped):
    """A visitor's choice. All its lines are held until the same instant."""

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    # Not with the user's row: the places that a deleted line held would count as taken for ever.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="carts"
    )
    status = models.CharField(
        _("state"), max_length=10, choices=CartStatus.choices, default=CartStatus.OPEN, editable=False
    )
    coupon = models.ForeignKey(
        Coupon, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("coupon")
    )
    held_until = models.DateTimeField(_("held until"), null=True, blank=True, editable=False)
    hold_ceiling_at = models.DateTimeField(_("longest hold"), null=True, blank=True, editable=False)

    objects = CartQuerySet.as_manager()

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["updated_at"], name="shop_cart_open", condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"Cart {self.pk}"


class CartLine(models.Model):
    """So many places in one session, wanted and, while ``is_held``, counted in the session's ``seats_taken``."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="cart_lines")
    quantity = models.PositiveSmallIntegerField(_("places"))
    is_held = models.BooleanField(_("held"), default=False, editable=False)
    held_until = models.DateTimeField(_("held until"), editable=False)
    # Places that an offer to the waiting list holds: the line then holds none of its own.
    offer = models.ForeignKey(
        "shop.WaitingEntry",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    access_code = models.ForeignKey(
        AccessCode,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("access code"),
    )

    objects = CartLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        ordering = ["session__starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "session"], name="shop_cartline_once_per_session"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="shop_cartline_at_least_one"),
        ]
        indexes = [
            models.Index(
                fields=["session", "held_until"], name="shop_cartline_held", condition=Q(is_held=True)
            ),
            models.Index(fields=["held_until"], name="shop_cartline_lapsed", condition=Q(is_held=True)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.session_id}"

    def is_offered(self, at: datetime) -> bool:
        """Whether an offer to the waiting list holds the places of this line, which then holds none of its own."""
        return not self.is_held and self.offer is not None and self.offer.is_running(at)

    def is_lapsed_at(self, at: datetime) -> bool:
        """Whether nothing holds the places any more."""
        return not (self.is_held and self.held_until > at) and not self.is_offered(at)

    def is_opened(self, at: datetime) -> bool:
        """Whether a code with which the places were chosen opens the session at this instant."""
        return self.access_code is not None and self.access_code.is_valid(at)
