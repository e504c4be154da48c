"""The list of sessions: what it shows, how it is filtered, and what it costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Membership
from shop.models import Session
from shop.services.pricing import price_for
from shop.tests.factories import (
    CategoryFactory,
    ProjectFactory,
    SessionFactory,
    UserFactory,
    cart_with,
    member,
    paid_order_for,
)
from shop.views.catalogue import SESSIONS_PER_PAGE

pytestmark = pytest.mark.django_db

LIST = "/sessions/"


def titled(title: str, **fields) -> Session:
    return SessionFactory(project__title=title, **fields)


def in_days(days: float):
    return timezone.now() + timedelta(days=days)


def titles(response) -> list[str]:
    """What the list shows, from top to bottom."""
    return [card.session.title for _month, cards in response.context["months"] for card in cards]


def test_the_list_shows_what_comes_soonest_first(client):
    titled("Later", starts_at=in_days(9))
    titled("Sooner", starts_at=in_days(2))

    response = client.get(LIST)

    assert titles(response) == ["Sooner", "Later"]
    assert response.content.index(b"Sooner") < response.content.index(b"Later")


@pytest.mark.parametrize(
    "hidden",
    [
        {"is_published": False},
        {"project__is_published": False},
        {"starts_at": timezone.now() - timedelta(hours=1)},
    ],
    ids=["unpublished", "of an unpublished project", "started"],
)
def test_what_nobody_can_come_to_is_not_shown(client, hidden):
    SessionFactory(**hidden)

    assert titles(client.get(LIST)) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"capacity": 12, "seats_taken": 4}, "8 places left"),
        ({"capacity": 12, "seats_taken": 9}, "3 places left"),
        ({"capacity": 12, "seats_taken": 11}, "1 place left"),
        ({"capacity": 12, "seats_taken": 12}, "Sold out"),
        ({"sales_start_at": timezone.now() + timedelta(days=1)}, "On sale soon"),
        ({"sales_end_at": timezone.now() - timedelta(days=1)}, "Sales have ended"),
    ],
)
def test_each_card_says_how_many_places_are_left(client, fields, words):
    SessionFactory(**fields)

    assert words in client.get(LIST).content.decode()


@pytest.mark.parametrize(("taken", "is_few"), [(8, False), (9, True), (11, True)])
def test_few_places_stand_out(client, settings, taken, is_few):
    settings.SHOP_FEW_PLACES = 3
    SessionFactory(capacity=12, seats_taken=taken)

    assert ('badge few"' in client.get(LIST).content.decode()) == is_few


def test_places_whose_hold_has_run_out_are_shown_as_free(client):
    session = SessionFactory(capacity=2)
    cart = cart_with((session, 2))

    assert "Sold out" in client.get(LIST).content.decode()
    cart.lines.update(held_until=timezone.now() - timedelta(seconds=1))
    assert "2 places left" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("membership", "shown", "reason"),
    [
        (Membership.BUSINESS, "CHF\xa085", ""),
        (Membership.MEMBER, "CHF\xa070.50", "Member price"),
        (Membership.NONPROFIT, "CHF\xa060", "Nonprofit price"),
    ],
)
def test_the_price_is_this_visitor_s_beside_the_one_it_replaces(client, membership, shown, reason):
    SessionFactory(member_price=Decimal("70.50"), nonprofit_price=Decimal(60))
    client.force_login(member(membership))

    page = client.get(LIST).content.decode()

    assert shown in page
    assert ("<s>CHF\xa085</s>" in page) == bool(reason)
    assert reason in page


def test_a_membership_that_nobody_approved_changes_no_price(client):
    user = UserFactory()
    user.profile.membership_type, user.profile.membership_status = "member", "pending"
    user.profile.save()
    SessionFactory(member_price=Decimal(1))
    client.force_login(user)

    assert "<s>" not in client.get(LIST).content.decode()


def test_times_are_those_of_the_place_and_say_so(client):
    SessionFactory(starts_at=timezone.now().replace(month=1, day=15, hour=10, minute=0, second=0, year=2099))
    titled("Tiles", time_zone="Asia/Tokyo", starts_at=in_days(3).replace(hour=20, minute=15))

    page = client.get(LIST).content.decode()

    assert '11:00 – 14:00</time> <span class="zone">(Zurich time)' in page
    assert '05:15 – 08:15</time> <span class="zone">(Tokyo time)' in page


# Filters


def test_the_search_looks_for_every_word_in_project_place_and_host(client):
    titled("Grafting trees", place_name="Garden house", host=UserFactory(first_name="Mira", last_name="Aebi"))
    titled("Bowls", place_name="Kiln room")

    assert titles(client.get(LIST, {"q": "garden graft"})) == ["Grafting trees"]
    assert titles(client.get(LIST, {"q": "kiln"})) == ["Bowls"]
    assert titles(client.get(LIST, {"q": "mira aebi"})) == ["Grafting trees"]
    assert titles(client.get(LIST, {"q": "kiln graft"})) == []
    assert titles(client.get(LIST, {"q": "100%_"})) == []


def test_the_list_of_a_kind(client):
    clay = CategoryFactory(name="Clay", slug="clay")
    titled("Bowls", project__category=clay)
    titled("Grafting")

    assert titles(client.get(LIST, {"category": "clay"})) == ["Bowls"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"from": "2098-12-05"}, ["On the 5th", "On the 6th"]),
        ({"to": "2098-12-05"}, ["On the 4th", "On the 5th"]),
        ({"from": "2098-12-05", "to": "2098-12-05"}, ["On the 5th"]),
        ({"from": "2098-12-07"}, []),
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/Zurich", "Pacific/Pago_Pago"])
def test_days_are_those_of_the_place(client, settings, asked, found, zone):
    """From one end of the earth to the other, whatever the server's own zone."""
    settings.TIME_ZONE = "America/New_York"
    for day in (4, 5, 6):
        session = titled(f"On the {day}th", time_zone=zone)
        session.starts_at = timezone.datetime(2098, 12, day, 0, 5, tzinfo=session.tz)
        session.ends_at = session.starts_at + timedelta(hours=23)
        session.save()

    assert titles(client.get(LIST, asked)) == found


