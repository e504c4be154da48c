"""The books: what was sold, changed, cancelled, received and returned, entry by entry."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.enums import MONEY, TURNOVER, LedgerKind
from shop.models.catalogue import Session
from shop.models.kept import Kept, KeptQuerySet
from shop.models.orders import Order, OrderLine
from shop.models.payments import Payment
from shop.models.refunds import Refund


class LedgerQuerySet(KeptQuerySet):
    def turnover(self):
        """Entries of what buyers owe: sold, changed, cancelled, fees kept."""
        return self.filter(kind__in=TURNOVER)

    def money(self):
        """Entries of what came in and went out again."""
        return self.filter(kind__in=MONEY)

    def bulk_create(self, objs, **options):
        """An entry stands once it is booked: another with its key is the same fact, told again."""
        return super().bulk_create(objs, **{"ignore_conflicts": True, **options})


class LedgerEntry(Kept):
    """One entry. Entries are added by ``services.ledger`` and never changed; PostgreSQL itself refuses to.

    Amounts that add to what buyers owe, or to what we have of them, are positive. Entries hold no personal data.
    """

    kind = models.CharField(_("kind"), max_length=16, choices=LedgerKind.choices)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="ledger", verbose_name=_("order"))
    line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, null=True, related_name="ledger", verbose_name=_("order line")
    )
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="ledger", verbose_name=_("session")
    )
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        null=True,
        related_name="ledger",
        db_index=False,
        verbose_name=_("payment"),
    )
    refund = models.ForeignKey(
        Refund,
        on_delete=models.PROTECT,
        null=True,
        related_name="ledger",
        db_index=False,
        verbose_name=_("refund"),
    )
    provider = models.CharField(_("provider"), max_length=20, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    tax_name = models.CharField(_("tax"), max_length=60, blank=True)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=5, decimal_places=2, null=True)
    tax = models.DecimalField(_("tax included"), max_digits=10, decimal_places=2, default=Decimal(0))
    currency = models.CharField(_("currency"), max_length=3)
    booked_at = models.DateTimeField(_("booked"), default=timezone.now)
    key = models.CharField(max_length=80, unique=True, help_text=_("What is booked twice has the same key."))

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MONEY, line=None, tax_rate=None, tax=0, payment__isnull=False)
                | (~Q(kind__in=MONEY) & Q(line__isnull=False, tax_rate__isnull=False, payment=None)),
                name="shop_ledger_sale_or_money",
            ),
        ]
        indexes = [models.Index(fields=["booked_at", "id"], name="shop_ledger_booked")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"
