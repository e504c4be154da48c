"""Cards are drawn once for equal values: what differs in anything that a card tells is drawn anew."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import override_settings

from shop.models import Session
from shop.templatetags.catalogue import _drawn
from shop.tests.factories import SessionFactory, cart_with

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    _drawn.cache_clear()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def session() -> Session:
    return SessionFactory(starts_at=NOW + timedelta(days=3), capacity=6, base_price=Decimal(85))


def test_a_card_is_drawn_once(client, session):
    first = client.get("/sessions/").content
    second = client.get("/sessions/").content

    assert first == second
    assert (_drawn.cache_info().misses, _drawn.cache_info().hits) == (1, 1)


def test_a_place_that_is_gone_is_gone_at_once(client, session):
    assert "6 places left" in client.get("/sessions/").content.decode()

    cart_with((session, 3))
    assert "3 places left" in client.get("/sessions/").content.decode()


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"base_price": Decimal(90)}, "CHF\N{NO-BREAK SPACE}90"),
        ({"capacity": 4}, "4 places left"),
        ({"place_name": "Garden house"}, "Garden house"),
        ({"place_name": ""}, "<small>Online"),
        ({"starts_at": NOW + timedelta(days=3, hours=1)}, "14:00"),
        ({"time_zone": "Europe/Lisbon"}, "Lisbon time"),
        ({"sales_start_at": NOW + timedelta(days=1)}, "On sale soon"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_whatever_changes_is_shown_at_once(client, session, change, shown):
    assert shown not in client.get("/sessions/").content.decode()

    Session.objects.filter(pk=session.pk).update(**change)

    assert shown in client.get("/sessions/").content.decode()


def test_a_title_changes_at_once(client, session):
    client.get("/sessions/")

    session.project.title = "Grafting pears"
    session.project.save()

    assert "Grafting pears" in client.get("/sessions/").content.decode()


def test_sales_end_on_time(client, session, clock):
    Session.objects.filter(pk=session.pk).update(sales_end_at=NOW + timedelta(hours=1))
    assert "Sales have ended" not in client.get("/sessions/").content.decode()

    clock.shift(timedelta(hours=2))

    assert "Sales have ended" in client.get("/sessions/").content.decode()


def test_the_next_year_is_written_out_until_it_has_come(client, session, clock):
    starts_at = datetime(2027, 1, 20, 12, tzinfo=UTC)
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    assert "<span>Jan 2027</span>" in client.get("/sessions/").content.decode()

    clock.move_to(datetime(2027, 1, 2, 12, tzinfo=UTC))

    assert "<span>Jan</span>" in client.get("/sessions/").content.decode()


def test_from_when_on_there_are_few_is_the_studios_choice(client, session):
    Session.objects.filter(pk=session.pk).update(capacity=5)
    assert 'badge few">5 places' not in client.get("/sessions/").content.decode()

    with override_settings(SHOP_FEW_PLACES=5):
        assert 'badge few">5 places' in client.get("/sessions/").content.decode()
