from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0015_cancelled_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="allowance",
            field=models.DecimalField(
                db_default=Decimal("0"),
                decimal_places=2,
                default=Decimal("0"),
                editable=False,
                help_text="What went back of the price although the place was kept.",
                max_digits=9,
                verbose_name="taken off afterwards",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="kind",
            field=models.CharField(
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
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("allowance__gte", 0), ("allowance__lte", models.F("price"))),
                name="shop_orderline_allowance_of_price",
            ),
        ),
    ]
