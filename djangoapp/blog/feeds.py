"""The latest posts for feed readers, as RSS and as Atom."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from blog.models import Post
from blog.querysets import PostQuerySet
from core.addresses import absolute

POSTS_IN_FEED = 20


class PostFeed(Feed):
    """Titles and summaries. An entry keeps its identity when its address changes, so nobody reads it as new."""

    item_guid_is_permalink = False

    def title(self) -> str:
        return _("%(studio)s: the blog") % {"studio": settings.SITE_NAME}

    def link(self) -> str:
        return absolute(reverse("blog:post_list"))

    def feed_url(self) -> str:
        return absolute(reverse("blog:feed_rss"))

    def description(self) -> str:
        return _("What we make, learn and wonder about between two workshops.")

    def items(self) -> PostQuerySet:
        return Post.objects.published().for_cards()[:POSTS_IN_FEED]

    def item_title(self, post: Post) -> str:
        return post.title

    def item_description(self, post: Post) -> str:
        return post.summary

    def item_link(self, post: Post) -> str:
        return absolute(post.get_absolute_url())

    def item_guid(self, post: Post) -> str:
        host = urlsplit(settings.SITE_URL).hostname
        return f"tag:{host},{post.created_at:%Y-%m-%d}:blog/{post.pk}"

    def item_author_name(self, post: Post) -> str:
        return post.byline

    def item_pubdate(self, post: Post) -> datetime:
        return post.publish_at

    def item_updateddate(self, post: Post) -> datetime:
        return max(post.updated_at, post.publish_at)

    def item_categories(self, post: Post) -> list[str]:
        return [tag.name for tag in post.tags.all()]


class AtomFeed(PostFeed):
    feed_type = Atom1Feed

    def feed_url(self) -> str:
        return absolute(reverse("blog:feed_atom"))

    def subtitle(self) -> str:
        return self.description()


_rss, _atom = PostFeed(), AtomFeed()


@require_safe
@cache_control(public=True, max_age=300)
def rss(request: HttpRequest) -> HttpResponse:
    return _rss(request)


@require_safe
@cache_control(public=True, max_age=300)
def atom(request: HttpRequest) -> HttpResponse:
    return _atom(request)
