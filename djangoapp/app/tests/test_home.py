"""The home page, and what robots read first."""

import json
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from app.views import NEXT_SESSIONS, PRIVATE_PATHS
from blog.tests.factories import PostFactory, draft
from polls.tests.factories import PollFactory
from shop.models import Project, Session
from shop.tests.factories import (
    CategoryFactory,
    ProjectFactory,
    SessionFactory,
    cart_with,
    member,
    paid_order_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public_address(settings):
    settings.SITE_URL = "https://shop.example"


def in_days(days: int):
    return timezone.now() + timedelta(days=days)


# Home


def test_the_home_page_shows_what_one_can_come_to_next(client):
    SessionFactory(project__title="Later", starts_at=in_days(9))
    SessionFactory(project__title="Sooner", starts_at=in_days(2))
    SessionFactory(project__title="Full", starts_at=in_days(1), capacity=1, seats_taken=1)
    SessionFactory(project__title="Hidden", is_published=False)

    response = client.get("/")

    assert [card.session.title for card in response.context["cards"]] == ["Sooner", "Later"]
    assert "Sooner" in response.content.decode()


def test_it_shows_a_handful_and_leads_to_the_rest(client):
    SessionFactory.create_batch(NEXT_SESSIONS + 1)

    response = client.get("/")

    assert len(response.context["cards"]) == NEXT_SESSIONS
    for way in ('href="/sessions/"', 'href="/sessions/?view=month"', 'name="q"', 'href="/sessions/?free=1"'):
        assert way in response.content.decode()


def test_it_leads_to_each_kind(client):
    ProjectFactory(category=CategoryFactory(name="Clay", slug="clay"))
    CategoryFactory(name="Empty kind")

    page = client.get("/").content.decode()

    assert 'href="/sessions/?category=clay">Clay</a>' in page
    assert "Empty kind" not in page


def test_it_shows_this_visitor_s_price(client):
    SessionFactory(member_price=Decimal(70))
    client.force_login(member(Membership.MEMBER))

    assert "<s>CHF\xa085</s> CHF\xa070" in client.get("/").content.decode()


def test_without_free_places_it_says_what_to_do(client):
    assert "No free places at the moment" in client.get("/").content.decode()


def test_search_engines_read_who_we_are(client, settings):
    page = client.get("/").content.decode()

    data = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert (data["@type"], data["name"]) == ("Organization", settings.SITE_NAME)
    assert '<link rel="canonical" href="https://shop.example/">' in page


@pytest.mark.parametrize("many", [1, 30])
def test_it_costs_two_queries_whatever_was_booked(client, django_assert_num_queries, many):
    for session in SessionFactory.create_batch(many):
        paid_order_for((session, 2))
        cart_with((session, 1))

    with django_assert_num_queries(2):  # sessions, kinds
        client.get("/")


def test_nobody_is_given_a_cookie_for_looking_around(client):
    SessionFactory()

    assert client.get("/").cookies == {}


# Robots and the map


def test_robots_keep_out_of_what_belongs_to_one_visitor(client, settings):
    text = client.get("/robots.txt").content.decode()

    for name in ("shop:cart", "shop:checkout", "shop:bookings", "account_login", "todos:list_index"):
        assert reverse(name).startswith(PRIVATE_PATHS)
    for path in PRIVATE_PATHS:
        assert f"Disallow: {path}\n" in text
    assert "Sitemap: https://shop.example/sitemap.xml\n" in text
    assert settings.ADMIN_URL not in text


def locations(response) -> list[str]:
    return [
        node.text for node in ElementTree.fromstring(response.content).iter() if node.tag.endswith("}loc")
    ]


def test_the_map_has_all_that_may_be_found(client):
    session = SessionFactory(slug="bowl", project__slug="bowls")
    SessionFactory(project=session.project, is_published=False)
    SessionFactory(project=session.project, starts_at=in_days(-3))
    ProjectFactory(slug="hidden", is_published=False)
    PostFactory(slug="on-bowls")
    draft(slug="unfinished")
    PollFactory(slug="next-course")
    PollFactory(slug="ours", audience="members")
    PollFactory(slug="hidden", is_published=False)

    index = locations(client.get("/sitemap.xml"))
    found = [
        address
        for part in ("pages", "projects", "sessions", "posts", "polls")
        for address in locations(client.get(f"/sitemap-{part}.xml"))
    ]

    assert [address.partition("/sitemap-")[2] for address in index] == [
        "pages.xml",
        "projects.xml",
        "sessions.xml",
        "posts.xml",
        "polls.xml",
    ]
    assert found == [
        "https://shop.example/",
        "https://shop.example/sessions/",
        "https://shop.example/projects/",
        "https://shop.example/blog/",
        "https://shop.example/polls/",
        "https://shop.example/projects/bowls/",
        "https://shop.example/sessions/bowl/",
        "https://shop.example/blog/on-bowls/",
        "https://shop.example/polls/next-course/",
    ]


def test_the_map_says_when_something_changed(client):
    session = SessionFactory()
    Session.objects.update(updated_at="2026-05-01T10:00:00Z")
    Project.objects.update(updated_at="2026-06-01T10:00:00Z")

    assert b"<lastmod>2026-05-01</lastmod>" in client.get("/sitemap-sessions.xml").content
    assert b"<lastmod>2026-06-01</lastmod>" in client.get("/sitemap-projects.xml").content
    assert b"2026-06-01T" in client.get("/sitemap.xml").content
    assert session.slug.encode() in client.get("/sitemap-sessions.xml").content


def test_a_long_map_comes_in_parts(client, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("app.sitemaps.ShopSitemap.limit", 10)
    SessionFactory.create_batch(25, project=ProjectFactory())

    with django_assert_num_queries(8):  # how many, and how new, of each
        index = locations(client.get("/sitemap.xml"))
    with django_assert_num_queries(2):
        last = locations(client.get("/sitemap-sessions.xml?p=3"))

    assert len(index) == 7
    assert len(last) == 5


@pytest.mark.parametrize(
    "path", ["/sitemap-submarines.xml", "/sitemap-sessions.xml?p=9", "/sitemap-sessions.xml?p=x"]
)
def test_there_is_no_other_part(client, path):
    assert client.get(path).status_code == 404


# Bad news


@pytest.mark.parametrize("path", ["/no-such-page/", "/wp-login.php", "/sessions/no-such/", "/%00"])
def test_a_page_that_does_not_exist_leads_on(client, path):
    response = client.get(path)

    page = response.content.decode()
    assert response.status_code == 404
    assert 'href="/sessions/"' in page
    assert '<meta name="robots" content="noindex">' in page
    assert response.cookies == {}


def test_whoever_rolls_a_version_out_can_see_it_arrive(client, settings):
    settings.VERSION, settings.COMMIT, settings.CHART_VERSION = "1.2.3", "0123abc", "1.2.0"

    answer = client.get("/version")

    assert answer.json() == {"version": "1.2.3", "commit": "0123abc", "chart": "1.2.0"}
    assert "no-store" in answer["Cache-Control"]
