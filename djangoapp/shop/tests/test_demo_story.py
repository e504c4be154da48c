"""The demo story is data; these tests keep it loadable and fit to be shown."""

import re
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from shop.demo_story import CATEGORIES, COUPONS, GUESTS, PEOPLE, PROJECTS, TAX_RULES

MEDIA = Path(__file__).parent.parent / "demo_media"
PICTURE_BYTES = 120 * 1024
SESSIONS = [(project, session) for project in PROJECTS for session in project.sessions]
PORTRAITS = [person for person in PEOPLE if person.portrait]


def prices_of(project, session):
    return session.prices or project.prices


def test_natural_keys_are_unique():
    for keys in (
        [project.slug for project in PROJECTS],
        [project.title for project in PROJECTS],
        [category.slug for category in CATEGORIES],
        [rule.name for rule in TAX_RULES],
        [coupon.code for coupon in COUPONS],
        [somebody.email for somebody in PEOPLE + GUESTS],
    ):
        assert len(keys) == len(set(keys))


def test_people_write_from_addresses_that_reach_nobody():
    assert {somebody.email.partition("@")[2] for somebody in PEOPLE + GUESTS} == {"example.org"}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.slug)
def test_project_has_texts_a_picture_and_known_relations(project):
    emails = {person.email for person in PEOPLE}

    assert len(project.title) <= 120
    assert len(project.summary) <= 160
    assert 150 <= len(project.description.split()) <= 300
    assert "## " in project.description
    assert 0 < len(project.picture_alt) <= 200
    assert project.category in CATEGORIES
    assert project.tax_rule in TAX_RULES
    assert {project.publisher, project.host} <= emails
    assert project.sessions


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.slug)
def test_links_between_projects_lead_somewhere(project):
    linked = re.findall(r"\(/projects/([^/]+)/\)", project.description)

    assert linked
    assert set(linked) <= {other.slug for other in PROJECTS} - {project.slug}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.slug)
def test_project_picture_is_three_to_two_and_light(project):
    path = MEDIA / project.picture

    with Image.open(path) as image:
        assert image.size == (1200, 800)
    assert path.stat().st_size <= PICTURE_BYTES


@pytest.mark.parametrize("person", PORTRAITS, ids=lambda person: person.email)
def test_portrait_is_square_light_and_described(person):
    path = MEDIA / person.portrait

    with Image.open(path) as image:
        assert image.size == (512, 512)
    assert path.stat().st_size <= PICTURE_BYTES
    assert person.portrait_alt


def test_every_picture_is_used_once():
    used = [project.picture for project in PROJECTS] + [person.portrait for person in PORTRAITS]

    assert sorted(used) == sorted(path.name for path in MEDIA.glob("*.jpg"))


def test_prices_are_decimals_and_never_above_the_base_price():
    for project, session in SESSIONS:
        prices = prices_of(project, session)
        given = [prices.base, prices.member, prices.nonprofit]
        reduced = [price for price in given[1:] if price is not None]

        assert all(isinstance(price, Decimal) for price in [prices.base, *reduced])
        assert prices.base >= 0
        assert all(0 <= price <= prices.base for price in reduced)
    assert any(prices_of(project, session).base == 0 for project, session in SESSIONS)


def test_about_sixty_sessions_show_every_state():
    sessions = [session for _, session in SESSIONS]
    left = [session.capacity - session.sold for session in sessions if session.day > 0]

    assert 55 <= len(sessions) <= 70
    assert all(-21 <= session.day <= 42 for session in sessions)
    assert all(0 <= session.fill <= 1 for session in sessions)
    assert left.count(0) >= 4
    assert left.count(1) + left.count(2) >= 6
    assert sum(session.day < 0 for session in sessions) in {2, 3}
    assert sum(session.minutes_from_now is not None for session in sessions) == 1
    assert any(not session.is_published for session in sessions)
    assert any((session.sales_start_day or 0) > 0 for session in sessions)
    assert any((session.sales_end_day or 0) < 0 for session in sessions)
    assert max([session.day for session in sessions].count(day) for day in range(42)) >= 5


def test_a_session_has_either_a_room_or_a_link():
    for _, session in SESSIONS:
        assert bool(session.place) != bool(session.online_url)
        ZoneInfo(session.time_zone)


def test_no_room_is_used_twice_at_one_time():
    timed = [session for _, session in SESSIONS if session.place and session.minutes_from_now is None]
    spans = {}
    for session in timed:
        hour, minute = map(int, session.start.split(":"))
        start = timedelta(days=session.day, hours=hour, minutes=minute)
        end = start + timedelta(minutes=session.minutes)
        spans.setdefault(session.place, []).append((start, end))

    for room in spans.values():
        room.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(room))


def test_coupon_codes_survive_being_copied_by_hand():
    for coupon in COUPONS:
        assert re.fullmatch(r"[A-HJKMNP-Z2-9]{8,}", coupon.code)
        assert coupon.kind in {"percent", "fixed"}
        assert coupon.value > 0
        assert coupon.kind == "fixed" or coupon.value <= 100
        assert coupon.max_uses is None or coupon.uses < coupon.max_uses
        assert coupon.project_slug in {"", *(project.slug for project in PROJECTS)}


def test_names_stretch_the_layout():
    names = [f"{guest.first_name} {guest.last_name}" for guest in GUESTS]

    assert len(names) == 30
    assert any("\u0590" <= letter <= "\u08ff" for name in names for letter in name)
    assert max(map(len, names)) > 30
    assert min(map(len, names)) <= 5
