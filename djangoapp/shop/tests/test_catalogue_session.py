"""A session's own page, its calendar file, and what search engines read of it."""

import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from icalendar import Calendar
from PIL import Image

from accounts.models import Membership
from shop.availability import State, availability_of
from shop.models import Project, Session
from shop.structured_data import event_of
from shop.tests.factories import (
    CategoryFactory,
    ProjectFactory,
    SessionFactory,
    TaxRuleFactory,
    UserFactory,
    cart_with,
    member,
    paid_order_for,
)
from shop.views.catalogue import OTHER_DATES

pytestmark = pytest.mark.django_db

NOW = timezone.now()
PAST = {"starts_at": NOW - timedelta(days=3), "ends_at": NOW - timedelta(days=3, hours=-2)}


@pytest.fixture(autouse=True)
def _public_address(settings):
    settings.SITE_URL = "https://shop.example"


def picture() -> ContentFile:
    content = io.BytesIO()
    Image.new("RGB", (6, 4)).save(content, "PNG")
    return ContentFile(content.getvalue(), "bowl.png")


def page_of(client, session: Session) -> str:
    response = client.get(session.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def structured_data(page: str) -> dict:
    block = page.partition('<script type="application/ld+json">')[2]
    return json.loads(block.partition("</script>")[0])


# What the page says


def test_the_page_says_all_that_decides(client):
    session = SessionFactory(
        project__title="A bowl from green wood",
        project__description="## What you do\n\nTurn **wet** wood.",
        project__tax_rule=TaxRuleFactory(name="Standard rate", rate=Decimal("8.1")),
        host=UserFactory(first_name="Mira", last_name="Aebi"),
        starts_at=datetime(2098, 11, 28, 8, 30, tzinfo=UTC),
        capacity=12,
        seats_taken=5,
    )

    page = page_of(client, session)

    assert "Friday 28 November 2098, 09:30 – 12:30</time>" in page
    assert "(Zurich time)" in page
    assert "Workshop 2, Baumweg 3, Zürich" in page
    assert "Mira Aebi" in page
    assert "CHF\xa085" in page
    assert "CHF\xa06.37 included: 8.1\xa0% VAT" in page
    assert "7 places left" in page
    assert "<h2>What you do</h2>" in page
    assert "<strong>wet</strong>" in page


def test_a_rate_of_zero_is_said_by_its_name(client):
    session = SessionFactory(project__tax_rule=TaxRuleFactory(name="Exempt (courses)", rate=Decimal(0)))

    page = page_of(client, session)

    assert "Exempt (courses)" in page
    assert "tax included" not in page


def test_the_price_is_this_visitor_s_beside_the_one_it_replaces(client):
    session = SessionFactory(member_price=Decimal(70))
    client.force_login(member(Membership.MEMBER))

    page = page_of(client, session)

    assert "<s>CHF\xa085</s> CHF\xa070" in page
    assert "Member price" in page
    assert "CHF\xa05.25 included" in page  # of what this visitor pays


def test_the_link_of_an_online_session_is_not_shown(client):
    session = SessionFactory(place_name="", online_url="https://meet.example/secret")

    page = page_of(client, session)

    assert "secret" not in page
    assert "The link comes with your confirmation" in page


@pytest.mark.parametrize(
    "hidden", [{"is_published": False}, {"project__is_published": False}], ids=["session", "project"]
)
@pytest.mark.parametrize("address", ["/sessions/{}/", "/sessions/{}.ics"])
def test_what_is_not_published_is_not_found(client, hidden, address):
    session = SessionFactory(**hidden)

    assert client.get(address.format(session.slug)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/sessions/no-such/", "/sessions/no-such.ics", "/sessions/%00/", "/sessions/a%2fb/"]
)
def test_what_does_not_exist_leads_on(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert 'href="/sessions/"' in response.content.decode()


# Reserving


@pytest.mark.parametrize(("taken", "offered"), [(0, [1, 2, 3]), (10, [1, 2]), (11, [1])])
def test_one_may_reserve_what_is_left_up_to_the_limit(client, settings, taken, offered):
    settings.SHOP_MAX_PLACES_PER_BUYER = 3
    session = SessionFactory(capacity=12, seats_taken=taken)

    page = page_of(client, session)

    assert f'<input type="hidden" name="session" value="{session.slug}">' in page
    assert 'action="/cart/add/"' in page
    assert [number for number in range(9) if f'<option value="{number}">' in page] == offered
    assert "At most 3 places per person" in page


def test_places_whose_hold_has_run_out_can_be_reserved(client):
    session = SessionFactory(capacity=2)
    cart_with((session, 2)).lines.update(held_until=NOW - timedelta(seconds=1))

    assert "/cart/add/" in page_of(client, session)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"capacity": 3, "seats_taken": 3}, "This session is sold out."),
        ({"sales_end_at": NOW - timedelta(hours=1)}, "Sales for this session have ended."),
        ({"sales_start_at": NOW + timedelta(days=1)}, "Sales have not started yet."),
        ({"starts_at": NOW - timedelta(hours=1)}, "This session has already started."),
        (PAST, "This session has taken place."),
    ],
)
def test_what_cannot_be_reserved_says_why_and_offers_no_button(client, fields, words):
    session = SessionFactory(**fields)

    page = page_of(client, session)

    assert words in page
    assert "/cart/add/" not in page
    assert "More about this project" in page


