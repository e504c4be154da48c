"""Changes to posts. Who may ask for them is decided before, by ``rights`` and ``Post.objects.changeable_by()``.

Nothing here knows of HTTP: forms, the API and commands call the same functions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.core.files.storage import Storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.services import delete_file_on_commit
from blog.exceptions import ChangedMeanwhile, SlugTaken
from blog.models import RESERVED_SLUGS, Post, SlugRedirect, Tag
from blog.pictures import Cover

MOST_TAGS = 8


@dataclass(frozen=True)
class Text:
    """What an author says about a post. ``cover``: a new picture, ``False`` to remove it, ``None`` to leave it.

    Without a ``slug`` the address follows the title, or stays where the post has one. ``publish_at`` is an aware
    instant: past or present publishes, future schedules, ``None`` makes a draft.
    """

    title: str
    summary: str
    body: str
    slug: str = ""
    tags: tuple[str, ...] = ()
    project: object | None = None
    cover: Cover | bool | None = None
    cover_alt: str = ""
    publish_at: datetime | None = None


def create_post(author, text: Text) -> Post:
    """Keep a new post. Raises ``SlugTaken`` if its address is another post's."""
    post = Post(author=author)
    _write(post, text)
    return post


def update_post(post: Post, text: Text, *, version: datetime | None = None) -> Post:
    """Change a post. Its former address keeps leading to it, and a replaced picture is deleted after the commit.

    Raises ``SlugTaken``, or ``ChangedMeanwhile`` if the post is newer than ``version`` (its ``updated_at`` when it
    was opened).
    """
    _write(post, text, version=version)
    return post


@transaction.atomic
def change_post(post: Post, told: dict) -> Post:
    """Change what is told of a post, in the words of ``Text``. What is left out stays as it is by then.

    Raises ``SlugTaken``.
    """
    post = Post.objects.select_for_update(of=("self",), no_key=True).select_related("project").get(pk=post.pk)
    kept = {
        "title": post.title,
        "summary": post.summary,
        "body": post.body,
        "tags": tuple(tag.name for tag in post.tags.all()),
        "project": post.project,
        "publish_at": post.publish_at,
        "cover_alt": post.cover_alt,
    }
    return update_post(post, Text(**kept | told))


@transaction.atomic
def publish(post: Post, *, at: datetime | None = None) -> Post:
    """Let a post appear at an instant, or now. One that is out already keeps its day unless ``at`` says another."""
    locked = Post.objects.select_for_update(no_key=True).get(pk=post.pk)
    if at is not None or not locked.is_published:
        locked.publish_at = at or timezone.now()
        locked.save(update_fields=["publish_at", "updated_at"])
    post.publish_at, post.updated_at = locked.publish_at, locked.updated_at
    return post


@transaction.atomic
def unpublish(post: Post) -> Post:
    """Make a draft of a post again. Repeating the call is harmless."""
    locked = Post.objects.select_for_update(no_key=True).get(pk=post.pk)
    if locked.publish_at is not None:
        locked.publish_at = None
        locked.save(update_fields=["publish_at", "updated_at"])
    post.publish_at, post.updated_at = locked.publish_at, locked.updated_at
    return post


@transaction.atomic
def delete_post(post: Post) -> None:
    """Delete a post, its former addresses, and after the commit its pictures."""
    post.delete()


def free_slug(title: str) -> str:
    """Make a short address of a title that no post has or had."""
    slug = slugify(title)[:100].strip("-") or "post"
    taken = set(Post.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    taken |= set(SlugRedirect.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    taken |= RESERVED_SLUGS
    candidates = (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _write(post: Post, text: Text, *, version: datetime | None = None) -> None:
    """Keep everything or nothing: a picture that was stored for a post that was refused is deleted again."""
    stored: list[tuple[Storage, str]] = []
    for is_last in (False, False, False, False, True):
        try:
            with transaction.atomic():
                _write_rows(post, text, version, stored)
            return
        except IntegrityError as error:
            _delete(stored)
            if text.slug and _is_taken(text.slug, post):
                raise SlugTaken(text.slug) from error
            # Another post of the same title was quicker, and has the address that was free a moment ago.
            if is_last or text.slug or post.pk is not None or not _is_taken(post.slug, post):
                raise
            post.slug = ""
            stored.clear()
        except BaseException:
            _delete(stored)
            raise


def _write_rows(post: Post, text: Text, version: datetime | None, stored: list) -> None:
    former = None
    if post.pk is not None:
        former = Post.objects.select_for_update(no_key=True).get(pk=post.pk)
        if version is not None and former.updated_at != version:
            raise ChangedMeanwhile
        post.cover, post.cover_small, post.slug = former.cover, former.cover_small, former.slug
    slug = text.slug or post.slug or free_slug(text.title)
    if text.slug and _is_taken(slug, post):
        raise SlugTaken(slug)
    post.title, post.summary, post.body, post.slug = text.title, text.summary, text.body, slug
    post.project, post.publish_at, post.cover_alt = text.project, text.publish_at, text.cover_alt
    _put_cover(post, text.cover, stored)
    if not post.cover:
        post.cover_alt = ""
    post.save()
    if former is not None and former.slug != slug:
        SlugRedirect.objects.filter(slug=slug, post=post).delete()  # back at an address that it had before
        SlugRedirect.objects.create(slug=former.slug, post=post)
    post.tags.set(_tags(text.tags))


def _put_cover(post: Post, cover: Cover | bool | None, stored: list) -> None:
    if cover is None or cover is True:
        return
    storage = post.cover.storage
    for name in (post.cover.name, post.cover_small.name):
        delete_file_on_commit(storage, name)
    if cover is False:
        post.cover = post.cover_small = ""
        return
    for field, content in ((post.cover, cover.large), (post.cover_small, cover.small)):
        field.save(content.name, content, save=False)
        stored.append((storage, field.name))


def _delete(stored: Iterable[tuple[Storage, str]]) -> None:
    for storage, name in stored:
        storage.delete(name)


def _is_taken(slug: str, post: Post) -> bool:
    others = Post.objects.filter(slug=slug).exclude(pk=post.pk)
    return others.exists() or SlugRedirect.objects.filter(slug=slug).exclude(post=post.pk).exists()


def _tags(names: Iterable[str]) -> list[Tag]:
    """The tags of these names, each once however it is written; new ones are made."""
    found: dict[str, str] = {}
    for name in names:
        name = " ".join(name.split())[:40]
        slug = slugify(name)
        if not name or len(found) == MOST_TAGS:
            continue
        if not slug:  # a name in letters that addresses do not know
            slug = f"tag-{sha256(name.casefold().encode()).hexdigest()[:10]}"
        if slug not in found:
            found[slug] = name
    # Always in the same order, lest two who make the same ones wait for each other.
    tags = {slug: _tag(found[slug], slug) for slug in sorted(found)}
    return [tags[slug] for slug in found]


def _tag(name: str, slug: str) -> Tag:
    known = Tag.objects.filter(slug=slug).first() or Tag.objects.filter(name=name).first()
    if known:
        return known
    return Tag.objects.get_or_create(slug=slug, defaults={"name": name})[0]