@pytest.mark.parametrize(
    "unbookable",
    [
        {"seats_taken": 12},
        {"sales_start_at": timezone.now() + timedelta(days=1)},
        {"sales_end_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_only_what_has_places_left(client, unbookable):
    titled("Full", **unbookable)
    titled("Free")

    assert titles(client.get(LIST, {"free": "1"})) == ["Free"]


def test_online_or_in_the_studio(client):
    titled("Online", place_name="", online_url="https://meet.example/x")
    titled("Here")

    assert titles(client.get(LIST, {"where": "online"})) == ["Online"]
    assert titles(client.get(LIST, {"where": "studio"})) == ["Here"]


@pytest.mark.parametrize("membership", [*Membership, ""])
@pytest.mark.parametrize("limit", ["0", "60", "69.99", "70", "84.99", "85", "200"])
def test_the_price_filter_agrees_with_the_price_that_is_shown(membership, limit):
    for special in (
        {},
        {"member_price": 70},
        {"nonprofit_price": 60},
        {"member_price": 0, "nonprofit_price": 99},
    ):
        SessionFactory(**{name: Decimal(value) for name, value in special.items()})

    found = Session.objects.costing_at_most(Decimal(limit), membership)

    shown = {pk for pk, price in _prices(membership) if price <= Decimal(limit)}
    assert {session.pk for session in found} == shown


def _prices(membership: str):
    return [
        (session.pk, price_for(session, membership, at=timezone.now()).price)
        for session in Session.objects.all()
    ]


def test_a_price_of_zero_finds_what_is_free(client):
    titled("Open bench", base_price=Decimal(0))
    SessionFactory()

    response = client.get(LIST, {"price": "0"})

    assert titles(response) == ["Open bench"]
    assert "up to CHF\xa00" in response.content.decode()


def test_each_filter_in_force_can_be_taken_away_by_itself(client):
    ProjectFactory(category=CategoryFactory(name="Clay", slug="clay"))

    response = client.get(LIST, {"q": "bowl", "category": "clay", "price": "80.50", "free": "1", "page": "2"})

    assert [(chip.label, chip.url) for chip in response.context["chips"]] == [
        ("“bowl”", "/sessions/?category=clay&price=80.5&free=1"),
        ("Clay", "/sessions/?q=bowl&price=80.5&free=1"),
        ("up to CHF\xa080.50", "/sessions/?q=bowl&category=clay&free=1"),
        ("With places left", "/sessions/?q=bowl&category=clay&price=80.5"),
    ]
    assert "Take all away" in response.content.decode()


def test_nothing_found_says_what_to_do(client):
    SessionFactory()

    page = client.get(LIST, {"q": "submarine"}).content.decode()

    assert "No session fits these filters" in page
    assert "Show all sessions" in page


def test_an_empty_shop_says_so(client):
    page = client.get(LIST).content.decode()

    assert "No dates at the moment" in page
    assert "No session fits" not in page


SILLY = [
    {"from": "2026-01-10", "to": "2026-01-01"},
    {"from": "0001-01-01", "to": "9999-12-31"},
    {"from": "yesterday", "to": "2026-02-30"},
    {"from": "\x00"},
    {"price": "-1"},
    {"price": "1e400"},
    {"price": "NaN"},
    {"price": "Infinity"},
    {"price": "85.999"},
    {"price": "dear"},
    {"category": "submarines"},
    {"category": "\x00"},
    {"where": "moon"},
    {"q": "x" * 5000},
    {"q": "bowl\x00"},
]


@pytest.mark.parametrize("view", [{}, {"view": "month"}], ids=["list", "month"])
@pytest.mark.parametrize("asked", SILLY, ids=str)
def test_what_cannot_be_understood_is_said_and_left_out(client, asked, view):
    SessionFactory()

    response = client.get(LIST, asked | view)

    assert response.status_code == 200
    if not (view and {"from", "to"} & asked.keys()):  # the calendar has no days to choose
        assert "Not everything could be used" in response.content.decode()
    assert len(response.context["months"] if not view else [1]) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "99999999999"},
        {"page": "-1"},
        {"page": "\x00"},
        {"view": "year"},
        {"view": "\x00"},
        {"free": "perhaps"},
        {"unknown": "parameter"},
        {"q": "   "},
        {"q": "% _ \\ ' \" --"},
        {"q": "٣ 雪 😀 \u202e"},
    ],
    ids=str,
)
def test_other_nonsense_shows_a_clean_page(client, asked):
    SessionFactory()

    response = client.get(LIST, asked)

    assert response.status_code == 200
    assert "Not everything could be used" not in response.content.decode()


