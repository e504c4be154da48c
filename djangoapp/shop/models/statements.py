"""What moved on the account that a payment provider keeps for the studio, as the provider tells it."""

from decimal import Decimal

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from shop.enums import MovementKind
from shop.models.kept import Kept


class ProviderMovement(Kept):
    """One movement on the account. ``services.statements`` fetches them; they hold no personal data.

    They refer to payments, refunds and disputes by the provider's own references and not by keys: what one side knows
    and the other does not is just what they are for.
    """

    provider = models.CharField(_("provider"), max_length=20)
    reference = models.CharField(_("provider's reference"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=MovementKind.choices)
    about = models.CharField(
        max_length=120,
        blank=True,
        help_text=_("By which reference we know what moved: a payment's charge, a refund, a dispute."),
    )
    charge_reference = models.CharField(_("charge"), max_length=120, blank=True)
    is_claimed = models.BooleanField(
        default=False,
        help_text=_("It says of itself that it is of this shop. The same account may serve other sales."),
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    fee = models.DecimalField(_("fee"), max_digits=12, decimal_places=2, default=Decimal(0))
    currency = models.CharField(_("currency"), max_length=3)
    buyer_amount = models.DecimalField(
        max_digits=12, decimal_places=2, help_text=_("The amount in the currency in which the buyer pays.")
    )
    buyer_currency = models.CharField(max_length=3)
    booked_at = models.DateTimeField(_("booked"))

    class Meta:
        verbose_name = _("movement at a payment provider")
        verbose_name_plural = _("movements at payment providers")
        ordering = ["-booked_at", "-pk"]
        default_permissions = []
        constraints = [
            models.UniqueConstraint(fields=["provider", "reference"], name="shop_movement_told_once"),
        ]
        indexes = [
            models.Index(fields=["booked_at", "id"], name="shop_movement_booked"),
            models.Index(fields=["about", "kind"], name="shop_movement_about"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"


class ProviderStatement(models.Model):
    """How far a provider's movements have been fetched. Everything before ``fetched_until`` is there."""

    provider = models.CharField(_("provider"), max_length=20, unique=True)
    fetched_until = models.DateTimeField(_("fetched until"))
    # The piece that is being fetched, from its newest movement to its oldest.
    piece_ends_at = models.DateTimeField(null=True)
    piece_after = models.CharField(max_length=120, blank=True)
    answered_at = models.DateTimeField(_("last answer"), null=True)

    class Meta:
        verbose_name = _("statement of a payment provider")
        verbose_name_plural = _("statements of payment providers")
        default_permissions = []
        constraints = [
            models.CheckConstraint(
                condition=models.Q(piece_ends_at=None) | models.Q(piece_ends_at__gte=F("fetched_until")),
                name="shop_statement_goes_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.provider
