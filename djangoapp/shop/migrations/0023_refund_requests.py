from decimal import Decimal

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.request_id


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0022_inspection"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="transition",
            name="subject",
            field=models.CharField(
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
    ]
