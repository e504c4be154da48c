from decimal import Decimal

import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.request_id
import core.search
import shop.models.carts
import shop.models.catalogue
import shop.models.orders


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=60, unique=True, verbose_name="slug")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Coupon",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "code",
                    models.CharField(
                        max_length=32,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z0-9-]{8,32}$",
                                "Use 8 to 32 capital letters, digits and hyphens, so that nobody guesses it.",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("percent", "Percent"), ("fixed", "Amount")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Percent, or an amount in the shop's currency.",
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="value",
                    ),
                ),
                ("valid_from", models.DateTimeField(blank=True, null=True, verbose_name="valid from")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                ("max_uses", models.PositiveIntegerField(blank=True, null=True, verbose_name="uses in all")),
                (
                    "max_uses_per_buyer",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="uses per buyer"),
                ),
                (
                    "min_total",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=9,
                        verbose_name="from a total of",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("uses", models.PositiveIntegerField(default=0, editable=False, verbose_name="used")),
            ],
            options={
                "verbose_name": "coupon",
                "verbose_name_plural": "coupons",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_uses__isnull", True), ("uses__lte", models.F("max_uses")), _connector="OR"
                        ),
                        name="shop_coupon_never_overused",
                        violation_error_message="The coupon has been used more often than that.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value__gt", 0),
                            models.Q(("kind", "fixed"), ("value__lte", 100), _connector="OR"),
                        ),
                        name="shop_coupon_value_makes_sense",
                        violation_error_message="A percentage lies between 0 and 100.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
            ],
            options={
                "verbose_name": "batch of coupons",
                "verbose_name_plural": "batches of coupons",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Inspection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ended_at", models.DateTimeField(verbose_name="ended")),
                ("took_seconds", models.FloatField(verbose_name="took")),
                (
                    "books",
                    models.JSONField(
                        default=list, help_text="What the ledger summed to, by currency and kind."
                    ),
                ),
            ],
            options={
                "verbose_name": "inspection",
                "verbose_name_plural": "inspections",
                "default_permissions": [],
            },
        ),
        migrations.CreateModel(
            name="InvoiceCounter",
            fields=[
                ("year", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "invoice counter",
                "verbose_name_plural": "invoice counters",
                "default_permissions": [],
            },
        ),
        migrations.CreateModel(
            name="NoThanks",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address_key", models.CharField(editable=False, max_length=24, unique=True)),
                ("since", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "wish for no more letters",
                "verbose_name_plural": "wishes for no more letters",
            },
        ),
        migrations.CreateModel(
            name="CancellationPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "free_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        help_text="Until then the whole price goes back.",
                        validators=[django.core.validators.MaxValueValidator(365)],
                        verbose_name="free until, days before",
                    ),
                ),
                (
                    "fee_percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("50"),
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="fee in percent of the price",
                    ),
                ),
                (
                    "fee_fixed",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="fee in addition, for each place",
                    ),
                ),
                (
                    "last_days",
                    models.PositiveSmallIntegerField(
                        default=2,
                        help_text="After that nothing goes back, unless somebody asks for it and you agree.",
                        verbose_name="for a fee until, days before",
                    ),
                ),
                (
                    "move_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        default=2,
                        help_text="To another date of the same project. Empty: buyers cannot move; you still can.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(365)],
                        verbose_name="moving until, days before",
                    ),
                ),
            ],
            options={
                "verbose_name": "cancellation policy",
                "verbose_name_plural": "cancellation policies",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_days__lte", models.F("free_days"))),
                        name="shop_policy_fee_after_free",
                        violation_error_message="Cancelling for a fee ends later than cancelling free of charge.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fee_fixed__gte", 0), ("fee_percent__gte", 0), ("fee_percent__lte", 100)
                        ),
                        name="shop_policy_fee_makes_sense",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "token",
                    models.CharField(
                        default=shop.models.carts.new_token, editable=False, max_length=32, unique=True
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("ordered", "Ordered")],
                        default="open",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "held_until",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="held until"),
                ),
                (
                    "hold_ceiling_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="longest hold"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="carts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "coupon",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="shop.coupon",
                        verbose_name="coupon",
                    ),
                ),
            ],
            options={
                "verbose_name": "cart",
                "verbose_name_plural": "carts",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "open")), fields=["updated_at"], name="shop_cart_open"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="coupon",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="coupons",
                to="shop.couponbatch",
                verbose_name="made together",
            ),
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("about", models.CharField(max_length=200, verbose_name="about")),
                ("text", models.TextField(verbose_name="what is wrong")),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="found")),
                ("gone_at", models.DateTimeField(null=True, verbose_name="gone")),
            ],
            options={
                "verbose_name": "finding",
                "verbose_name_plural": "findings",
                "ordering": ["kind", "pk"],
                "default_permissions": ["view"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("gone_at", None)),
                        fields=("kind", "about"),
                        name="shop_finding_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "code",
                    models.CharField(
                        default=shop.models.orders.new_order_code,
                        editable=False,
                        max_length=14,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                (
                    "link_version",
                    models.PositiveSmallIntegerField(
                        default=1,
                        editable=False,
                        help_text="Counting up makes every link to the order sent so far invalid.",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for payment"),
                            ("paid", "Confirmed"),
                            ("expired", "Expired"),
                            ("cancelled", "Cancelled"),
                            ("unfulfillable", "Paid too late, no place left"),
                            ("refunded", "Refunded"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "membership",
                    models.CharField(
                        choices=[("business", "Business"), ("member", "Member"), ("nonprofit", "Nonprofit")],
                        default="business",
                        editable=False,
                        max_length=10,
                        verbose_name="membership at the time",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("billing_name", models.CharField(max_length=120, verbose_name="name")),
                ("billing_company", models.CharField(blank=True, max_length=120, verbose_name="company")),
                ("billing_street", models.CharField(max_length=200, verbose_name="street and number")),
                ("billing_postcode", models.CharField(max_length=20, verbose_name="postcode")),
                ("billing_city", models.CharField(max_length=100, verbose_name="town")),
                ("billing_country", models.CharField(default="CH", max_length=2, verbose_name="country")),
                ("currency", models.CharField(editable=False, max_length=3, verbose_name="currency")),
                (
                    "subtotal",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=10, verbose_name="before discount"
                    ),
                ),
                (
                    "discount",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        editable=False,
                        max_digits=10,
                        verbose_name="discount",
                    ),
                ),
                (
                    "total",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=10, verbose_name="total"
                    ),
                ),
                (
                    "tax",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=10, verbose_name="tax included"
                    ),
                ),
                (
                    "coupon_code",
                    models.CharField(blank=True, editable=False, max_length=32, verbose_name="coupon"),
                ),
                (
                    "terms_accepted_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="terms accepted"),
                ),
                (
                    "expires_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="to be paid by"),
                ),
                ("paid_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="paid")),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="closed"),
                ),
                (
                    "cart",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="order",
                        to="shop.cart",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="orders",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "order",
                "verbose_name_plural": "orders",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "pending")),
                        fields=["expires_at"],
                        name="shop_order_pending",
                    ),
                    models.Index(
                        fields=["email"], name="shop_order_email", opclasses=["varchar_pattern_ops"]
                    ),
                    core.search.WordsIndex("billing_name", "billing_company", name="shop_order_words"),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ["expired", "cancelled", "unfulfillable", "refunded"])
                        ),
                        fields=["status", "id"],
                        name="shop_order_ended",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("discount__gte", 0), ("tax__gte", 0), ("total__gte", 0)),
                        name="shop_order_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("subtotal"), "-", models.F("discount")
                                ),
                            )
                        ),
                        name="shop_order_total_adds_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=16, unique=True, verbose_name="number")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("sequence", models.PositiveIntegerField(verbose_name="number in the year")),
                (
                    "kind",
                    models.CharField(
                        choices=[("invoice", "Invoice"), ("cancellation", "Cancellation")],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="issued")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("total", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="total")),
                ("tax", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="tax included")),
                ("content", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "covers",
                    models.BigIntegerField(
                        help_text="The latest entry of the ledger that it takes into account."
                    ),
                ),
                (
                    "cancels",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cancelled_by",
                        to="shop.invoice",
                        verbose_name="cancels",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="shop.order",
                        verbose_name="order",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice",
                "verbose_name_plural": "invoices",
                "ordering": ["-year", "-sequence"],
                "default_permissions": ["view"],
                "indexes": [models.Index(fields=["order", "covers"], name="shop_invoice_covers")],
                "constraints": [
                    models.UniqueConstraint(fields=("year", "sequence"), name="shop_invoice_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancels", None), ("kind", "invoice"), ("total__gt", 0)),
                            models.Q(("cancels__isnull", False), ("kind", "cancellation"), ("total__lt", 0)),
                            _connector="OR",
                        ),
                        name="shop_invoice_or_cancellation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponRedemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("buyer_email", models.EmailField(max_length=254, verbose_name="buyer")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=9, verbose_name="discount")),
                ("redeemed_at", models.DateTimeField(auto_now_add=True, verbose_name="used")),
                (
                    "released_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Set when the order ended without a sale.",
                        null=True,
                        verbose_name="given back",
                    ),
                ),
                (
                    "coupon",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="shop.coupon",
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="redemption",
                        to="shop.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "coupon use",
                "verbose_name_plural": "coupon uses",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["coupon", "buyer_email"], name="shop_redemption_of_buyer"),
                    models.Index(fields=["redeemed_at"], name="shop_redemption_by_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="no.")),
                (
                    "description",
                    models.CharField(editable=False, max_length=200, verbose_name="what was sold"),
                ),
                ("attendee_first_name", models.CharField(max_length=80, verbose_name="first name")),
                ("attendee_last_name", models.CharField(max_length=80, verbose_name="last name")),
                (
                    "list_price",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=9, verbose_name="usual price"
                    ),
                ),
                (
                    "unit_price",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=9, verbose_name="price before discount"
                    ),
                ),
                (
                    "price_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=120, verbose_name="why this price"
                    ),
                ),
                (
                    "discount",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        editable=False,
                        max_digits=9,
                        verbose_name="discount",
                    ),
                ),
                (
                    "price",
                    models.DecimalField(decimal_places=2, editable=False, max_digits=9, verbose_name="price"),
                ),
                ("tax_name", models.CharField(editable=False, max_length=60, verbose_name="tax")),
                (
                    "tax_rate",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=5, verbose_name="tax rate"
                    ),
                ),
                (
                    "tax",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=9, verbose_name="tax included"
                    ),
                ),
                (
                    "policy",
                    models.JSONField(
                        blank=True,
                        editable=False,
                        help_text="Until when it may be given up or moved, and for which fee: see services.policy.",
                        null=True,
                        verbose_name="what was promised",
                    ),
                ),
                (
                    "cancelled_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="given up"),
                ),
                (
                    "fee",
                    models.DecimalField(
                        db_default=Decimal("0"),
                        decimal_places=2,
                        default=Decimal("0"),
                        editable=False,
                        help_text="What stays with the studio of a place that was given up.",
                        max_digits=9,
                        verbose_name="kept of the price",
                    ),
                ),
                (
                    "allowance",
                    models.DecimalField(
                        db_default=Decimal("0"),
                        decimal_places=2,
                        default=Decimal("0"),
                        editable=False,
                        help_text="What went back of the price although the place was kept.",
                        max_digits=9,
                        verbose_name="taken off afterwards",
                    ),
                ),
                (
                    "moved_from",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moved_to",
                        to="shop.orderline",
                        verbose_name="moved from",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="shop.order"
                    ),
                ),
            ],
            options={
                "verbose_name": "order line",
                "verbose_name_plural": "order lines",
                "ordering": ["position"],
                "indexes": [
                    core.search.WordsIndex(
                        "attendee_first_name", "attendee_last_name", name="shop_orderline_words"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "position"), name="shop_orderline_position"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("discount__gte", 0),
                            ("price__gte", 0),
                            (
                                "price",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("unit_price"), "-", models.F("discount")
                                ),
                            ),
                        ),
                        name="shop_orderline_price_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fee", 0),
                            models.Q(
                                ("cancelled_at__isnull", False),
                                ("fee__gt", 0),
                                ("fee__lte", models.F("price")),
                            ),
                            _connector="OR",
                        ),
                        name="shop_orderline_fee_is_kept_of_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("allowance__gte", 0), ("allowance__lte", models.F("price"))),
                        name="shop_orderline_allowance_of_price",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "request_id",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default=core.request_id.current,
                        editable=False,
                        max_length=64,
                        verbose_name="request",
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(verbose_name="attempt")),
                ("provider", models.CharField(max_length=20, verbose_name="provider")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "Prepared"),
                            ("open", "Waiting for the buyer"),
                            ("processing", "Being confirmed"),
                            ("paid", "Paid"),
                            ("failed", "Failed"),
                            ("expired", "Expired"),
                            ("mismatched", "Paid, but not what was asked"),
                        ],
                        default="created",
                        editable=False,
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("idempotency_key", models.CharField(editable=False, max_length=80, unique=True)),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        max_length=120,
                        null=True,
                        unique=True,
                        verbose_name="provider's reference",
                    ),
                ),
                (
                    "charge_reference",
                    models.CharField(blank=True, db_index=True, max_length=120, verbose_name="charge"),
                ),
                ("redirect_url", models.URLField(blank=True, editable=False, max_length=2000)),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="open until")),
                (
                    "checked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="last checked"
                    ),
                ),
                ("paid_at", models.DateTimeField(blank=True, null=True, verbose_name="paid")),
                (
                    "received_amount",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=10, verbose_name="received"
                    ),
                ),
                ("received_currency", models.CharField(blank=True, max_length=3)),
                (
                    "is_fulfilling",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="False for money that came twice or too late; it goes back.",
                        verbose_name="paid for the places",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="shop.order"
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["created", "open", "processing"])),
                        fields=["checked_at"],
                        name="shop_payment_live",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ["failed", "expired", "mismatched"])),
                        fields=["status", "id"],
                        name="shop_payment_ended",
                    ),
                    models.Index(
                        condition=models.Q(("is_fulfilling", False), ("status", "paid")),
                        fields=["paid_at"],
                        name="shop_payment_stranded",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "attempt"), name="shop_payment_attempt"),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["created", "open", "processing"])),
                        fields=("order",),
                        name="shop_payment_one_live",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_fulfilling", True)),
                        fields=("order",),
                        name="shop_payment_one_fulfilling",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="shop_payment_amount_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "request_id",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default=core.request_id.current,
                        editable=False,
                        max_length=64,
                        verbose_name="request",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("won", "Won: the money is here again"),
                            ("lost", "Lost: the money is gone"),
                        ],
                        default="open",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "reference",
                    models.CharField(max_length=120, unique=True, verbose_name="provider's reference"),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=10, verbose_name="amount"
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=60, verbose_name="reason")),
                ("answer_by", models.DateTimeField(blank=True, null=True, verbose_name="to be answered by")),
                (
                    "checked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="last checked"
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="shop.payment",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "open")), fields=["payment"], name="shop_dispute_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                (
                    "summary",
                    models.CharField(
                        help_text="One sentence, for lists.", max_length=200, verbose_name="summary"
                    ),
                ),
                (
                    "description",
                    models.TextField(blank=True, help_text="Markdown.", verbose_name="description"),
                ),
                (
                    "picture",
                    models.ImageField(
                        blank=True,
                        height_field="picture_height",
                        upload_to=shop.models.catalogue.project_picture_path,
                        verbose_name="picture",
                        width_field="picture_width",
                    ),
                ),
                (
                    "picture_alt",
                    models.CharField(
                        blank=True,
                        help_text="For people who cannot see it.",
                        max_length=200,
                        verbose_name="what the picture shows",
                    ),
                ),
                ("picture_width", models.PositiveIntegerField(editable=False, null=True)),
                ("picture_height", models.PositiveIntegerField(editable=False, null=True)),
                ("is_published", models.BooleanField(default=False, verbose_name="published")),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="shop.category",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the usual one. What was promised with places that are sold stays as it was.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="shop.cancellationpolicy",
                        verbose_name="cancellation policy",
                    ),
                ),
                (
                    "publisher",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="published_projects",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="publisher",
                    ),
                ),
            ],
            options={
                "verbose_name": "project",
                "verbose_name_plural": "projects",
                "ordering": ["title"],
            },
        ),
        migrations.AddField(
            model_name="coupon",
            name="project",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="coupons",
                to="shop.project",
                verbose_name="only for project",
            ),
        ),
        migrations.CreateModel(
            name="ProviderMovement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=20, verbose_name="provider")),
                ("reference", models.CharField(max_length=120, verbose_name="provider's reference")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("payment", "Payment"),
                            ("refund", "Refund"),
                            ("refund_failed", "Refund that came back"),
                            ("dispute", "Taken by the buyer’s bank"),
                            ("dispute_won", "Returned by the buyer’s bank"),
                            ("provider_fee", "Fee of the provider"),
                            ("payout", "Paid out to the bank"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        blank=True,
                        help_text="By which reference we know what moved: a payment's charge, a refund, a dispute.",
                        max_length=120,
                    ),
                ),
                ("charge_reference", models.CharField(blank=True, max_length=120, verbose_name="charge")),
                (
                    "is_claimed",
                    models.BooleanField(
                        default=False,
                        help_text="It says of itself that it is of this shop. The same account may serve other sales.",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount")),
                (
                    "fee",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=12, verbose_name="fee"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "buyer_amount",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="The amount in the currency in which the buyer pays.",
                        max_digits=12,
                    ),
                ),
                ("buyer_currency", models.CharField(max_length=3)),
                ("booked_at", models.DateTimeField(verbose_name="booked")),
            ],
            options={
                "verbose_name": "movement at a payment provider",
                "verbose_name_plural": "movements at payment providers",
                "ordering": ["-booked_at", "-pk"],
                "default_permissions": [],
                "indexes": [
                    models.Index(fields=["booked_at", "id"], name="shop_movement_booked"),
                    models.Index(fields=["about", "kind"], name="shop_movement_about"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "reference"), name="shop_movement_told_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderStatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=20, unique=True, verbose_name="provider")),
                ("fetched_until", models.DateTimeField(verbose_name="fetched until")),
                ("piece_ends_at", models.DateTimeField(null=True)),
                ("piece_after", models.CharField(blank=True, max_length=120)),
                ("answered_at", models.DateTimeField(null=True, verbose_name="last answer")),
            ],
            options={
                "verbose_name": "statement of a payment provider",
                "verbose_name_plural": "statements of payment providers",
                "default_permissions": [],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("piece_ends_at", None),
                            ("piece_ends_at__gte", models.F("fetched_until")),
                            _connector="OR",
                        ),
                        name="shop_statement_goes_forward",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "request_id",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default=core.request_id.current,
                        editable=False,
                        max_length=64,
                        verbose_name="request",
                    ),
                ),
                (
                    "provider",
                    models.CharField(
                        db_default="",
                        help_text="By whom it goes back: by whoever took the payment, or paid out at the desk.",
                        max_length=20,
                        verbose_name="way",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "Prepared"),
                            ("pending", "On its way"),
                            ("done", "Refunded"),
                            ("failed", "Failed"),
                        ],
                        default="created",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="amount")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("idempotency_key", models.CharField(editable=False, max_length=80, unique=True)),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        max_length=120,
                        null=True,
                        unique=True,
                        verbose_name="provider's reference",
                    ),
                ),
                (
                    "nonce",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Of the form in which it was asked for: sending that twice makes one refund.",
                        max_length=36,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "failed_tries",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="How often the provider failed; each try after that has a key of its own.",
                    ),
                ),
                (
                    "checked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="last checked"
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="refunded")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="error")),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="shop.payment"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="paid out by",
                    ),
                ),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["created", "pending"])),
                        fields=["checked_at"],
                        name="shop_refund_unsettled",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="shop_refund_amount_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefundRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "request_id",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default=core.request_id.current,
                        editable=False,
                        max_length=64,
                        verbose_name="request",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waits for an answer"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.TextField(max_length=2000, verbose_name="why")),
                (
                    "gives_up",
                    models.BooleanField(
                        default=False,
                        help_text="They were free for others as soon as the request was made.",
                        verbose_name="gives the places up in any case",
                    ),
                ),
                ("wanted", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="asked for")),
                (
                    "granted",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=10, verbose_name="granted"
                    ),
                ),
                ("answer", models.TextField(blank=True, max_length=2000, verbose_name="answer to the buyer")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "lines",
                    models.ManyToManyField(
                        editable=False,
                        related_name="refund_requests",
                        to="shop.orderline",
                        verbose_name="places",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_requests",
                        to="shop.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "refund request",
                "verbose_name_plural": "refund requests",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("order",),
                        name="shop_refundrequest_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("granted__gte", 0), ("wanted__gte", 0)),
                        name="shop_refundrequest_amounts_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefundShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=9, verbose_name="amount")),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_shares",
                        to="shop.orderline",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="shop.refund"
                    ),
                ),
            ],
            options={
                "verbose_name": "share of a refund",
                "verbose_name_plural": "shares of refunds",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("refund", "line"), name="shop_refundshare_once_a_line"),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="shop_refundshare_amount_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "sequence",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="How often what calendars show has changed: they believe the highest number.",
                    ),
                ),
                (
                    "told_as",
                    models.JSONField(
                        editable=False,
                        help_text="Time and place as people were told last; empty while that is what they are.",
                        null=True,
                    ),
                ),
                (
                    "moved_at",
                    models.DateTimeField(
                        editable=False, help_text="When time or place changed last.", null=True
                    ),
                ),
                (
                    "reminded_for",
                    models.DateTimeField(
                        editable=False, help_text="The start for which people have been reminded.", null=True
                    ),
                ),
                ("thanked_at", models.DateTimeField(editable=False, null=True)),
                ("slug", models.SlugField(blank=True, max_length=140, unique=True, verbose_name="slug")),
                ("starts_at", models.DateTimeField(verbose_name="starts")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/Zurich",
                        max_length=64,
                        validators=[shop.models.catalogue.validate_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("place_name", models.CharField(blank=True, max_length=120, verbose_name="place")),
                ("place_address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                (
                    "online_url",
                    models.URLField(
                        blank=True,
                        help_text="Shown to people with a confirmed booking only.",
                        verbose_name="online link",
                    ),
                ),
                ("capacity", models.PositiveIntegerField(verbose_name="capacity")),
                (
                    "seats_taken",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="places taken"),
                ),
                (
                    "most_per_buyer",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: as many as everywhere in the shop.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="places per buyer",
                    ),
                ),
                (
                    "seats_wanted",
                    models.PositiveIntegerField(
                        db_default=0, default=0, editable=False, verbose_name="places waited for"
                    ),
                ),
                (
                    "cancelled_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="cancelled"),
                ),
                ("sales_start_at", models.DateTimeField(blank=True, null=True, verbose_name="sales start")),
                (
                    "sales_end_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Empty: sales end when the session starts.",
                        null=True,
                        verbose_name="sales end",
                    ),
                ),
                ("is_published", models.BooleanField(default=False, verbose_name="published")),
                (
                    "needs_code",
                    models.BooleanField(
                        default=False,
                        help_text="It appears nowhere until somebody types an access code that opens it.",
                        verbose_name="only with a code",
                    ),
                ),
                (
                    "base_price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price",
                    ),
                ),
                (
                    "member_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price for members",
                    ),
                ),
                (
                    "nonprofit_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price for nonprofits",
                    ),
                ),
                (
                    "early_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Until a moment, for the first places, or both: then it ends with what comes first.",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="early-bird price",
                    ),
                ),
                (
                    "early_until_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="early bird until"),
                ),
                (
                    "early_places",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="for the first places",
                    ),
                ),
                (
                    "group_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="For each place, when one order has so many places of this session.",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="group price",
                    ),
                ),
                (
                    "group_places",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(2)],
                        verbose_name="from so many places",
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="hosted_sessions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="host",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="shop.project",
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "ordering": ["starts_at", "pk"],
                "permissions": [("lead_session", "Can look after the sessions they lead")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_published", True)),
                        fields=["starts_at", "id"],
                        name="shop_session_upcoming",
                    ),
                    models.Index(fields=["project", "starts_at"], name="shop_session_of_project"),
                    models.Index(fields=["starts_at", "id"], name="shop_session_by_date"),
                    models.Index(fields=["ends_at"], name="shop_session_by_end"),
                    models.Index(
                        condition=models.Q(("seats_wanted__gt", 0)),
                        fields=["starts_at"],
                        name="shop_session_wanted",
                    ),
                    models.Index(
                        condition=models.Q(("told_as__isnull", False)),
                        fields=["starts_at"],
                        name="shop_session_untold",
                    ),
                    models.Index(
                        condition=models.Q(("thanked_at__isnull", True)),
                        fields=["ends_at"],
                        name="shop_session_unthanked",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seats_taken__gte", 0), ("seats_taken__lte", models.F("capacity"))
                        ),
                        name="shop_session_never_oversold",
                        violation_error_message="That is fewer places than are already taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="shop_session_ends_after_start",
                        violation_error_message="A session ends after it starts.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("base_price__gte", 0),
                            models.Q(
                                ("member_price__isnull", True), ("member_price__gte", 0), _connector="OR"
                            ),
                            models.Q(
                                ("nonprofit_price__isnull", True),
                                ("nonprofit_price__gte", 0),
                                _connector="OR",
                            ),
                        ),
                        name="shop_session_prices_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("early_price__isnull", True), ("early_price__gte", 0), _connector="OR"),
                            models.Q(("group_price__isnull", True), ("group_price__gte", 0), _connector="OR"),
                        ),
                        name="shop_session_offers_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("early_price__isnull", True),
                            ("early_until_at__isnull", False),
                            ("early_places__isnull", False),
                            _connector="OR",
                        ),
                        name="shop_session_early_bird_ends",
                        violation_error_message="Say when the early bird ends, or for how many places it is.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("group_price__isnull", True),
                            models.Q(("group_places__gte", 2), ("group_places__isnull", False)),
                            _connector="OR",
                        ),
                        name="shop_session_group_has_a_size",
                        violation_error_message="Say from how many places on the group price holds: two at least.",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="orderline",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="order_lines", to="shop.session"
            ),
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sale", "Sale"),
                            ("change", "Change"),
                            ("cancellation", "Cancellation"),
                            ("fee", "Fee kept"),
                            ("allowance", "Taken off the price"),
                            ("payment", "Payment"),
                            ("refund", "Refund"),
                            ("refund_failed", "Refund that came back"),
                            ("dispute", "Taken by the buyer’s bank"),
                            ("dispute_won", "Returned by the buyer’s bank"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("provider", models.CharField(blank=True, max_length=20, verbose_name="provider")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="amount")),
                ("tax_name", models.CharField(blank=True, max_length=60, verbose_name="tax")),
                (
                    "tax_rate",
                    models.DecimalField(decimal_places=2, max_digits=5, null=True, verbose_name="tax rate"),
                ),
                (
                    "tax",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=10, verbose_name="tax included"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("booked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="booked")),
                (
                    "key",
                    models.CharField(
                        help_text="What is booked twice has the same key.", max_length=80, unique=True
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="shop.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="shop.orderline",
                        verbose_name="order line",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="shop.payment",
                        verbose_name="payment",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="shop.refund",
                        verbose_name="refund",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="shop.session",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger",
                "ordering": ["pk"],
                "default_permissions": ["view"],
                "indexes": [models.Index(fields=["booked_at", "id"], name="shop_ledger_booked")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "kind__in",
                                    ("payment", "refund", "refund_failed", "dispute", "dispute_won"),
                                ),
                                ("line", None),
                                ("payment__isnull", False),
                                ("tax", 0),
                                ("tax_rate", None),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "kind__in",
                                        ("payment", "refund", "refund_failed", "dispute", "dispute_won"),
                                    ),
                                    _negated=True,
                                ),
                                ("line__isnull", False),
                                ("payment", None),
                                ("tax_rate__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="shop_ledger_sale_or_money",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="coupon",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="coupons",
                to="shop.session",
                verbose_name="only for session",
            ),
        ),
        migrations.CreateModel(
            name="AccessCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "code",
                    models.CharField(
                        max_length=32,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z0-9-]{8,32}$",
                                "Use 8 to 32 capital letters, digits and hyphens, so that nobody guesses it.",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        help_text="Only staff reads this, such as: newsletter.",
                        max_length=120,
                        verbose_name="for whom",
                    ),
                ),
                ("valid_from", models.DateTimeField(blank=True, null=True, verbose_name="valid from")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_codes",
                        to="shop.project",
                        verbose_name="opens all sessions of",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_codes",
                        to="shop.session",
                        verbose_name="opens the session",
                    ),
                ),
            ],
            options={
                "verbose_name": "access code",
                "verbose_name_plural": "access codes",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("project__isnull", False), ("session__isnull", True)),
                            models.Q(("project__isnull", True), ("session__isnull", False)),
                            _connector="OR",
                        ),
                        name="shop_accesscode_opens_one_thing",
                        violation_error_message="Choose what the code opens: a project or a session.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionCancellation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "words",
                    models.TextField(
                        blank=True,
                        help_text="Why, and what you suggest. May be empty.",
                        verbose_name="what everybody is told",
                    ),
                ),
                (
                    "places",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="places concerned"),
                ),
                ("worked_at", models.DateTimeField(editable=False, null=True, verbose_name="last worked on")),
                ("finished_at", models.DateTimeField(editable=False, null=True, verbose_name="finished")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cancellation",
                        to="shop.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "cancellation of a session",
                "verbose_name_plural": "cancellations of sessions",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=["worked_at"],
                        name="shop_cancellation_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "kind",
                    models.CharField(
                        choices=[("change", "Another time or place"), ("words", "Words of the studio")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=150, verbose_name="subject")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("before", models.JSONField(editable=False, null=True)),
                ("sequence", models.PositiveIntegerField(default=0, editable=False)),
                ("booked_before", models.DateTimeField(editable=False, null=True)),
                ("nonce", models.CharField(editable=False, max_length=36, unique=True)),
                (
                    "recipients",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="recipients"),
                ),
                ("written_at", models.DateTimeField(editable=False, null=True, verbose_name="written")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="shop.session"
                    ),
                ),
            ],
            options={
                "verbose_name": "letter to a session",
                "verbose_name_plural": "letters to sessions",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("written_at__isnull", True)),
                        fields=["created_at"],
                        name="shop_letter_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "change")),
                        fields=("session", "sequence"),
                        name="shop_letter_once_per_change",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="rate in percent",
                    ),
                ),
            ],
            options={
                "verbose_name": "tax rule",
                "verbose_name_plural": "tax rules",
                "ordering": ["-rate"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rate__gte", 0), ("rate__lte", 100)),
                        name="shop_taxrule_rate_is_a_percentage",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="project",
            name="tax_rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="projects", to="shop.taxrule"
            ),
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("cart", "Cart"),
                            ("order", "Order"),
                            ("line", "Place"),
                            ("payment", "Payment"),
                            ("refund", "Refund"),
                            ("dispute", "Dispute"),
                            ("request", "Refund request"),
                            ("waiting", "Waiting list"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                ("subject_id", models.BigIntegerField(verbose_name="which")),
                ("from_status", models.CharField(blank=True, max_length=16, verbose_name="from")),
                ("to_status", models.CharField(max_length=16, verbose_name="to")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="history",
                        to="shop.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "history entry",
                "verbose_name_plural": "history",
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["subject", "subject_id"], name="shop_transition_subject")],
            },
        ),
        migrations.CreateModel(
            name="WaitingEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("first_name", models.CharField(max_length=80, verbose_name="first name")),
                ("last_name", models.CharField(max_length=80, verbose_name="last name")),
                ("quantity", models.PositiveSmallIntegerField(verbose_name="places wanted")),
                ("takes_fewer", models.BooleanField(default=False, verbose_name="would also take fewer")),
                (
                    "is_preferred",
                    models.BooleanField(default=False, editable=False, verbose_name="put first by staff"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("offered", "Has an offer"),
                            ("taken", "Booked"),
                            ("lapsed", "Offer lapsed"),
                            ("left", "Left the list"),
                            ("removed", "Removed by staff"),
                            ("over", "Session is over"),
                        ],
                        default="waiting",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "offers",
                    models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="offers so far"),
                ),
                (
                    "offered",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, verbose_name="places offered"
                    ),
                ),
                (
                    "offered_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="offered"),
                ),
                (
                    "offer_until",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="offer ends"),
                ),
                (
                    "access_code",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="shop.accesscode",
                        verbose_name="access code",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="shop.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="waiting", to="shop.session"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="waiting",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "waiting list entry",
                "verbose_name_plural": "waiting list",
                "ordering": ["-is_preferred", "pk"],
                "indexes": [
                    models.Index(
                        models.F("session"),
                        models.OrderBy(models.F("is_preferred"), descending=True),
                        models.F("id"),
                        condition=models.Q(("status", "waiting")),
                        name="shop_waiting_queue",
                    ),
                    models.Index(fields=["session", "id"], name="shop_waiting_of_session"),
                    models.Index(
                        condition=models.Q(("status", "offered")),
                        fields=["offer_until"],
                        name="shop_waiting_offers",
                    ),
                    models.Index(
                        fields=["email"], name="shop_waiting_email", opclasses=["varchar_pattern_ops"]
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["waiting", "offered"])),
                        fields=("session", "email"),
                        name="shop_waiting_once_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="shop_waiting_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "offered"), _negated=True),
                            models.Q(("offer_until__isnull", False), ("offered__gte", 1)),
                            _connector="OR",
                        ),
                        name="shop_waiting_offer_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CartLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveSmallIntegerField(verbose_name="places")),
                ("is_held", models.BooleanField(default=False, editable=False, verbose_name="held")),
                ("held_until", models.DateTimeField(editable=False, verbose_name="held until")),
                (
                    "access_code",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="shop.accesscode",
                        verbose_name="access code",
                    ),
                ),
                (
                    "cart",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="shop.cart"
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cart_lines",
                        to="shop.session",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="shop.waitingentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "cart line",
                "verbose_name_plural": "cart lines",
                "ordering": ["session__starts_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_held", True)),
                        fields=["session", "held_until"],
                        name="shop_cartline_held",
                    ),
                    models.Index(
                        condition=models.Q(("is_held", True)),
                        fields=["held_until"],
                        name="shop_cartline_lapsed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cart", "session"), name="shop_cartline_once_per_session"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="shop_cartline_at_least_one"
                    ),
                ],
            },
        ),
    ]
