"""Reading posts: lists, one post, search, feeds, and what hostile texts become."""

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import feedparser
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog.models import Post
from blog.services import update_post
from blog.tests.factories import PostFactory, draft, scheduled, tagged, text, with_cover
from shop.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def html(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_the_list_shows_what_is_out_the_latest_first(client):
    older = PostFactory(title="Older", publish_at=timezone.now() - timedelta(days=9))
    newer = PostFactory(title="Newer")
    draft(title="Draft")
    scheduled(title="To come")

    page = html(client, "/blog/")

    assert page.index(newer.title) < page.index(older.title)
    assert "Draft" not in page
    assert "To come" not in page


def test_the_list_goes_on_on_further_pages(client):
    PostFactory.create_batch(13)

    assert html(client, "/blog/").count("post-card") == 12
    second = html(client, "/blog/?page=2")
    assert second.count("post-card") == 1
    assert 'href="http://127.0.0.1:8081/blog/?page=2"' in second
    assert "There is nothing on this page" in html(client, "/blog/?page=3")


@pytest.mark.parametrize("page", ["", "?q=bees", "?q=nothing-speaks-of-this"])
def test_an_empty_blog_has_a_page(client, page):
    assert "post-card" not in html(client, f"/blog/{page}")


def test_tags_authors_and_months_gather_posts(client):
    user = UserFactory(first_name="Mira", last_name="Aebi")
    shown = tagged("bees", author=user, publish_at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC), title="Shown")
    tagged("wood", publish_at=datetime(2026, 1, 31, 22, 30, tzinfo=UTC), title="Elsewhere")

    # Half past eleven in Greenwich is the first of February in Zürich.
    for address in ("/blog/tags/bees/", f"/blog/authors/{user.pk}/", "/blog/archive/2026/2/"):
        page = html(client, address)
        assert shown.title in page
        assert "Elsewhere" not in page
    assert "Mira Aebi" in html(client, f"/blog/authors/{user.pk}/")
    assert "January 2026" in html(client, "/blog/")


@pytest.mark.parametrize(
    "address",
    ["/blog/tags/drafts-only/", "/blog/archive/2026/1/", "/blog/archive/9999/12/", "/blog/archive/0/1/"],
)
def test_gatherings_of_nothing_are_not_there(client, address):
    draft().tags.create(name="Drafts only", slug="drafts-only")

    assert client.get(address).status_code == 404


def test_an_author_who_only_has_drafts_is_not_told(client):
    user = draft().author

    assert client.get(f"/blog/authors/{user.pk}/").status_code == 404


def test_an_e_mail_address_never_shows(client):
    nameless = UserFactory(first_name="", last_name="", email="secret@example.org")
    post = PostFactory(author=nameless)

    for address in ("/blog/", post.get_absolute_url(), f"/blog/authors/{nameless.pk}/", "/blog/feed/atom/"):
        page = html(client, address)
        assert "secret@" not in page
        assert "A member of the studio" in page


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("smoke", True),
        ("SMOKE keller", True),
        ("apiary", True),
        ("forty thousand", True),
        ("smoke wood", False),
        ("%", False),
        ("_", False),
        ("\x00smoke", True),
        ("'; drop table", False),
    ],
)
def test_the_search_finds_posts_that_speak_of_every_word(client, words, is_found):
    tagged("apiary", title="Bees", author=UserFactory(first_name="Ana", last_name="Keller"))
    draft(title="Smoke keller apiary")

    page = html(client, f"/blog/?q={words}".replace("%", "%25").replace("\x00", "%00"))

    assert ("post-card" in page) == is_found
    assert 'content="noindex, follow"' in page


def test_a_post_tells_its_neighbours(client):
    old, middle, new = (
        PostFactory(title=title, publish_at=timezone.now() - timedelta(days=days))
        for title, days in (("Oldest", 3), ("Middle", 2), ("Newest", 1))
    )
    scheduled(title="To come")

    page = html(client, middle.get_absolute_url())

    assert re.search(r'rel="prev" href="([^"]+)', page)[1] == old.get_absolute_url()
    assert re.search(r'rel="next" href="([^"]+)', page)[1] == new.get_absolute_url()
    assert "To come" not in html(client, new.get_absolute_url())


