"""Pages that show several apps at once: posts with dates and polls, projects with posts, the search."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.tests.factories import PostFactory, draft, scheduled, tagged
from polls.tests.factories import PollFactory
from shop.tests.factories import ProjectFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


def html(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        html(client, address)
    return len(asked)


@pytest.mark.parametrize("make", [PostFactory, draft])
def test_a_post_shows_the_next_dates_of_its_project(client, make):
    post = make(project=ProjectFactory(title="Grafting"))
    soon, *_rest = [
        SessionFactory(
            project=post.project,
            starts_at=timezone.now() + timedelta(days=days),
            capacity=2,
            place_name=f"Room {days}",
        )
        for days in (3, 9, 20, 30)
    ]
    SessionFactory(project=post.project, starts_at=timezone.now() - timedelta(days=3), place_name="Gone")

    page = html(client, post.get_absolute_url() if post.is_published else post.get_preview_url())

    assert [days for days in (3, 9, 20, 30) if f"Room {days}" in page] == [3, 9, 20]
    assert soon.get_absolute_url() in page
    assert "2 places left" in page
    assert "Gone" not in page


def test_a_post_about_a_project_without_dates_says_so(client):
    assert "There is no date at the moment." in html(
        client, PostFactory(project=ProjectFactory()).get_absolute_url()
    )


@pytest.mark.parametrize(
    "project", [lambda: None, lambda: ProjectFactory(is_published=False, title="Secret")]
)
def test_a_post_about_nothing_that_is_offered_shows_no_dates(client, project):
    page = html(client, PostFactory(project=project()).get_absolute_url())

    assert 'class="dates"' not in page
    assert "Secret" not in page


def test_a_poll_within_a_post_is_open_for_votes(client):
    PollFactory(slug="next", question="Baskets or bowls?")
    post = PostFactory(body="Tell us.\n\n[poll:next]")

    page = html(client, post.get_absolute_url())

    assert "Baskets or bowls?" in page
    assert "css/polls.css" in page
    assert "css/polls.css" not in html(client, PostFactory().get_absolute_url())
    assert f'name="back" value="{post.get_absolute_url()}"' in page


def test_a_project_shows_its_latest_posts(client):
    project = ProjectFactory()
    for days in range(1, 5):
        PostFactory(
            project=project, title=f"Told {days} days ago", publish_at=timezone.now() - timedelta(days=days)
        )
    scheduled(project=project, title="To come")
    PostFactory(title="Elsewhere")

    page = html(client, project.get_absolute_url())

    assert [days for days in range(1, 5) if f"Told {days} days ago" in page] == [1, 2, 3]
    assert "To come" not in page
    assert "Elsewhere" not in page
    assert "From our blog" not in html(client, ProjectFactory().get_absolute_url())


def test_the_search_finds_sessions_projects_and_posts(client):
    with_date = SessionFactory(project=ProjectFactory(title="Grafting pears")).project
    without_date = ProjectFactory(title="Picking pears")
    post = PostFactory(title="Pears in winter")
    draft(title="Pears of mine")

    page = html(client, "/search/?q=pears")

    for found in (with_date.title, without_date.title, post.title):
        assert found in page
    assert "Pears of mine" not in page
    assert 'content="noindex, follow"' in page


@pytest.mark.parametrize(
    "words", ["", "   ", "nothing-speaks-of-this", "%00", "<script>alert(1)</script>", "x" * 5000]
)
def test_the_search_bears_whatever_is_asked(client, words):
    PostFactory()
    SessionFactory()

    page = html(client, f"/search/?q={words}")

    assert "card session" not in page
    assert "<script>alert" not in page


def test_the_header_leads_to_the_search_and_the_blog(client):
    page = html(client, "/polls/")

    assert 'action="/search/"' in page
    assert '<a href="/blog/">' in page


@pytest.mark.parametrize("address", ["/search/?q=pears", "/blog/pears/", "/projects/pears/"])
def test_these_pages_cost_the_same_with_one_and_with_many(client, address):
    project = ProjectFactory(title="Pears", slug="pears")
    main = tagged("pears", project=project, slug="pears", title="Pears", author=UserFactory())
    PostFactory(publish_at=main.publish_at + timedelta(seconds=1))
    PostFactory(publish_at=main.publish_at - timedelta(seconds=1))
    SessionFactory(project=project)
    one = queries(client, address)

    for number in range(3):
        SessionFactory(project=project)
        SessionFactory(project=ProjectFactory(title=f"Pears {number}"))
        tagged(f"pears-{number}", project=project, title="Pears")

    assert queries(client, address) == one <= 6


def test_pictures_on_disk_are_served_and_nothing_else(client, media_on_disk, settings):
    (media_on_disk / "blog").mkdir(parents=True)
    (media_on_disk / "blog" / "hive.webp").write_bytes(b"a picture")
    (media_on_disk.parent / "secret.txt").write_text("a secret")

    response = client.get("/media/blog/hive.webp")
    assert b"".join(response.streaming_content) == b"a picture"
    assert "immutable" in response["Cache-Control"]
    assert response["Content-Type"] == "image/webp"
    for path in ("blog/", "../secret.txt", "blog/..%2f..%2fsecret.txt", "/etc/passwd", "blog/none.webp"):
        assert client.get(f"/media/{path}").status_code in {400, 404}, path
    settings.MEDIA_BUCKET = "pictures"
    assert client.get("/media/blog/hive.webp").status_code == 404
