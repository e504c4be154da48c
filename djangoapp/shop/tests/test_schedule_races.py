"""The same weekly rule sent twice at the same moment, on a real PostgreSQL: each date is made once."""

import threading
from contextlib import suppress

import pytest
from django.db.models.query import QuerySet

from shop.models import Session
from shop.services import schedule
from shop.tests.factories import SessionFactory
from shop.tests.test_schedule import rule
from tests.support.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def both_plan_first(monkeypatch):
    """Both have seen which dates are there before either makes one: the race as it is at its worst."""
    barrier, plan = threading.Barrier(2), schedule.plan

    def then_meet(like, weekly):
        planned = plan(like, weekly)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=1)
        return planned

    monkeypatch.setattr(schedule, "plan", then_meet)


def twice(session: Session):
    weekly = rule(count=3)
    return at_once([lambda: schedule.make(session, weekly, weekly.days())] * 2)


def test_a_double_click_makes_each_date_once(both_plan_first):
    session = SessionFactory()

    assert twice(session) == {"ok": 2}
    assert Session.objects.count() == 1 + 3


def test_without_the_lock_each_date_is_made_twice(both_plan_first, monkeypatch):
    session = SessionFactory()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())

    twice(session)

    assert Session.objects.count() == 1 + 6
