"""What the studio and its members write.

Whether a post is out depends on ``publish_at`` and the clock alone, so no job has to publish anything.
"""

import secrets
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blog.querysets import PostQuerySet, TagQuerySet
from core.models import TimeStamped

LONGEST_BODY = 100_000  # letters: a small book
WORDS_PER_MINUTE = 200
# First words of addresses below /blog/ that are pages of their own.
RESERVED_SLUGS = frozenset({"archive", "authors", "drafts", "feed", "mine", "new", "preview", "tags"})


def cover_path(_post, _filename: str) -> str:
    """Name the file at random: a new picture never meets an old cache, and the upload's name says too much."""
    return f"blog/{secrets.token_hex(16)}.webp"


def validate_slug_is_free_to_use(slug: str) -> None:
    """Refuse the addresses that the blog needs itself."""
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("The blog needs the address “%(slug)s” itself."), params={"slug": slug})


class Tag(models.Model):
    """A word under which posts are gathered."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    slug = models.SlugField(_("slug"), max_length=50, unique=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("blog:tag", args=[self.slug])


class PostState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHED = "published", _("Published")


class Post(TimeStamped):
    """A text with its picture. It is out from ``publish_at`` on; without one it is a draft.

    The picture is kept in two sizes: ``cover`` for desktops and ``cover_small`` for phones and lists. An author who
    deleted their account leaves their published posts behind without a name.
    """

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("author"),
    )
    title = models.CharField(_("title"), max_length=120)
    slug = models.SlugField(
        _("address"), max_length=120, unique=True, validators=[validate_slug_is_free_to_use]
    )
    summary = models.CharField(
        _("summary"), max_length=240, help_text=_("One or two sentences, for lists and feeds.")
    )
    body = models.TextField(_("text"), validators=[MaxLengthValidator(LONGEST_BODY)])
    reading_minutes = models.PositiveSmallIntegerField(_("minutes to read"), default=1, editable=False)
    cover = models.ImageField(_("picture"), upload_to=cover_path, blank=True)
    cover_small = models.ImageField(upload_to=cover_path, blank=True, editable=False)
    cover_alt = models.CharField(
        _("what the picture shows"), max_length=200, blank=True, help_text=_("For people who cannot see it.")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="posts", verbose_name=_("tags"))
    project = models.ForeignKey(
        "shop.Project",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("about the project"),
    )
    publish_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["-publish_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cover="") | ~Q(cover_alt=""),
                name="blog_post_cover_is_described",
                violation_error_message=_("Say what the picture shows."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["-publish_at", "-id"],
                name="blog_post_published",
                condition=Q(publish_at__isnull=False),
            ),
            models.Index(fields=["project", "-publish_at"], name="blog_post_of_project"),
            models.Index(fields=["author", "-publish_at"], name="blog_post_of_author"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, update_fields=None, **kwargs) -> None:
        if update_fields is None or "body" in update_fields:
            self.reading_minutes = minutes_to_read(self.body)
            update_fields = update_fields and {*update_fields, "reading_minutes"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("blog:post_detail", args=[self.slug])

    def state(self, at: datetime | None = None) -> PostState:
        if self.publish_at is None:
            return PostState.DRAFT
        is_out = self.publish_at <= (at or timezone.now())
        return PostState.PUBLISHED if is_out else PostState.SCHEDULED

    @property
    def is_published(self) -> bool:
        return self.state() == PostState.PUBLISHED

    @property
    def byline(self) -> str:
        """Who wrote it, as the public may know: a name, never an e-mail address."""
        return byline_of(self.author)

    @property
    def token(self) -> str:
        """The secret part of the preview link: derived from the secret key, so that no table holds it."""
        return _link_signer().signature(str(self.pk))

    def is_token(self, token: str) -> bool:
        """Whether this is the post's secret, under the present key or one that it replaced."""
        try:
            _link_signer().unsign(f"{self.pk}:{token}")
        except BadSignature:
            return False
        return True

    def get_preview_url(self) -> str:
        """Where whoever has the link reads the post before it is out."""
        return reverse("blog:post_draft", args=[self.pk, self.token])


def byline_of(author) -> str:
    """The public name of an author, also of one who is gone or never told a name."""
    return (author.get_full_name() if author else "") or gettext("A member of the studio")


def minutes_to_read(text: str) -> int:
    """How long people need for a text: whole minutes, at least one."""
    return max(1, round(len(text.split()) / WORDS_PER_MINUTE))


def _link_signer() -> Signer:
    return Signer(salt="blog.preview-link")


class SlugRedirect(models.Model):
    """An address that a post had once and that still leads to it."""

    slug = models.SlugField(_("former address"), max_length=120, unique=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="former_slugs")

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")

    def __str__(self) -> str:
        return self.slug
