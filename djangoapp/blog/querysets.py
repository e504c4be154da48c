"""What one asks about posts. The clock and the rights of readers stay inside."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

MOST_WORDS = 8  # of a search


class PostQuerySet(models.QuerySet):
    def published(self):
        """Posts that are out, the latest first."""
        return self.filter(publish_at__lte=timezone.now()).order_by("-publish_at", "-pk")

    def scheduled(self):
        return self.filter(publish_at__gt=timezone.now())

    def drafts(self):
        return self.filter(publish_at=None)

    def unpublished(self):
        """Drafts, and posts whose time is still to come."""
        return self.filter(Q(publish_at=None) | Q(publish_at__gt=timezone.now()))

    def changeable_by(self, user):
        """The posts that somebody may edit, publish and delete: their own, and for editors all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm("blog.change_post") else self.filter(author=user)

    def visible_to(self, user):
        """What somebody may read: what is out, and what they may change."""
        if not user.is_authenticated:
            return self.published()
        out = Q(publish_at__lte=timezone.now())
        if user.has_perm("blog.change_post"):
            return self.all()
        return self.filter(out | Q(author=user))

    def in_the_works(self):
        """For whoever writes them: drafts by their last change, then what is to come, then what is out."""
        rows = self.select_related("author").only(
            "title", "slug", "publish_at", "updated_at", "author__first_name", "author__last_name"
        )
        return rows.order_by(models.F("publish_at").desc(nulls_first=True), "-updated_at", "-pk")

    def of_project(self, project):
        return self.filter(project=project)

    def for_cards(self):
        """Everything that a post's card shows; its tags in a second query."""
        cards = self.select_related("author__profile").prefetch_related("tags")
        return cards.defer("body")

    def for_page(self):
        """Everything that a post's own page shows; its tags in a second query."""
        return self.select_related("author__profile", "project").prefetch_related("tags")

    def matching(self, words: str):
        """Posts whose text, tags or author speak of every word."""
        tags = apps.get_model("blog", "Tag").objects
        links = apps.get_model("blog", "Post").tags.through.objects
        found = self
        for word in words.replace("\x00", "").split()[:MOST_WORDS]:
            tagged = links.filter(tag__in=tags.filter(name__icontains=word)).values("post")
            found = found.filter(
                Q(title__icontains=word)
                | Q(summary__icontains=word)
                | Q(body__icontains=word)
                | Q(pk__in=tagged)
                | Q(author__first_name__icontains=word)
                | Q(author__last_name__icontains=word)
            )
        return found

    def in_month(self, year: int, month: int):
        """Posts of a month on the studio's calendar."""
        zone = ZoneInfo(settings.TIME_ZONE)
        begin = datetime(year, month, 1, tzinfo=zone).astimezone(UTC)
        following = (year + 1, 1) if month == 12 else (year, month + 1)
        end = datetime(*following, 1, tzinfo=zone).astimezone(UTC)
        return self.filter(publish_at__gte=begin, publish_at__lt=end)

    def months(self):
        """The months in which something appeared, the latest first: rows with ``month`` and ``count``."""
        zone = ZoneInfo(settings.TIME_ZONE)
        months = self.order_by().annotate(month=TruncMonth("publish_at", tzinfo=zone)).values("month")
        return months.annotate(count=Count("pk")).order_by("-month")

    def next_after(self, post):
        """The post that appeared after this one."""
        later = Q(publish_at__gt=post.publish_at) | Q(publish_at=post.publish_at, pk__gt=post.pk)
        return self.filter(later).order_by("publish_at", "pk").first()

    def last_before(self, post):
        """The post that appeared before this one."""
        earlier = Q(publish_at__lt=post.publish_at) | Q(publish_at=post.publish_at, pk__lt=post.pk)
        return self.filter(earlier).order_by("-publish_at", "-pk").first()


class TagQuerySet(models.QuerySet):
    def in_use(self):
        """Tags of published posts, annotated by ``posts_count``; the most used first."""
        out = Count("posts", filter=Q(posts__publish_at__lte=timezone.now()))
        return self.annotate(posts_count=out).filter(posts_count__gt=0).order_by("-posts_count", "name")
