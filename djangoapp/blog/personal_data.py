"""What somebody wrote, for the account's download, and what goes when the account is deleted.

Published posts stay: others read and quote them. They lose their author's name. Whoever wants them gone deletes them
first; the page on which one deletes the account says so.
"""

from collections.abc import Iterator

from accounts.models import User
from blog.models import Post


def tell_posts(user: User) -> Iterator[tuple[str, object]]:
    yield "posts", _posts(user)


def forget_drafts(user: User) -> None:
    """Delete what nobody else has read: drafts, and posts whose time is still to come."""
    Post.objects.filter(author=user).unpublished().delete()


def _posts(user: User) -> Iterator[dict]:
    posts = Post.objects.filter(author=user).prefetch_related("tags").order_by("pk")
    for post in posts.iterator(chunk_size=100):
        yield {
            "title": post.title,
            "slug": post.slug,
            "summary": post.summary,
            "body": post.body,
            "picture": post.cover.url if post.cover else None,
            "picture_shows": post.cover_alt,
            "tags": [tag.name for tag in post.tags.all()],
            "state": post.state(),
            "published_at": post.publish_at,
            "created_at": post.created_at,
            "changed_at": post.updated_at,
        }
