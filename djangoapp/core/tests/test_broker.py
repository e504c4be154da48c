"""The worker's queue while the database is away: the worker waits, and nothing is lost."""

from pathlib import Path

import pytest
from django.db import InterfaceError, OperationalError
from django_q.models import OrmQ

from core import broker
from core.broker import PatientBroker
from tests.support.outages import end_my_connection


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(broker, "PAUSE_SECONDS", 0)


@pytest.fixture
def queue() -> PatientBroker:
    return PatientBroker("shop")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_ends_costs_one_look_at_the_queue(queue, monkeypatch):
    queue.enqueue("a task")
    monkeypatch.setattr("django.db.close_old_connections", end_my_connection)  # at the worst moment
    assert queue.dequeue() is None
    monkeypatch.undo()

    ((_pk, payload),) = queue.dequeue()

    assert payload == "a task"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_task_that_is_done_is_forgotten_even_so(queue, monkeypatch):
    pk = queue.enqueue("a task")
    ends = iter([end_my_connection, end_my_connection])
    monkeypatch.setattr("django.db.close_old_connections", lambda: next(ends, lambda: None)())

    queue.acknowledge(pk)

    assert not OrmQ.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_away_is_not_waited_for_for_ever(queue, monkeypatch):
    monkeypatch.setattr("django.db.close_old_connections", end_my_connection)
    monkeypatch.setattr(broker, "PATIENCE_SECONDS", -1)

    with pytest.raises((OperationalError, InterfaceError)):
        queue.acknowledge(1)


@pytest.mark.django_db
def test_the_workers_state_goes_into_a_file_whose_age_tells_that_it_lives(
    queue, settings, tmp_path, django_assert_num_queries
):
    settings.WORKER_HEARTBEAT = str(tmp_path / "heartbeat")

    with django_assert_num_queries(0):
        queue.set_stat("key", "value", 3)

    assert Path(settings.WORKER_HEARTBEAT).exists()
