import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import blog.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="name")),
                ("slug", models.SlugField(unique=True, verbose_name="slug")),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Post",
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
                (
                    "slug",
                    models.SlugField(
                        max_length=120,
                        unique=True,
                        validators=[blog.models.validate_slug_is_free_to_use],
                        verbose_name="address",
                    ),
                ),
                (
                    "summary",
                    models.CharField(
                        help_text="One or two sentences, for lists and feeds.",
                        max_length=240,
                        verbose_name="summary",
                    ),
                ),
                (
                    "body",
                    models.TextField(
                        validators=[django.core.validators.MaxLengthValidator(100000)], verbose_name="text"
                    ),
                ),
                (
                    "reading_minutes",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, verbose_name="minutes to read"
                    ),
                ),
                (
                    "cover",
                    models.ImageField(blank=True, upload_to=blog.models.cover_path, verbose_name="picture"),
                ),
                (
                    "cover_small",
                    models.ImageField(blank=True, editable=False, upload_to=blog.models.cover_path),
                ),
                (
                    "cover_alt",
                    models.CharField(
                        blank=True,
                        help_text="For people who cannot see it.",
                        max_length=200,
                        verbose_name="what the picture shows",
                    ),
                ),
                ("publish_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="posts",
                        to="shop.project",
                        verbose_name="about the project",
                    ),
                ),
                (
                    "tags",
                    models.ManyToManyField(
                        blank=True, related_name="posts", to="blog.tag", verbose_name="tags"
                    ),
                ),
            ],
            options={
                "verbose_name": "post",
                "verbose_name_plural": "posts",
                "ordering": ["-publish_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("publish_at__isnull", False)),
                        fields=["-publish_at", "-id"],
                        name="blog_post_published",
                    ),
                    models.Index(fields=["project", "-publish_at"], name="blog_post_of_project"),
                    models.Index(fields=["author", "-publish_at"], name="blog_post_of_author"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cover", ""), models.Q(("cover_alt", ""), _negated=True), _connector="OR"
                        ),
                        name="blog_post_cover_is_described",
                        violation_error_message="Say what the picture shows.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SlugRedirect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="former address")),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_slugs",
                        to="blog.post",
                    ),
                ),
            ],
            options={
                "verbose_name": "former address",
                "verbose_name_plural": "former addresses",
            },
        ),
    ]
