"""The rows that tests of the blog begin with."""

from datetime import timedelta
from importlib import import_module

import factory
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from accounts.tests.people import picture_file
from blog.models import Post, Tag
from blog.pictures import cover_of
from blog.services import Text, create_post
from shop.tests.factories import UserFactory, member


class PostFactory(DjangoModelFactory):
    """A post that appeared an hour ago."""

    class Meta:
        model = Post

    author = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda number: f"What the bees told us {number}")
    slug = factory.Sequence(lambda number: f"bees-{number}")
    summary = "Forty thousand of them, and one sting."
    body = "We opened the hive **slowly**.\n\n## Smoke\n\nA little goes a long way."
    publish_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))


def draft(**fields) -> Post:
    return PostFactory(publish_at=None, **fields)


def scheduled(**fields) -> Post:
    return PostFactory(publish_at=timezone.now() + timedelta(days=1), **fields)


def tagged(*names: str, **fields) -> Post:
    post = PostFactory(**fields)
    post.tags.set(Tag.objects.get_or_create(name=name, slug=name)[0] for name in names)
    return post


def with_cover(author: User | None = None, *, size: tuple[int, int] = (900, 600)) -> Post:
    """A published post with its picture in both sizes, kept through the service."""
    told = text(cover=cover_of(picture_file(size)), cover_alt="A hive in the snow", publish_at=timezone.now())
    return create_post(author or UserFactory(), told)


def text(**told) -> Text:
    """What an author says: whatever a test does not name has a plain, valid value."""
    usual = {"title": "Ten ways to prune", "summary": "And one not to.", "body": "Look first, then cut."}
    return Text(**(usual | told))


def author() -> User:
    """Somebody without a membership, whom the studio asked to write."""
    return _in_group("authors")


def editor() -> User:
    return _in_group("editors")


def _in_group(name: str) -> User:
    """Tables of tests are made without migrations, so the one that makes the groups is run by hand."""
    import_module("blog.migrations.0002_groups").make_groups(apps, connection.schema_editor())
    user = UserFactory()
    user.groups.add(Group.objects.get(name=name))
    return user


__all__ = ["PostFactory", "author", "draft", "editor", "member", "scheduled", "tagged", "text", "with_cover"]