def test_sales_that_begin_later_say_when_on_the_session_s_clock(client):
    session = SessionFactory(
        time_zone="Europe/Lisbon",
        starts_at=datetime(2098, 12, 24, 18, 0, tzinfo=UTC),
        sales_start_at=datetime(2098, 12, 1, 8, 0, tzinfo=UTC),
    )

    assert 'Monday 1 December 2098, 08:00</time> <span class="zone">(Lisbon time)' in page_of(client, session)


@pytest.mark.parametrize(
    ("fields", "is_indexed"),
    [
        ({}, True),
        ({"capacity": 3, "seats_taken": 3}, True),
        (PAST, False),
        ({"starts_at": NOW - timedelta(hours=1)}, False),
    ],
    ids=["upcoming", "full", "past", "running"],
)
def test_only_sessions_to_come_are_for_search_engines(client, fields, is_indexed):
    page = page_of(client, SessionFactory(**fields))

    assert ('<meta name="robots" content="noindex">' not in page) == is_indexed


def test_other_dates_of_the_project_are_beside_it(client):
    project = ProjectFactory()
    session = SessionFactory(project=project)
    others = [
        SessionFactory(project=project, starts_at=NOW + timedelta(days=20 + number))
        for number in range(OTHER_DATES + 1)
    ]
    hidden = [
        SessionFactory(),
        SessionFactory(project=project, is_published=False),
        SessionFactory(project=project, **PAST),
    ]

    page = page_of(client, session)

    assert [other.slug in page for other in others] == [True] * OTHER_DATES + [False]
    assert not any(other.slug in page for other in hidden)
    assert f'href="{project.get_absolute_url()}#dates"' in page


def test_a_past_session_leads_to_the_next_dates(client):
    project = ProjectFactory()
    session, following = SessionFactory(project=project, **PAST), SessionFactory(project=project)

    page = page_of(client, session)

    assert "Next dates" in page
    assert following.slug in page


# Cookies and cost


def test_only_the_form_brings_a_cookie(client):
    free, full = SessionFactory(), SessionFactory(capacity=1, seats_taken=1)

    assert list(client.get(free.get_absolute_url()).cookies) == ["csrftoken"]
    client.cookies.clear()
    assert list(client.get(full.get_absolute_url()).cookies) == []


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_costs_two_queries_whatever_was_booked(client, django_assert_num_queries, many):
    session = SessionFactory(capacity=200, host=UserFactory())
    SessionFactory.create_batch(many, project=session.project)
    for number in range(many):
        paid_order_for((session, 3), email=f"buyer{number}@example.org")
        cart_with((session, 1))

    with django_assert_num_queries(2):  # the session, other dates
        page_of(client, session)


# Search engines


