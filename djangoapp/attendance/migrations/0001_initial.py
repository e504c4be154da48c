import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import attendance.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        default=attendance.models.new_ticket_code,
                        editable=False,
                        max_length=26,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                (
                    "issued_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="issued"
                    ),
                ),
                (
                    "voided_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="voided"),
                ),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticket",
                        to="shop.orderline",
                        verbose_name="place",
                    ),
                ),
            ],
            options={
                "verbose_name": "ticket",
                "verbose_name_plural": "tickets",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.CharField(max_length=80, verbose_name="first name")),
                ("last_name", models.CharField(max_length=80, verbose_name="last name")),
                ("gate", models.CharField(blank=True, max_length=40, verbose_name="gate")),
                ("arrived_at", models.DateTimeField(verbose_name="came")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="recorded"
                    ),
                ),
                ("nonce", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                (
                    "undone_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="undone"),
                ),
                ("undo_nonce", models.CharField(blank=True, editable=False, max_length=64)),
                ("is_conflict", models.BooleanField(default=False, editable=False, verbose_name="conflict")),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="changed"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="shop.session",
                        verbose_name="session",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="attendance.ticket",
                        verbose_name="ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry",
                "verbose_name_plural": "entries",
                "ordering": ["-pk"],
                "permissions": [("work_at_door", "Can check people in at the door")],
                "indexes": [
                    models.Index(fields=["arrived_at", "id"], name="attendance_entry_by_day"),
                    models.Index(fields=["session", "arrived_at", "id"], name="attendance_entry_by_session"),
                    models.Index(fields=["gate", "arrived_at", "id"], name="attendance_entry_by_gate"),
                    models.Index(
                        fields=["last_name"],
                        name="attendance_entry_by_name",
                        opclasses=["varchar_pattern_ops"],
                    ),
                    models.Index(
                        condition=models.Q(("is_conflict", True), ("undone_at__isnull", True)),
                        fields=["id"],
                        name="attendance_entry_conflicts",
                    ),
                    models.Index(fields=["changed_at", "id"], name="attendance_entry_changed"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_conflict", False), ("undone_at__isnull", True)),
                        fields=("ticket",),
                        name="attendance_entry_once_per_ticket",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_conflict", False), ("ticket__isnull", False), _connector="OR"
                        ),
                        name="attendance_entry_conflict_has_ticket",
                    ),
                ],
            },
        ),
    ]
