"""The probes answer by address, without redirects, and readiness tells the truth about the database."""

import pytest
from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor

from core import health


@pytest.fixture(autouse=True)
def unknown_schema():
    """Nobody has looked at the schema yet."""
    health._schema_is_ready.clear()
    yield
    health._schema_is_ready.clear()


def test_liveness_asks_no_database(client):
    assert client.get("/livez").status_code == 200  # no database is allowed in this test


@pytest.mark.django_db
def test_readiness_needs_database_and_schema(client, django_assert_num_queries):
    assert client.get("/readyz").status_code == 200
    with django_assert_num_queries(1):  # the schema is looked at once
        client.get("/readyz")


@pytest.mark.django_db
def test_without_a_database_nobody_is_ready(client, monkeypatch):
    class Unreachable:
        def cursor(self):
            raise DatabaseError("gone")

    monkeypatch.setattr(health, "connection", Unreachable())

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"no database\n")


@pytest.mark.django_db
def test_with_a_migration_missing_nobody_is_ready_and_once_it_is_there_everybody(client, monkeypatch):
    missing = [("shop.0001_initial", False)]
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: missing)
    assert client.get("/readyz").status_code == 503

    missing.clear()

    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_come_by_address_and_are_never_redirected(path, client, settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get(path, headers={"Host": "10.1.2.3:8000"})

    assert answer.status_code == 200