def test_what_was_typed_stays_in_the_form(client):
    page = client.get(LIST, {"q": 'a "bowl" <b>', "price": "-1", "from": "2026-12-10"}).content.decode()

    assert 'value="a &quot;bowl&quot; &lt;b&gt;"' in page
    assert 'value="-1"' in page
    assert 'value="2026-12-10"' in page


# Pages


def test_pages_follow_one_another_and_keep_the_filters(client):
    project = ProjectFactory(title="Bowls")
    SessionFactory.create_batch(SESSIONS_PER_PAGE + 1, project=project)

    first = client.get(LIST, {"q": "bowls"})
    second = client.get(LIST, {"q": "bowls", "page": "2"})

    assert (len(titles(first)), len(titles(second))) == (SESSIONS_PER_PAGE, 1)
    assert 'rel="next" href="?q=bowls&amp;page=2"' in first.content.decode()
    assert 'rel="prev" href="?q=bowls&amp;page=1"' in second.content.decode()
    assert 'rel="next"' not in second.content.decode()


def test_behind_the_last_page_there_is_a_way_back(client):
    SessionFactory()

    page = client.get(LIST, {"page": "7"}).content.decode()

    assert "You have come to the end" in page
    assert '<meta name="robots" content="noindex, follow">' in page


# Search engines, browsers, cost


@pytest.mark.parametrize(
    ("asked", "canonical", "is_indexed"),
    [
        ({}, "/sessions/", True),
        ({"category": "clay"}, "/sessions/?category=clay", True),
        ({"page": "2"}, "/sessions/?page=2", True),
        ({"page": "1", "utm": "x"}, "/sessions/", True),
        ({"q": "bowl"}, "/sessions/?q=bowl", False),
        ({"category": "clay", "free": "1"}, "/sessions/?category=clay&amp;free=1", False),
        ({"view": "month"}, "/sessions/", False),
    ],
)
def test_search_engines_find_the_list_and_its_kinds_once(client, settings, asked, canonical, is_indexed):
    settings.SITE_URL = "https://shop.example"
    SessionFactory.create_batch(
        SESSIONS_PER_PAGE + 1, project=ProjectFactory(category=CategoryFactory(slug="clay"))
    )

    page = client.get(LIST, asked).content.decode()

    assert f'<link rel="canonical" href="https://shop.example{canonical}">' in page
    assert ('name="robots"' not in page) == is_indexed


def test_htmx_gets_the_results_alone_and_a_clean_address(client):
    SessionFactory(project__title="Bowls")
    asked = {"q": "bowls", "category": "", "from": "", "to": "", "price": "", "where": ""}

    response = client.get(LIST, asked, headers={"HX-Request": "true"})
    page = response.content.decode()

    assert response["HX-Push-Url"] == "/sessions/?q=bowls"
    assert "<html" not in page
    assert '<div class="results" id="results">' in page
    assert "<title>All sessions" in page
    assert "1 session found" in page
    assert "HX-Request" in response["Vary"]


def test_coming_back_shows_the_whole_page(client):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    assert "<html" in client.get(LIST, headers=headers).content.decode()


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_two_queries_whatever_was_booked(client, django_assert_num_queries, many):
    for session in SessionFactory.create_batch(many, host=UserFactory()):
        paid_order_for((session, 2))
        cart_with((session, 1))
    client.get(LIST)

    with django_assert_num_queries(2):  # kinds, sessions
        response = client.get(LIST, {"free": "1", "q": "graft", "price": "100", "from": "2020-01-01"})

    assert len(titles(response)) == min(many, SESSIONS_PER_PAGE)


def test_nobody_is_given_a_cookie_for_looking_around(client):
    SessionFactory()

    response = client.get(LIST)

    assert response.cookies == {}


@pytest.mark.parametrize(
    "path", ["/sessions/", "/sessions.ics", "/projects/", "/", "/robots.txt", "/sitemap.xml"]
)
def test_pages_to_look_at_refuse_to_be_written_to(client, path):
    assert client.post(path).status_code == 405
