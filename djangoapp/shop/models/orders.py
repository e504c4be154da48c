"""Orders: what somebody booked, at the prices of that moment."""

import secrets
from decimal import Decimal

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from core.models import TimeStamped
from core.search import WordsIndex
from shop.enums import HOLDING, OrderStatus
from shop.models.carts import Cart
from shop.models.catalogue import Session
from shop.querysets import OrderLineQuerySet, OrderQuerySet

# No letters or digits that look alike on paper or sound alike on the telephone.
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_order_code() -> str:
    """Make a code such as ``K7QF-2MXR-9TWB``: 60 random bits, easy to read aloud."""
    letters = [secrets.choice(CODE_ALPHABET) for _ in range(12)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))


class Order(TimeStamped):
    """One purchase: lines, buyer, address, total. It is never deleted, and only ``services.orders`` moves it."""

    code = models.CharField(_("code"), max_length=14, unique=True, default=new_order_code, editable=False)
    link_version = models.PositiveSmallIntegerField(
        default=1,
        editable=False,
        help_text=_("Counting up makes every link to the order sent so far invalid."),
    )
    status = models.CharField(
        _("state"), max_length=16, choices=OrderStatus.choices, default=OrderStatus.PENDING, editable=False
    )
    cart = models.OneToOneField(
        Cart, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="order"
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("customer"),
    )
    membership = models.CharField(
        _("membership at the time"),
        max_length=10,
        choices=Membership.choices,
        default=Membership.BUSINESS,
        editable=False,
    )
    email = models.EmailField(_("e-mail address"))  # in small letters
    billing_name = models.CharField(_("name"), max_length=120)
    billing_company = models.CharField(_("company"), max_length=120, blank=True)
    billing_street = models.CharField(_("street and number"), max_length=200)
    billing_postcode = models.CharField(_("postcode"), max_length=20)
    billing_city = models.CharField(_("town"), max_length=100)
    billing_country = models.CharField(_("country"), max_length=2, default="CH")
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    subtotal = models.DecimalField(_("before discount"), max_digits=10, decimal_places=2, editable=False)
    discount = models.DecimalField(
        _("discount"), max_digits=10, decimal_places=2, default=Decimal(0), editable=False
    )
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2, editable=False)
    tax = models.DecimalField(_("tax included"), max_digits=10, decimal_places=2, editable=False)
    coupon_code = models.CharField(_("coupon"), max_length=32, blank=True, editable=False)
    # Empty where the studio booked: with their payment the buyer agrees to the terms that the letter names.
    terms_accepted_at = models.DateTimeField(_("terms accepted"), null=True, editable=False)
    expires_at = models.DateTimeField(_("to be paid by"), null=True, blank=True, editable=False)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total__gte=0, discount__gte=0, tax__gte=0), name="shop_order_amounts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(total=models.F("subtotal") - models.F("discount")),
                name="shop_order_total_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="shop_order_pending", condition=Q(status="pending")),
            # Serves whole addresses and how one begins.
            models.Index(fields=["email"], name="shop_order_email", opclasses=["varchar_pattern_ops"]),
            WordsIndex("billing_name", "billing_company", name="shop_order_words"),
            # Few orders end in these states; staff lists them, the latest first.
            models.Index(
                fields=["status", "id"],
                name="shop_order_ended",
                condition=Q(status__in=["expired", "cancelled", "unfulfillable", "refunded"]),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def token(self) -> str:
        """The secret part of the order's link: derived from the secret key, so that no table holds it."""
        return _link_signer().signature(self._signed_value)

    @property
    def _signed_value(self) -> str:
        return f"{self.code}/{self.link_version}"

    def is_token(self, token: str) -> bool:
        """Whether this is the order's secret, under the present key or one that it replaced."""
        try:
            _link_signer().unsign(f"{self._signed_value}:{token}")
        except BadSignature:
            return False
        return True

    def get_absolute_url(self) -> str:
        return reverse("shop:order_detail", args=[self.code, self.token])

    @property
    def holds_places(self) -> bool:
        return self.status in HOLDING

    @property
    def is_pending(self) -> bool:
        return self.status == OrderStatus.PENDING

    @property
    def is_paid(self) -> bool:
        return self.status == OrderStatus.PAID


def _link_signer() -> Signer:
    return Signer(salt="shop.order-link")


class OrderLine(models.Model):
    """One place for one person in one session. Its price, tax and words are frozen as they were sold.

    It is a place while it is not given up and its order holds its places. A line never changes its session: a place
    that moves is given up, and a new line, which knows it as ``moved_from``, carries its money on.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("no."))
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="order_lines")
    description = models.CharField(_("what was sold"), max_length=200, editable=False)
    attendee_first_name = models.CharField(_("first name"), max_length=80)
    attendee_last_name = models.CharField(_("last name"), max_length=80)
    list_price = models.DecimalField(_("usual price"), max_digits=9, decimal_places=2, editable=False)
    unit_price = models.DecimalField(
        _("price before discount"), max_digits=9, decimal_places=2, editable=False
    )
    price_reason = models.CharField(_("why this price"), max_length=120, blank=True, editable=False)
    discount = models.DecimalField(
        _("discount"), max_digits=9, decimal_places=2, default=Decimal(0), editable=False
    )
    price = models.DecimalField(_("price"), max_digits=9, decimal_places=2, editable=False)
    tax_name = models.CharField(_("tax"), max_length=60, editable=False)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=5, decimal_places=2, editable=False)
    tax = models.DecimalField(_("tax included"), max_digits=9, decimal_places=2, editable=False)
    policy = models.JSONField(
        _("what was promised"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Until when it may be given up or moved, and for which fee: see services.policy."),
    )
    cancelled_at = models.DateTimeField(_("given up"), null=True, blank=True, editable=False)
    fee = models.DecimalField(
        _("kept of the price"),
        max_digits=9,
        decimal_places=2,
        default=Decimal(0),
        db_default=Decimal(0),
        editable=False,
        help_text=_("What stays with the studio of a place that was given up."),
    )
    allowance = models.DecimalField(
        _("taken off afterwards"),
        max_digits=9,
        decimal_places=2,
        default=Decimal(0),
        db_default=Decimal(0),
        editable=False,
        help_text=_("What went back of the price although the place was kept."),
    )
    moved_from = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="moved_to",
        verbose_name=_("moved from"),
    )

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="shop_orderline_position"),
            models.CheckConstraint(
                condition=Q(price__gte=0, discount__gte=0)
                & Q(price=models.F("unit_price") - models.F("discount")),
                name="shop_orderline_price_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(fee=0) | Q(cancelled_at__isnull=False, fee__gt=0, fee__lte=models.F("price")),
                name="shop_orderline_fee_is_kept_of_price",
            ),
            models.CheckConstraint(
                condition=Q(allowance__gte=0, allowance__lte=models.F("price")),
                name="shop_orderline_allowance_of_price",
            ),
        ]
        indexes = [
            WordsIndex("attendee_first_name", "attendee_last_name", name="shop_orderline_words"),
        ]

    def __str__(self) -> str:
        return f"{self.description}, {self.attendee_name}"

    @property
    def attendee_name(self) -> str:
        return f"{self.attendee_first_name} {self.attendee_last_name}".strip()

    @property
    def promise(self) -> list[str]:
        """Until when it may be given up or moved, in the words that the buyer read."""
        return (self.policy or {}).get("words", [])

    @property
    def final_price(self) -> Decimal:
        """What the place costs after all."""
        return self.price - self.allowance

    @property
    def net(self) -> Decimal:
        return self.price - self.tax