def test_people_who_share_the_page_share_its_title_and_summary(client):
    session = SessionFactory(
        slug="bowl", project__title="A “bowl” & more", starts_at=datetime(2098, 11, 28, 8, 30, tzinfo=UTC)
    )

    page = page_of(client, session)

    assert "<title>A “bowl” &amp; more, 28 November 2098 ·" in page
    assert '<link rel="canonical" href="https://shop.example/sessions/bowl/">' in page
    assert '<meta property="og:title" content="A “bowl” &amp; more, 28 November 2098">' in page
    assert "Friday 28 November 2098, 09:30 (Zurich time), Workshop 2, Baumweg 3, Zürich: Two young" in page


def test_the_picture_is_shared_by_its_whole_address(client):
    session = SessionFactory(project__picture=picture(), project__picture_alt="A bowl on a lathe")

    page = page_of(client, session)

    url = session.project.picture.url
    assert f'<meta property="og:image" content="https://shop.example{url}">' in page
    assert f'src="{url}" alt="A bowl on a lathe" width="720" height="480"' in page
    assert structured_data(page)["image"] == [f"https://shop.example{url}"]


def test_search_engines_read_an_event_with_its_offer(client):
    session = SessionFactory(
        slug="bowl",
        project__title="A bowl </script>",
        host=UserFactory(first_name="Mira", last_name="Aebi"),
        starts_at=datetime(2098, 11, 28, 8, 30, tzinfo=UTC),
        sales_start_at=datetime(2026, 1, 1, 8, 0, tzinfo=UTC),
        member_price=Decimal(70),
        seats_taken=2,
    )

    event = structured_data(page_of(client, session))

    assert event["@type"] == "Event"
    assert event["name"] == "A bowl </script>"
    assert event["startDate"] == "2098-11-28T09:30:00+01:00"
    assert event["endDate"] == "2098-11-28T12:30:00+01:00"
    assert event["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert event["location"] == {"@type": "Place", "name": "Workshop 2", "address": "Baumweg 3, Zürich"}
    assert event["organizer"]["url"] == "https://shop.example/"
    assert event["performer"] == {"@type": "Person", "name": "Mira Aebi"}
    assert event["remainingAttendeeCapacity"] == 10
    assert event["offers"] == {
        "@type": "Offer",
        "url": "https://shop.example/sessions/bowl/",
        "price": "85.00",
        "priceCurrency": "CHF",
        "availability": "https://schema.org/InStock",
        "validFrom": "2026-01-01T08:00:00+00:00",
        "availabilityEnds": "2098-11-28T08:30:00+00:00",
    }


def test_an_online_event_happens_at_our_page_and_not_at_its_link():
    session = SessionFactory(slug="buds", place_name="", online_url="https://meet.example/secret")

    event = event_of(*_with_availability(session), at=NOW)

    assert event["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert event["location"] == {"@type": "VirtualLocation", "url": "https://shop.example/sessions/buds/"}


@pytest.mark.parametrize(
    ("fields", "availability"),
    [
        ({}, "InStock"),
        ({"seats_taken": 10}, "LimitedAvailability"),
        ({"seats_taken": 12}, "SoldOut"),
        ({"sales_start_at": NOW + timedelta(days=1)}, "PreSale"),
        ({"sales_end_at": NOW - timedelta(days=1)}, "Discontinued"),
        (PAST, "Discontinued"),
    ],
)
def test_the_offer_says_whether_it_can_be_had(fields, availability):
    event = event_of(*_with_availability(SessionFactory(**fields)), at=NOW)

    assert event["offers"]["availability"] == f"https://schema.org/{availability}"


def _with_availability(session: Session) -> tuple:
    session = Session.objects.for_page().get(pk=session.pk)
    return session, availability_of(session, at=timezone.now())


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(-1, State.FREE), (0, State.STARTED), (2 * 3600 - 1, State.STARTED), (2 * 3600, State.PAST)],
)
def test_it_is_over_to_the_second(seconds, state):
    starts_at = NOW + timedelta(days=1)
    session = SessionFactory(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    session.seats_left = 5

    assert availability_of(session, at=starts_at + timedelta(seconds=seconds)).state == state


@pytest.mark.parametrize("taken", [0, 12])
@pytest.mark.parametrize("starts_in", [-2, 0, 48])
@pytest.mark.parametrize("sales_start_in", [None, -100, 0, 24])
@pytest.mark.parametrize("sales_end_in", [None, -50, 0, 36])
def test_the_catalogue_and_the_cart_agree_on_what_can_be_booked(
    starts_in, sales_start_in, sales_end_in, taken
):
    def instant(hours: int | None) -> datetime | None:
        return None if hours is None else NOW + timedelta(hours=hours)

    session = Session(
        project=Project(is_published=True),
        is_published=True,
        starts_at=instant(starts_in),
        ends_at=instant(starts_in + 1),
        sales_start_at=instant(sales_start_in),
        sales_end_at=instant(sales_end_in),
        capacity=12,
        seats_taken=taken,
    )
    session.seats_left = session.capacity - taken

    is_bookable = not session.why_not_bookable(NOW) and session.seats_left > 0

    assert availability_of(session, at=NOW).is_bookable == is_bookable


# Calendar files over HTTP


def test_a_session_goes_into_a_calendar(client):
    session = SessionFactory(slug="bowl")

    response = client.get("/sessions/bowl.ics")

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="bowl.ics"'
    assert Calendar.from_ical(response.content).events[0]["URL"] == "https://shop.example/sessions/bowl/"
    assert '/sessions/bowl.ics"' in page_of(client, session)


def test_the_feed_has_what_comes_and_what_just_was(client):
    shown = [
        SessionFactory(project__title="To come"),
        SessionFactory(project__title="Last week", **PAST),
    ]
    SessionFactory(is_published=False)
    SessionFactory(starts_at=NOW - timedelta(days=60))

    response = client.get("/sessions.ics")

    events = Calendar.from_ical(response.content).events
    assert {event["SUMMARY"] for event in events} == {session.title for session in shown}
    assert "attachment" not in response.headers.get("Content-Disposition", "")


def test_the_feed_of_a_kind(client):
    SessionFactory(project__title="Bowls", project__category=CategoryFactory(slug="clay"))
    SessionFactory()

    response = client.get("/sessions.ics", {"category": "clay"})

    assert [event["SUMMARY"] for event in Calendar.from_ical(response.content).events] == ["Bowls"]


@pytest.mark.parametrize("category", ["submarines", "\x00", "x" * 5000])
def test_there_is_no_feed_of_an_unknown_kind(client, category):
    assert client.get("/sessions.ics", {"category": category}).status_code == 404


@pytest.mark.parametrize("path", ["/sessions.ics", "/sessions/bowl.ics"])
def test_programs_that_ask_again_get_a_short_answer_until_something_changes(client, path):
    session = SessionFactory(slug="bowl")
    first = client.get(path)
    again = {"If-None-Match": first["ETag"]}

    unchanged = client.get(path, headers=again)
    session.place_name = "Kiln room"
    session.save()
    changed = client.get(path, headers=again)

    assert (first.status_code, unchanged.status_code, changed.status_code) == (200, 304, 200)
    assert "public" in first["Cache-Control"]
    assert "Cookie" not in first.get("Vary", "")
    assert first.cookies == {}


def test_the_feed_changes_with_the_words_of_a_project(client):
    session = SessionFactory()
    first = client.get("/sessions.ics")

    session.project.title = "Another title"
    session.project.save()

    assert client.get("/sessions.ics", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("many", [1, 30])
def test_the_feed_costs_two_queries_and_one_when_nothing_changed(client, django_assert_num_queries, many):
    SessionFactory.create_batch(many)

    with django_assert_num_queries(2):
        first = client.get("/sessions.ics")
    with django_assert_num_queries(1):
        client.get("/sessions.ics", headers={"If-None-Match": first["ETag"]})


def test_the_feed_has_an_end(client, monkeypatch):
    monkeypatch.setattr("shop.views.catalogue.FEED_LENGTH", 2)
    SessionFactory.create_batch(3)

    assert len(Calendar.from_ical(client.get("/sessions.ics").content).events) == 2
