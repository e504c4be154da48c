"""Posts in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from blog.models import Post, Tag
from blog.tests.factories import PostFactory, draft, scheduled, with_cover
from shop.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LIST = "admin:blog_post_changelist"


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize(("state", "title"), [("draft", "A"), ("scheduled", "B"), ("published", "C")])
def test_posts_are_found_by_their_state(owner, state, title):
    draft(title="Post A")
    scheduled(title="Post B")
    PostFactory(title="Post C")

    page = owner.get(reverse(LIST), {"state": state}).content.decode()

    assert [letter for letter in "ABC" if f"Post {letter}" in page] == [title]


@pytest.mark.parametrize(
    ("action", "make", "is_out"), [("publish", draft, True), ("unpublish", PostFactory, False)]
)
def test_posts_are_published_and_taken_back(owner, action, make, is_out):
    post = make()

    owner.post(reverse(LIST), {"action": action, "_selected_action": [post.pk]})

    post.refresh_from_db()
    assert post.is_published == is_out


def test_who_may_only_look_publishes_nothing():
    post = draft()
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_post"))
    client = Client()
    client.force_login(staff)

    client.post(reverse(LIST), {"action": "publish", "_selected_action": [post.pk]})

    post.refresh_from_db()
    assert not post.is_published


def test_a_post_is_shown_and_deleted_but_not_written(owner):
    post = with_cover()
    change = reverse("admin:blog_post_change", args=[post.pk])

    page = owner.get(change).content.decode()
    assert f"{post.get_absolute_url()}edit/" in page
    assert 'name="title"' not in page
    owner.post(reverse("admin:blog_post_delete", args=[post.pk]), {"post": "yes"})
    assert not Post.objects.exists()


def test_tags_are_named_anew(owner):
    tag = Tag.objects.create(name="Aples", slug="aples")

    owner.post(reverse("admin:blog_tag_change", args=[tag.pk]), {"name": "Apples", "slug": "apples"})

    tag.refresh_from_db()
    assert (tag.name, tag.slug) == ("Apples", "apples")
