from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0012_refunds_count_failures"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="policy",
            field=models.JSONField(
                blank=True,
                editable=False,
                help_text="Until when it may be given up or moved, and for which fee: see services.policy.",
                null=True,
                verbose_name="what was promised",
            ),
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
        migrations.AddField(
            model_name="project",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: the usual one. What was promised with places that are sold stays as it was.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="projects",
                to="shop.cancellationpolicy",
                verbose_name="cancellation policy",
            ),
        ),
    ]