def test_neighbours_of_one_instant_form_a_chain(client):
    at = timezone.now() - timedelta(days=1)
    posts = PostFactory.create_batch(3, publish_at=at)

    walked = [posts[2]]
    while older := Post.objects.published().last_before(walked[-1]):
        walked.append(older)

    assert walked == posts[::-1]
    assert Post.objects.published().next_after(posts[0]) == posts[1]


def test_a_former_address_leads_on_for_a_while(client):
    post = PostFactory(slug="old")
    update_post(post, text(slug="moved", publish_at=post.publish_at))

    response = client.get("/blog/old/")

    assert (response.status_code, response["Location"]) == (301, "/blog/moved/")
    assert "max-age=3600" in response["Cache-Control"]


def test_a_former_address_of_a_draft_tells_nothing(client):
    post = draft(slug="old")
    update_post(post, text(slug="moved"))

    assert client.get("/blog/old/").status_code == 404


def test_a_scheduled_post_opens_when_its_time_comes(client):
    post = scheduled()
    address = post.get_absolute_url()

    assert client.get(address).status_code == 404
    with time_machine.travel(post.publish_at + timedelta(seconds=1)):
        assert post.title in html(client, address)
        assert post.title in html(client, "/blog/")
        assert post.title in html(client, "/blog/feed/rss/")
        assert address in html(client, "/sitemap-posts.xml")


def test_the_preview_link_opens_for_whoever_has_it(client):
    post = draft(title="Not out yet")

    page = client.get(post.get_preview_url())

    assert "Not out yet" in page.content.decode()
    assert 'content="noindex, nofollow"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "/edit/" not in page.content.decode()
    assert client.get(post.get_preview_url()[:-3] + "xx/").status_code == 404
    assert client.get(reverse("blog:post_draft", args=[draft().pk, post.token])).status_code == 404


def test_the_preview_link_of_a_published_post_leads_to_its_page(client):
    post = PostFactory()

    assert client.get(post.get_preview_url())["Location"] == post.get_absolute_url()


def test_the_page_tells_machines_what_it_is(client):
    post = with_cover(UserFactory(first_name="Mira", last_name="Aebi"))
    page = html(client, post.get_absolute_url())

    data = json.loads(re.search(r'<script type="application/ld\+json">(.+?)</script>', page)[1])
    assert data["@type"] == "BlogPosting"
    assert data["headline"] == post.title
    assert data["datePublished"] == post.publish_at.isoformat()
    assert data["author"]["name"] == "Mira Aebi"
    assert data["image"] == [f"http://127.0.0.1:8081{post.cover.url}"]
    assert '<meta property="og:type" content="article">' in page
    assert f'<meta property="og:image" content="{data["image"][0]}">' in page
    assert f"{post.cover_small.url} 720w, {post.cover.url} 1440w" in page
    assert 'alt="A hive in the snow"' in page


@pytest.mark.parametrize(("name", "version"), [("rss", "rss20"), ("atom", "atom10")])
def test_feeds_are_read_by_a_reader_of_feeds(client, name, version):
    post = tagged("bees", title="Bees & <b>honey</b>", summary="“So” it is", slug="honey")
    draft(title="Draft")
    scheduled(title="To come")
    response = client.get(f"/blog/feed/{name}/")

    feed = feedparser.parse(response.content)

    assert (feed.bozo, feed.version) == (False, version)
    assert feed.feed.link == "http://127.0.0.1:8081/blog/"
    [entry] = feed.entries
    assert entry.title.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">") == post.title
    assert (entry.link, entry.summary) == ("http://127.0.0.1:8081/blog/honey/", "“So” it is")
    assert [tag.term for tag in entry.tags] == ["bees"]
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == post.publish_at.replace(microsecond=0)
    update_post(post, text(slug="mead", publish_at=post.publish_at))
    [again] = feedparser.parse(client.get(f"/blog/feed/{name}/").content).entries
    assert (again.id, again.link) == (entry.id, "http://127.0.0.1:8081/blog/mead/")


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_an_empty_feed_is_a_feed(client, name):
    feed = feedparser.parse(client.get(f"/blog/feed/{name}/").content)

    assert (feed.bozo, feed.entries) == (False, [])


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    '<iframe src="https://evil.example"></iframe>',
    '<object data="https://evil.example"></object><embed src="https://evil.example">',
    '<form action="https://evil.example"><button>Sign in</button></form>',
    "</div></main></body></html><h1>Mine</h1>",
    "</article><aside>",
    "<!--",
    "<style>*{display:none}</style>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example">',
    '<p id="main" class="top" style="position:fixed">',
    "<svg/onload=alert(1)>",
    "{% load static %}{{ settings.SECRET_KEY }}",
    "[poll:</p><script>alert(1)</script>]",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "]]></description><script>",
    "&lt;script&gt;",
    "\x00\u202e\ufeff",
    "> " * 300 + "deep",
    "- " * 300 + "deep",
    "*" * 3000,
    "[" * 3000,
    "# " + "A" * 3000,
    "| a |\n| - |\n" + "| b |\n" * 500,
]


