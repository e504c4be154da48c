"""What search engines read of a post, in the words of schema.org."""

from django.conf import settings
from django.urls import reverse

from blog.models import Post
from core.addresses import absolute


def posting_of(post: Post) -> dict:
    """The published post as a ``BlogPosting``."""
    url = absolute(post.get_absolute_url())
    author: dict = {"@type": "Person", "name": post.byline}
    if post.author_id:
        author["url"] = absolute(reverse("blog:author", args=[post.author_id]))
    posting = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "@id": url,
        "url": url,
        "mainEntityOfPage": url,
        "headline": post.title,
        "description": post.summary,
        "datePublished": post.publish_at.isoformat(),
        "dateModified": max(post.updated_at, post.publish_at).isoformat(),
        "author": author,
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME, "url": absolute("/")},
        "timeRequired": f"PT{post.reading_minutes}M",
    }
    if keywords := [tag.name for tag in post.tags.all()]:
        posting["keywords"] = keywords
    if post.cover:
        posting["image"] = [absolute(post.cover.url)]
    return posting
