"""The map for search engines: an index, and behind it parts of bounded length."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max
from django.urls import reverse

from blog.models import Post
from polls.models import Audience, Poll
from shop.models import Project, Session

ADDRESSES_PER_PART = 2000


class ShopSitemap(Sitemap):
    """Addresses as the public knows them, whatever host the robot asked."""

    limit = ADDRESSES_PER_PART

    def get_domain(self, site=None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme


class RowSitemap(ShopSitemap):
    """Rows with ``slug`` and ``updated_at``. Subclasses say which."""

    def lastmod(self, row) -> datetime:
        return row.updated_at

    def get_latest_lastmod(self) -> datetime | None:
        """Ask the database, where Django would walk through every row."""
        return self.items().order_by().aggregate(latest=Max("updated_at"))["latest"]


class PageSitemap(ShopSitemap):
    """Pages that are always there."""

    def items(self) -> list[str]:
        return ["home", "shop:session_list", "shop:project_list", "blog:post_list", "polls:poll_list"]

    def location(self, name: str) -> str:
        return reverse(name)


class ProjectSitemap(RowSitemap):
    def items(self):
        return Project.objects.published().only("slug", "updated_at").order_by("pk")


class SessionSitemap(RowSitemap):
    """Sessions to come; past ones may be forgotten."""

    def items(self):
        return Session.objects.upcoming().only("slug", "updated_at")


class PostSitemap(RowSitemap):
    def items(self):
        return Post.objects.published().only("slug", "updated_at").order_by("pk")


class PollSitemap(RowSitemap):
    """Polls that everybody may take part in."""

    def items(self):
        polls = Poll.objects.published().filter(audience=Audience.EVERYONE)
        return polls.only("slug", "updated_at").order_by("pk")


SITEMAPS = {
    "pages": PageSitemap,
    "projects": ProjectSitemap,
    "sessions": SessionSitemap,
    "posts": PostSitemap,
    "polls": PollSitemap,
}
