from decimal import Decimal

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

import core.request_id


def tell_ways_and_shares(apps, schema_editor):
    """Refunds so far went back the way the money had come, and said not for which places: fill these in turn."""
    Payment = apps.get_model("shop", "Payment")
    Refund = apps.get_model("shop", "Refund")
    RefundShare = apps.get_model("shop", "RefundShare")
    way = Payment.objects.filter(pk=OuterRef("payment")).values("provider")
    Refund.objects.filter(provider="").update(provider=Subquery(way))
    for payment in Payment.objects.filter(is_fulfilling=True, refunds__isnull=False).distinct().iterator():
        room = dict(payment.order.lines.values_list("pk", "price"))
        for refund in payment.refunds.exclude(status="failed").order_by("pk"):
            left = refund.amount
            for line_id in room:
                part = min(left, room[line_id])
                if part > 0:
                    RefundShare.objects.create(refund=refund, line_id=line_id, amount=part)
                    room[line_id] -= part
                    left -= part


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0009_early_bird_and_group"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="nonce",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Of the form in which it was asked for: sending that twice makes one refund.",
                max_length=36,
                null=True,
                unique=True,
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="provider",
            field=models.CharField(
                db_default="",
                help_text="By whom it goes back: by whoever took the payment, or paid out at the desk.",
                max_length=20,
                verbose_name="way",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="paid out by",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="fee",
            field=models.DecimalField(
                db_default=Decimal("0"),
                decimal_places=2,
                default=Decimal("0"),
                editable=False,
                help_text="What stays with the studio of a place that was given up.",
                max_digits=9,
                verbose_name="kept of the price",
            ),
        ),
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
                ],
                max_length=10,
                verbose_name="what",
            ),
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
        migrations.RunPython(tell_ways_and_shares, migrations.RunPython.noop, elidable=True),
    ]
