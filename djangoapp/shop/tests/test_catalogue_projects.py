"""The list of projects, and a project's own page."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Membership
from shop.models import Project
from shop.tests.factories import (
    CategoryFactory,
    ProjectFactory,
    SessionFactory,
    TaxRuleFactory,
    cart_with,
    member,
    paid_order_for,
)
from shop.views.catalogue import DATES_PER_PAGE, PROJECTS_PER_PAGE

pytestmark = pytest.mark.django_db

NOW = timezone.now()
PAST = {"starts_at": NOW - timedelta(days=3), "ends_at": NOW - timedelta(days=3, hours=-2)}


def in_days(days: int) -> datetime:
    return NOW + timedelta(days=days)


def listed(response) -> list[str]:
    return [project.title for project in response.context["page"].rows]


# The list


def test_what_comes_next_stands_first_and_what_has_no_date_last(client):
    ProjectFactory(title="No date")
    SessionFactory(project__title="Later", starts_at=in_days(9))
    SessionFactory(project__title="Sooner", starts_at=in_days(2))
    SessionFactory(project__title="Only past", **PAST)
    SessionFactory(project__title="Hidden", project__is_published=False)

    assert listed(client.get("/projects/")) == ["Sooner", "Later", "No date", "Only past"]


def test_a_card_tells_how_many_dates_the_next_one_and_the_lowest_price(client):
    project = ProjectFactory(summary="Two young trees to take home.")
    SessionFactory(
        project=project, starts_at=datetime(2098, 11, 28, 23, 30, tzinfo=UTC), base_price=Decimal(90)
    )
    SessionFactory(
        project=project, starts_at=datetime(2098, 12, 28, 8, 0, tzinfo=UTC), base_price=Decimal("78.50")
    )
    SessionFactory(project=project, base_price=Decimal(5), is_published=False)
    SessionFactory(project=project, base_price=Decimal(5), **PAST)

    page = client.get("/projects/").content.decode()

    assert "2 dates, next on 29 November" in page  # the day in Zurich
    assert "from</small> CHF\xa078.50" in page
    assert "Two young trees to take home." in page


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ([], "No date at the moment"),
        ([{"base_price": Decimal(90)}], "One date, on"),
        ([{"base_price": Decimal(0)}, {}], "Free"),
    ],
)
def test_a_card_says_it_in_other_words_where_those_are_truer(client, dates, words):
    project = ProjectFactory()
    for fields in dates:
        SessionFactory(project=project, **fields)

    assert words in client.get("/projects/").content.decode()


@pytest.mark.parametrize(
    ("membership", "lowest"),
    [(Membership.BUSINESS, 80), (Membership.MEMBER, 60), (Membership.NONPROFIT, 50), ("", 80)],
)
def test_the_lowest_price_is_that_of_the_visitor(membership, lowest):
    project = ProjectFactory()
    SessionFactory(project=project, base_price=Decimal(80), member_price=Decimal(95))
    SessionFactory(project=project, base_price=Decimal(90), member_price=Decimal(60))
    SessionFactory(project=project, base_price=Decimal(90), nonprofit_price=Decimal(50))

    assert Project.objects.with_next_dates(membership).get().lowest_price == lowest


def test_members_see_their_price_in_the_list(client):
    SessionFactory(member_price=Decimal(70))
    client.force_login(member(Membership.MEMBER))

    assert "CHF\xa070" in client.get("/projects/").content.decode()


def test_the_projects_of_a_kind(client):
    clay = CategoryFactory(name="Clay", slug="clay")
    ProjectFactory(title="Bowls", category=clay)
    ProjectFactory(title="Grafting")

    response = client.get("/projects/", {"category": "clay"})

    assert listed(response) == ["Bowls"]
    assert "<title>Clay ·" in response.content.decode()
    assert response.content.decode().count('aria-current="page"') == 2  # the menu, and the kind


@pytest.mark.parametrize("category", ["submarines", "\x00", "x" * 5000])
def test_an_unknown_kind_shows_them_all(client, category):
    ProjectFactory(title="Bowls")

    assert listed(client.get("/projects/", {"category": category})) == ["Bowls"]


def test_a_kind_without_projects_is_not_offered(client):
    CategoryFactory(name="Empty kind")
    ProjectFactory(category=CategoryFactory(name="Clay"), is_published=False)
    ProjectFactory.create_batch(2)

    page = client.get("/projects/").content.decode()

    assert "Empty kind" not in page
    assert "Clay" not in page


def test_projects_come_in_pages(client):
    ProjectFactory.create_batch(PROJECTS_PER_PAGE + 1, category=CategoryFactory(slug="clay"))

    first = client.get("/projects/", {"category": "clay"})
    second = client.get("/projects/", {"category": "clay", "page": "2"})

    assert (len(listed(first)), len(listed(second))) == (PROJECTS_PER_PAGE, 1)
    assert 'rel="next" href="?category=clay&amp;page=2"' in first.content.decode()
    assert '/projects/?category=clay&amp;page=2">' in second.content.decode()


def test_an_empty_shop_says_so(client):
    assert "Nothing here yet" in client.get("/projects/").content.decode()


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_three_queries_whatever_was_booked(client, django_assert_num_queries, many):
    for session in SessionFactory.create_batch(many):
        paid_order_for((session, 2))
        SessionFactory(project=session.project)

    with django_assert_num_queries(3):  # kinds, projects, the next date of each
        client.get("/projects/")


# One project


def test_the_page_tells_the_project_and_every_date(client):
    project = ProjectFactory(
        title="A bowl from green wood",
        description="# What you do\n\nTurn [wet](https://example.org/) wood.",
        tax_rule=TaxRuleFactory(name="Standard rate", rate=Decimal("8.1")),
    )
    dates = [SessionFactory(project=project, starts_at=in_days(day), seats_taken=11) for day in (9, 2)]
    hidden = [
        SessionFactory(project=project, is_published=False),
        SessionFactory(project=project, **PAST),
        SessionFactory(),
    ]

    page = client.get(project.get_absolute_url()).content.decode()

    assert "<h2>What you do</h2>" in page
    assert '<a href="https://example.org/" rel="nofollow noopener">wet</a>' in page
    assert page.index(dates[1].slug) < page.index(dates[0].slug)
    assert not any(session.slug in page for session in hidden)
    assert page.count("1 place left") == 2
    assert "CHF\xa085" in page
    assert "Prices per place, 8.1\xa0% VAT included." in page


def test_the_page_shows_this_visitor_s_price(client):
    session = SessionFactory(member_price=Decimal(70))
    client.force_login(member(Membership.MEMBER))

    page = client.get(session.project.get_absolute_url()).content.decode()

    assert "<s>CHF\xa085</s> CHF\xa070" in page
    assert "Member price" in page


def test_a_project_without_dates_leads_to_others_of_its_kind(client):
    project = ProjectFactory(category=CategoryFactory(name="Clay", slug="clay"))

    page = client.get(project.get_absolute_url()).content.decode()

    assert "There is no date at the moment." in page
    assert 'href="/sessions/?category=clay"' in page


@pytest.mark.parametrize("path", ["/projects/no-such/", "/projects/%00/"])
def test_what_does_not_exist_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_what_is_not_published_is_not_found(client):
    project = ProjectFactory(is_published=False)

    assert client.get(project.get_absolute_url()).status_code == 404


def test_dates_come_in_pages(client):
    project = ProjectFactory(slug="bowls")
    SessionFactory.create_batch(DATES_PER_PAGE + 1, project=project)

    first, second = client.get("/projects/bowls/"), client.get("/projects/bowls/", {"page": "2"})

    assert (len(first.context["cards"]), len(second.context["cards"])) == (DATES_PER_PAGE, 1)
    assert 'rel="next" href="?page=2"' in first.content.decode()
    assert '/projects/bowls/?page=2">' in second.content.decode()


def test_search_engines_read_the_dates_as_a_list(client, settings):
    settings.SITE_URL = "https://shop.example"
    session = SessionFactory(slug="bowl", project__title="Bowls", project__summary="Wet wood, sharp steel.")

    page = client.get(session.project.get_absolute_url()).content.decode()

    data = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert data["itemListElement"] == [
        {"@type": "ListItem", "position": 1, "url": "https://shop.example/sessions/bowl/"}
    ]
    assert "<title>Bowls ·" in page
    assert '<meta name="description" content="Wet wood, sharp steel.">' in page


@pytest.mark.parametrize("many", [1, 29])
def test_the_page_costs_three_queries_whatever_was_booked(client, django_assert_num_queries, many):
    project = ProjectFactory()
    for session in SessionFactory.create_batch(many, project=project):
        paid_order_for((session, 2))
        cart_with((session, 1))

    with django_assert_num_queries(3):  # the project, its dates, and what is written about it
        response = client.get(project.get_absolute_url())

    assert len(response.context["cards"]) == many


@pytest.mark.parametrize("path", ["/projects/", "/projects/bowls/"])
def test_nobody_is_given_a_cookie_for_looking_around(client, path):
    SessionFactory(project__slug="bowls")

    assert client.get(path).cookies == {}
