"""Work in the background that has its time."""

import itertools

import pytest
from django_q.models import Schedule

from core.jobs import ensure_schedules, in_time
from tests.support.races import at_once


def test_what_does_not_fit_into_the_time_is_left_for_the_next_run(monkeypatch):
    clock = itertools.count(0, 4)
    monkeypatch.setattr("core.jobs.monotonic", lambda: next(clock))

    assert list(in_time("abcdefgh", seconds=12)) == ["a", "b"]
    assert list(in_time("abc", seconds=60)) == ["a", "b", "c"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_that_start_at_once_plan_each_job_once(settings):
    assert at_once([ensure_schedules] * 3) == {"ok": 3}

    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(settings.PERIODIC_JOBS)


@pytest.mark.django_db
def test_a_job_that_was_planned_twice_is_planned_once_again(settings):
    task = next(iter(settings.PERIODIC_JOBS))
    Schedule.objects.bulk_create(Schedule(name=task, func=task) for _ in range(2))

    ensure_schedules()

    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(settings.PERIODIC_JOBS)
