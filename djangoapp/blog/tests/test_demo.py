"""The demo's posts: real texts in all states, and nothing new when loaded again."""

import pytest
from django.core.files.base import ContentFile

from accounts.tests.people import make_user, picture_file
from blog import demo
from blog.models import Post, PostState
from blog.services import update_post
from blog.tests.factories import text
from shop.tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


def test_the_demo_shows_every_state(client):
    make_user(demo.MIRA, first_name="Mira", last_name="Aebi")
    project = ProjectFactory(slug="an-hour-with-forty-thousand-bees", picture_alt="A hive")
    project.picture.save("hive.png", ContentFile(picture_file().read()))

    demo.load(lambda line: None)

    assert {post.state() for post in Post.objects.all()} == set(PostState)
    assert Post.objects.published().count() >= 6
    post = Post.objects.get(slug="forty-thousand-guests")
    assert (post.byline, post.project, post.cover_alt) == ("Mira Aebi", project, "A hive")
    assert post.cover.width == 1440
    for post in Post.objects.published():
        assert client.get(post.get_absolute_url()).status_code == 200


def test_loading_it_again_changes_nothing():
    said = []
    demo.load(said.append)
    moved = Post.objects.get(slug="a-starter-called-hermann")
    update_post(moved, text(slug="hermann"))
    before = list(Post.objects.values())

    demo.load(said.append)

    assert list(Post.objects.values()) == before
    assert said == ["9 new posts", "0 new posts"]
