"""Changing posts: addresses, tags, pictures, and when they appear."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.services import delete_account
from accounts.tests.people import picture_file
from blog import services
from blog.exceptions import ChangedMeanwhile, SlugTaken
from blog.models import Post, PostState, SlugRedirect, Tag, minutes_to_read
from blog.pictures import cover_of
from blog.services import change_post, create_post, delete_post, free_slug, publish, unpublish, update_post
from blog.tests.factories import PostFactory, draft, scheduled, tagged, text, with_cover
from shop.tests.factories import UserFactory
from tests.support.races import at_once

pytestmark = pytest.mark.django_db


def files() -> list[str]:
    return default_storage.listdir("blog")[1] if default_storage.exists("blog") else []


@pytest.fixture
def no_files():
    """Files of other tests stay out of the count."""
    for name in files():
        default_storage.delete(f"blog/{name}")


def test_a_new_post_gets_its_address_of_its_title():
    first, second = (create_post(UserFactory(), text(title="Apples & Pears")) for _number in range(2))
    reserved = create_post(UserFactory(), text(title="New"))
    nameless = create_post(UserFactory(), text(title="木のお話"))

    assert [first.slug, second.slug] == ["apples-pears", "apples-pears-2"]
    assert (reserved.slug, nameless.slug) == ("new-2", "post")
    assert first.state() == PostState.DRAFT


def test_a_former_address_leads_to_the_present_one_and_stays_taken():
    post = PostFactory(slug="old")
    update_post(post, text(slug="new-one"))

    assert SlugRedirect.objects.get(slug="old").post == post
    with pytest.raises(SlugTaken):
        create_post(UserFactory(), text(slug="old"))
    with pytest.raises(SlugTaken):
        create_post(UserFactory(), text(slug="new-one"))


def test_a_post_may_move_back():
    post = PostFactory(slug="old")
    update_post(post, text(slug="new-one"))
    update_post(post, text(slug="old"))

    assert Post.objects.get(pk=post.pk).slug == "old"
    assert list(SlugRedirect.objects.values_list("slug", flat=True)) == ["new-one"]


def test_an_edit_keeps_the_address_unless_another_is_given():
    post = PostFactory(slug="bees")

    assert update_post(post, text(title="Wasps after all")).slug == "bees"


def test_two_windows_do_not_overwrite_each_other():
    post = PostFactory()
    opened_at = post.updated_at
    update_post(post, text(body="From the first window."), version=opened_at)

    with pytest.raises(ChangedMeanwhile):
        update_post(post, text(body="From the second."), version=opened_at)

    assert Post.objects.get(pk=post.pk).body == "From the first window."


def test_a_change_of_some_fields_keeps_what_was_saved_meanwhile():
    old = tagged("bees")
    unpublish(Post.objects.get(pk=old.pk))
    change_post(old, {"body": "An hour of work"})

    change_post(old, {"title": "Wax"})

    post = Post.objects.get()
    assert (post.title, post.body, post.state()) == ("Wax", "An hour of work", PostState.DRAFT)
    assert [tag.name for tag in post.tags.all()] == ["bees"]


def test_whose_address_is_taken_in_the_last_moment_gets_the_next(monkeypatch):
    create_post(UserFactory(), text(title="Apples"))
    free = iter(["apples"])
    monkeypatch.setattr(services, "free_slug", lambda title: next(free, None) or free_slug(title))

    assert create_post(UserFactory(), text(title="Apples")).slug == "apples-2"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_one_title_at_the_same_moment_makes_as_many_posts(self):
        assert at_once([partial(create_post, UserFactory(), text(title="Apples"))] * 4) == {"ok": 4}

        assert set(Post.objects.values_list("slug", flat=True)) == {
            "apples",
            "apples-2",
            "apples-3",
            "apples-4",
        }

    def test_the_same_new_tags_in_another_order_do_not_wait_for_each_other_for_ever(self):
        tags = ("salt", "bees", "wax", "hives", "pears", "trees", "water", "wood")
        texts = [text(title=f"Post {n}", tags=tags[:: 1 if n % 2 else -1]) for n in range(10)]
        writer = UserFactory()

        assert at_once([partial(create_post, writer, each) for each in texts]) == {"ok": 10}


def test_tags_are_one_however_they_are_written():
    names = ("Apples", "apples ", "  winter   days", "", "C++", "木")
    post = create_post(UserFactory(), text(tags=names))
    again = create_post(UserFactory(), text(tags=("APPLES", "木")))

    assert {tag.name for tag in post.tags.all()} == {"Apples", "winter days", "C++", "木"}
    assert {tag.name for tag in again.tags.all()} == {"Apples", "木"}
    assert Tag.objects.count() == 4


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (299, 1), (420, 2), (2000, 10)])
def test_reading_takes_a_minute_for_two_hundred_words(words, minutes):
    assert minutes_to_read("word " * words) == minutes
    assert PostFactory(body="word " * words).reading_minutes == minutes


def test_a_scheduled_post_appears_by_the_clock_alone():
    post = scheduled()
    assert (post.state(), Post.objects.published().count()) == (PostState.SCHEDULED, 0)

    with time_machine.travel(post.publish_at - timedelta(seconds=1), tick=False):
        assert not Post.objects.published().exists()
    with time_machine.travel(post.publish_at, tick=False):
        assert Post.objects.published().get() == post
        assert post.state() == PostState.PUBLISHED


def test_publishing_and_taking_back():
    post = draft()
    publish(post)
    first = post.publish_at
    publish(post)  # repeating it changes nothing
    assert (post.is_published, post.publish_at) == (True, first)

    unpublish(post)
    unpublish(post)
    assert Post.objects.drafts().get() == post
    later = timezone.now() + timedelta(days=3)
    assert publish(post, at=later).state() == PostState.SCHEDULED


def test_a_picture_is_kept_in_two_sizes(no_files):
    post = with_cover()

    assert len(files()) == 2
    assert (post.cover.width, post.cover_small.width) == (1440, 720)


def test_replacing_and_removing_a_picture_leaves_no_orphan(no_files, django_capture_on_commit_callbacks):
    post = with_cover()
    before = set(files())
    with django_capture_on_commit_callbacks(execute=True):
        update_post(post, text(cover=cover_of(picture_file((800, 500))), cover_alt="Another"))
    assert len(files()) == 2
    assert not before & set(files())

    with django_capture_on_commit_callbacks(execute=True):
        update_post(post, text(cover=None, cover_alt="Another"))
    assert len(files()) == 2

    with django_capture_on_commit_callbacks(execute=True):
        update_post(post, text(cover=False))
    assert files() == []
    assert Post.objects.get(pk=post.pk).cover_alt == ""


@pytest.mark.parametrize("delete", [delete_post, lambda post: Post.objects.filter(pk=post.pk).delete()])
def test_deleting_a_post_leaves_no_orphan(delete, no_files, django_capture_on_commit_callbacks):
    post = with_cover()

    with django_capture_on_commit_callbacks(execute=True):
        delete(post)

    assert files() == []


def test_a_refused_post_leaves_no_picture_behind(no_files):
    PostFactory(slug="taken")

    with pytest.raises(SlugTaken):
        create_post(UserFactory(), text(slug="taken", cover=cover_of(picture_file()), cover_alt="x"))
    with pytest.raises(IntegrityError), transaction.atomic():
        create_post(UserFactory(), text(cover=cover_of(picture_file()), cover_alt=""))

    assert files() == []


def test_pictures_on_s3_leave_no_orphan_either(s3_server, settings, django_capture_on_commit_callbacks):
    bucket = s3_server.make_bucket("media")
    settings.STORAGES = settings.STORAGES | {"default": s3_server.storage(bucket)}
    client = s3_server.client()

    def keys() -> list[str]:
        return [stored["Key"] for stored in client.list_objects_v2(Bucket=bucket).get("Contents", [])]

    post = with_cover()
    assert sorted(keys()) == sorted([post.cover.name, post.cover_small.name])
    with django_capture_on_commit_callbacks(execute=True):
        update_post(post, text(cover=cover_of(picture_file()), cover_alt="Another"))
    assert sorted(keys()) == sorted([post.cover.name, post.cover_small.name])
    with django_capture_on_commit_callbacks(execute=True):
        delete_post(post)
    assert keys() == []


def test_who_leaves_takes_drafts_along_and_leaves_what_is_out(no_files, django_capture_on_commit_callbacks):
    user = UserFactory()
    out = with_cover(user)
    for unread in (draft(author=user), scheduled(author=user)):
        assert unread.author == user

    with django_capture_on_commit_callbacks(execute=True):
        delete_account(user)

    out.refresh_from_db()
    assert Post.objects.get() == out
    assert (out.author, out.byline) == (None, "A member of the studio")
    assert len(files()) == 2
