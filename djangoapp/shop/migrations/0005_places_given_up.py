from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Q, Subquery


def give_up_places_of_cancelled_orders(apps, schema_editor):
    """A place is a line that nobody gave up, also in orders that were cancelled before lines could tell."""
    Order = apps.get_model("shop", "Order")
    Payment = apps.get_model("shop", "Payment")
    sold = Payment.objects.filter(order=OuterRef("pk"), is_fulfilling=True)
    cancelled = Order.objects.filter(Q(status="cancelled") | Q(Exists(sold), status="refunded"))
    closed_at = Order.objects.filter(pk=OuterRef("order")).values("closed_at")
    apps.get_model("shop", "OrderLine").objects.filter(order__in=cancelled, cancelled_at=None).update(
        cancelled_at=Subquery(closed_at)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0004_lead_session"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="fee",
            field=models.DecimalField(
                decimal_places=2,
                default=Decimal("0"),
                editable=False,
                help_text="What stays with the studio of a place that was given up.",
                max_digits=9,
                verbose_name="kept of the price",
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="moved_from",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moved_to",
                to="shop.orderline",
                verbose_name="moved from",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="given up"),
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
                ],
                max_length=10,
                verbose_name="what",
            ),
        ),
        migrations.RunPython(give_up_places_of_cancelled_orders, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=Q(fee=0) | Q(cancelled_at__isnull=False, fee__gt=0, fee__lte=F("price")),
                name="shop_orderline_fee_is_kept_of_price",
            ),
        ),
    ]
