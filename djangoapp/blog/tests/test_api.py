"""Posts through the API: who reads, writes, changes and deletes what."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import TokenScope
from accounts.tokens import make_token
from blog.models import Post
from blog.tests.factories import PostFactory, author, draft, editor, member, scheduled, tagged, with_cover
from shop.tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"
TEXT = {"title": "Ten ways to prune", "summary": "And one not to.", "body": "Look *first*."}


def with_token(user, scope: str = TokenScope.WRITE) -> Client:
    _token, secret = make_token(user, name="A program", scope=scope)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def send(program: Client, method: str, path: str, told: dict | None = None):
    return getattr(program, method)(path, told or {}, content_type="application/json")


def slugs(answer) -> list[str]:
    return [row["slug"] for row in answer.json()["results"]]


def test_everybody_reads_what_is_out(client):
    post = tagged("bees", project=ProjectFactory(slug="hives"))
    hidden = [draft(), scheduled()]

    [row] = client.get(POSTS).json()["results"]

    assert (row["slug"], row["state"], row["tags"], row["project"]) == (
        post.slug,
        "published",
        ["bees"],
        "hives",
    )
    assert client.get(f"{POSTS}{post.slug}/").json() == {**row, "body": post.body}
    for other in hidden:
        assert client.get(f"{POSTS}{other.slug}/").status_code == 404


def test_a_project_that_is_not_published_is_not_named(client):
    PostFactory(project=ProjectFactory(slug="secret", is_published=False))

    assert [row["project"] for row in client.get(POSTS).json()["results"]] == [None]
    assert slugs(client.get(f"{POSTS}?project=secret")) == []


def test_no_address_of_an_author_is_told(client):
    post = PostFactory(author__first_name="", author__last_name="")

    assert post.author.email not in client.get(POSTS).text + client.get(f"{POSTS}{post.slug}/").text


@pytest.mark.parametrize("query", ["tag=bees", "project=hives", "q=honey"])
def test_posts_are_found(query, client):
    found = tagged("bees", project=ProjectFactory(slug="hives"), title="Honey at last")
    tagged("trees")

    assert slugs(client.get(f"{POSTS}?{query}")) == [found.slug]


def test_an_author_finds_their_own_drafts():
    writer = author()
    own = draft(author=writer)
    draft()

    assert slugs(with_token(writer, TokenScope.READ).get(f"{POSTS}?mine=true")) == [own.slug]
    assert with_token(writer, TokenScope.READ).get(f"{POSTS}{own.slug}/").json()["state"] == "draft"
    assert Client().get(f"{POSTS}?mine=true").status_code == 401


@pytest.mark.parametrize(
    ("who", "scope", "status"),
    [
        (member, "write", 201),
        (author, "write", 201),
        (editor, "write", 201),
        (UserFactory, "write", 403),
        (member, "read", 403),
        (member, "door", 403),
        (None, "", 401),
    ],
)
def test_who_may_write_writes(who, scope, status):
    program = with_token(who(), scope) if who else Client()

    answer = send(program, "post", POSTS, TEXT)

    assert answer.status_code == status
    assert Post.objects.filter(title=TEXT["title"]).exists() == (status == 201)


def test_what_is_written_is_a_draft_until_a_time_is_told():
    program = with_token(member())

    made = send(program, "post", POSTS, TEXT | {"tags": ["Winter", "tools"]}).json()
    assert (made["state"], made["slug"], sorted(made["tags"])) == (
        "draft",
        "ten-ways-to-prune",
        ["Winter", "tools"],
    )

    later = (timezone.now() + timedelta(days=2)).isoformat()
    assert (
        send(program, "patch", f"{POSTS}{made['slug']}/", {"publish_at": later}).json()["state"]
        == "scheduled"
    )
    now = timezone.now().isoformat()
    out = send(program, "patch", f"{POSTS}{made['slug']}/", {"publish_at": now}).json()
    assert (out["state"], out["body"], sorted(out["tags"])) == (
        "published",
        TEXT["body"],
        ["Winter", "tools"],
    )


@pytest.mark.parametrize(
    ("who", "scope", "status"),
    [
        ("author", "write", 200),
        ("editor", "write", 200),
        ("author", "read", 403),
        ("author", "door", 403),
        ("another", "write", 403),
        ("staff", "write", 403),
        ("nobody", "", 401),
    ],
)
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_post_is_its_authors_to_change(who, scope, status, method):
    writer = author()
    people = {
        "author": lambda: writer,
        "editor": editor,
        "another": author,
        "staff": lambda: UserFactory(is_staff=True),
    }
    post = PostFactory(author=writer)
    program = with_token(people[who](), scope) if who in people else Client()

    answer = send(program, method, f"{POSTS}{post.slug}/", {"title": "Changed"})

    expected = 204 if (method, status) == ("delete", 200) else status
    assert answer.status_code == expected
    kept = Post.objects.filter(pk=post.pk, title=post.title).exists()
    assert kept == (status != 200)


def test_somebody_elses_draft_is_not_there():
    post = draft()

    for method in ("patch", "delete"):
        assert send(with_token(author()), method, f"{POSTS}{post.slug}/").status_code == 404


def test_a_change_keeps_the_picture_and_its_words():
    writer = member()
    post = with_cover(writer)

    told = send(with_token(writer), "patch", f"{POSTS}{post.slug}/", {"title": "Changed"}).json()

    assert told["title"] == "Changed"
    assert told["cover"]["alt"] == "A hive in the snow"
    assert told["cover"]["url"].endswith(".webp")


def test_an_address_that_is_taken_is_refused_as_a_conflict():
    taken = PostFactory()

    answer = send(with_token(member()), "post", POSTS, TEXT | {"slug": taken.slug})

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert taken.slug in answer.json()["detail"]


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"slug": "new"}, "slug"),
        ({"slug": "no spaces"}, "slug"),
        ({"tags": ["x"] * 9}, "tags"),
        ({"tags": ["x" * 41]}, "tags.0"),
        ({"tags": ["salt, pepper"]}, "tags.0"),
        ({"project": "none-such"}, "project"),
        ({"publish_at": "soon"}, "publish_at"),
        ({"publish_at": "9999-12-31T23:59:59Z"}, "publish_at"),
        ({"publish_at": "0001-01-01T00:00:00Z"}, "publish_at"),
    ],
)
def test_what_is_wrong_is_told_by_name(wrong, name):
    answer = send(with_token(member()), "post", POSTS, TEXT | wrong)

    assert answer.status_code == 400
    assert [problem["name"] for problem in answer.json()["errors"]] == [name]
    assert not Post.objects.exists()


def test_a_long_list_costs_no_more_than_a_short_one(client):
    statements = {}
    for rows in (1, 30):
        while Post.objects.count() < rows:
            tagged("bees", project=ProjectFactory())
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(POSTS).json()["results"]) == rows
        statements[rows] = len(captured)

    assert statements[1] == statements[30] <= 4, statements