class Outline(HTMLParser):
    """Where the elements of a page open and close, and the attributes that would run something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.opened: dict[str, int] = {}
        self.closed: dict[str, int] = {}
        self.dangers: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.opened[tag] = self.opened.get(tag, 0) + 1
        self.dangers += [
            f"{tag} {name}" for name, _value in attrs if name.startswith("on") or name == "style"
        ]
        self.dangers += [
            f"{tag} {value}"
            for name, value in attrs
            if name in {"href", "src", "action"} and "javascript:" in (value or "").lower()
        ]

    def handle_endtag(self, tag: str) -> None:
        self.closed[tag] = self.closed.get(tag, 0) + 1


@pytest.mark.parametrize("nasty", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_post_breaks_no_page(client, nasty):
    line = " ".join(nasty.replace("\x00", "").split())
    calm = PostFactory(slug="calm")
    frame = Outline(html(client, calm.get_absolute_url()))
    calm.delete()
    post = tagged("x", body=nasty.replace("\x00", ""), title=line[:120], summary=line[:240], slug="nasty")

    for address in (post.get_absolute_url(), "/blog/", "/blog/tags/x/", post.get_preview_url()):
        page = Outline(client.get(address, follow=True).content.decode())
        assert page.dangers == []
        for tag in ("main", "body", "html", "article", "head", "title", "header", "footer", "div", "form"):
            assert page.opened.get(tag) == page.closed.get(tag), (address, tag)
        for tag in ("iframe", "object", "embed", "base", "style", "svg/onload"):
            assert tag not in page.opened, (address, tag)
    shown = Outline(html(client, post.get_absolute_url()))
    for tag in ("script", "form", "meta", "h1", "main"):
        # The tag of the post is one word more for social networks.
        assert shown.opened.get(tag) == frame.opened.get(tag) + (tag == "meta"), tag
    for feed in ("rss", "atom"):
        assert not feedparser.parse(client.get(f"/blog/feed/{feed}/").content).bozo


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize(
    ("address", "most"),
    [("/blog/", 4), ("/blog/?q=smoke", 2), ("/blog/tags/bees/", 3), ("/blog/feed/atom/", 2)],
)
def test_lists_cost_the_same_with_one_post_and_with_many(client, address, most):
    tagged("bees")
    one = queries(client, address)
    for number in range(4):
        tagged("bees", f"tag {number}".replace(" ", "-"))

    assert queries(client, address) == one <= most


def test_the_page_of_a_post_costs_the_same_among_many(client):
    post = tagged("bees", publish_at=timezone.now() - timedelta(days=1))
    PostFactory(publish_at=timezone.now() - timedelta(days=2))
    PostFactory()
    few = queries(client, post.get_absolute_url())
    for number in range(4):
        tagged("bees", f"tag-{number}")
    post.tags.add(*(tag for other in Post.objects.all() for tag in other.tags.all()))

    assert queries(client, post.get_absolute_url()) == few <= 4


def test_a_text_that_looks_like_the_token_of_a_form_is_only_a_text(client):
    """Nobody has a cookie yet, and no page of the blog needs one."""
    looks = 'name="csrfmiddlewaretoken" value="x"'
    post = PostFactory(summary=looks, body=f"Write `{looks}` there.")

    for address in ("/blog/", post.get_absolute_url(), "/blog/feed/rss/", "/blog/feed/atom/"):
        assert "csrfmiddlewaretoken" in html(client, address)
