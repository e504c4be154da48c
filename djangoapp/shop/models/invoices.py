"""Invoices: numbered without a gap, and never changed."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.enums import InvoiceKind
from shop.models.kept import Kept
from shop.models.orders import Order


class InvoiceCounter(models.Model):
    """The last number given out in a year. Only ``services.invoices`` counts, under the row's lock."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("invoice counter")
        verbose_name_plural = _("invoice counters")
        default_permissions = []

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Invoice(Kept):
    """A numbered document: an invoice, or the cancellation of one. It shows what it was issued with, for ever.

    ``content`` is everything that stands in it: seller, buyer, lines, taxes. It has no e-mail address of the buyer.
    """

    number = models.CharField(_("number"), max_length=16, unique=True)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("number in the year"))
    kind = models.CharField(_("kind"), max_length=12, choices=InvoiceKind.choices)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("order")
    )
    cancels = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="cancelled_by",
        verbose_name=_("cancels"),
    )
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)
    currency = models.CharField(_("currency"), max_length=3)
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2)
    tax = models.DecimalField(_("tax included"), max_digits=10, decimal_places=2)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    covers = models.BigIntegerField(help_text=_("The latest entry of the ledger that it takes into account."))

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-year", "-sequence"]
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(fields=["year", "sequence"], name="shop_invoice_number_once"),
            models.CheckConstraint(
                condition=Q(kind=InvoiceKind.INVOICE, cancels=None, total__gt=0)
                | Q(kind=InvoiceKind.CANCELLATION, cancels__isnull=False, total__lt=0),
                name="shop_invoice_or_cancellation",
            ),
        ]
        indexes = [models.Index(fields=["order", "covers"], name="shop_invoice_covers")]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        if self.kind == InvoiceKind.CANCELLATION:
            return _("Cancellation %(number)s") % {"number": self.number}
        return _("Invoice %(number)s") % {"number": self.number}

    @property
    def file_name(self) -> str:
        return f"{self.number}.pdf"
