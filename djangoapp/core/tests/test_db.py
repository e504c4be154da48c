"""Whether the connection to PostgreSQL is still there is seen without asking, for a second after it answered."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper as DjangosOwn

from core import db
from tests.support.outages import end_my_connection

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(monkeypatch) -> list[bool]:
    """What the server answered, each time that it was asked."""
    answers, ask = [], DjangosOwn.is_usable

    def noting(self) -> bool:
        answers.append(ask(self))
        return answers[-1]

    monkeypatch.setattr(DjangosOwn, "is_usable", noting)
    return answers


@pytest.fixture
def persistent() -> Iterator[db.TrustsItsConnection]:
    """A connection of its own that is looked at as at the beginning of a request."""
    ours = connection.copy()
    ours.ensure_connection()
    yield ours
    ours.close()


def test_the_server_is_asked_once_in_a_while(persistent, asked, monkeypatch):
    assert [persistent.is_usable() for _request in range(5)] == [True] * 5
    assert asked == [True]

    monkeypatch.setattr(db, "TRUSTED_SECONDS", 0)
    assert persistent.is_usable()
    assert asked == [True, True]


def test_a_connection_that_the_server_ended_is_seen_at_once(persistent, asked):
    assert persistent.is_usable()

    end_my_connection(persistent)

    assert not persistent.is_usable()
    assert asked == [True, False]


def test_a_connection_that_was_closed_here_is_of_no_use(persistent, asked):
    assert persistent.is_usable()

    persistent.connection.close()

    assert not persistent.is_usable()


def test_the_next_request_gets_a_connection_that_works(persistent):
    persistent.is_usable()
    end_my_connection(persistent)
    persistent.health_check_enabled, persistent.health_check_done = True, False

    with persistent.cursor() as cursor:
        cursor.execute("SELECT 1")

        assert cursor.fetchone() == (1,)


def test_without_looking_the_request_would_have_failed(persistent, monkeypatch):
    persistent.is_usable()
    end_my_connection(persistent)
    monkeypatch.setattr(db.TrustsItsConnection, "_has_something_to_read", lambda self: False)
    persistent.health_check_enabled, persistent.health_check_done = True, False

    with pytest.raises(OperationalError), persistent.cursor() as cursor:
        cursor.execute("SELECT 1")
