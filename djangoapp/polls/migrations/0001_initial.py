import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Poll",
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
                ("question", models.CharField(max_length=200, verbose_name="question")),
                ("slug", models.SlugField(blank=True, max_length=80, unique=True, verbose_name="slug")),
                (
                    "description",
                    models.TextField(blank=True, help_text="Markdown.", verbose_name="description"),
                ),
                ("opens_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="opens")),
                ("closes_at", models.DateTimeField(verbose_name="closes")),
                ("is_multiple", models.BooleanField(default=False, verbose_name="several answers")),
                (
                    "max_choices",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How many answers one person may choose. Empty: all of them.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(2)],
                        verbose_name="at most",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[("everyone", "Everybody"), ("members", "People with an account")],
                        default="everyone",
                        max_length=10,
                        verbose_name="who votes",
                    ),
                ),
                (
                    "results_visible",
                    models.CharField(
                        choices=[
                            ("always", "At once"),
                            ("after_vote", "To those who voted; to everybody once it is closed"),
                            ("after_close", "Once it is closed"),
                        ],
                        default="after_vote",
                        max_length=12,
                        verbose_name="results are shown",
                    ),
                ),
                ("is_published", models.BooleanField(default=False, verbose_name="published")),
                (
                    "ballots_count",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="people who voted"),
                ),
            ],
            options={
                "verbose_name": "poll",
                "verbose_name_plural": "polls",
                "ordering": ["-opens_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_published", True)),
                        fields=["closes_at"],
                        name="polls_poll_shown",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("opens_at"))),
                        name="polls_poll_closes_after_opening",
                        violation_error_message="A poll closes after it opens.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_choices__isnull", True),
                            models.Q(("is_multiple", True), ("max_choices__gte", 2)),
                            _connector="OR",
                        ),
                        name="polls_poll_limit_is_for_several",
                        violation_error_message="Only where several answers may be chosen can they be limited.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("text", models.CharField(max_length=200, verbose_name="answer")),
                ("votes_count", models.PositiveIntegerField(default=0, editable=False, verbose_name="votes")),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="choices", to="polls.poll"
                    ),
                ),
            ],
            options={
                "verbose_name": "answer",
                "verbose_name_plural": "answers",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Ballot",
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
                ("browser_key", models.CharField(blank=True, default="", editable=False, max_length=64)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ballots",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ballots", to="polls.poll"
                    ),
                ),
            ],
            options={
                "verbose_name": "ballot",
                "verbose_name_plural": "ballots",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)),
                        fields=("poll", "user"),
                        name="polls_ballot_one_per_account",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("browser_key", ""), _negated=True),
                        fields=("browser_key",),
                        name="polls_ballot_one_per_browser",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ballot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="polls.ballot"
                    ),
                ),
                (
                    "choice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="votes", to="polls.choice"
                    ),
                ),
            ],
            options={
                "verbose_name": "vote",
                "verbose_name_plural": "votes",
                "constraints": [
                    models.UniqueConstraint(fields=("ballot", "choice"), name="polls_vote_once_per_answer")
                ],
            },
        ),
    ]
