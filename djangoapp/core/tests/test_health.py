"""The probes answer by address, without redirects, and readiness tells the truth about the database."""

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from core import health, schema


@pytest.fixture(autouse=True)
def unknown_schema():
    """Nobody has looked at the schema yet."""
    health._schema_is_ready.clear()
    yield
    health._schema_is_ready.clear()


@pytest.fixture
def code_and_database(monkeypatch) -> tuple[dict, dict]:
    """The migrations that the code knows, and those that the database has had."""
    known, applied = (
        {("shop", "0001_initial"): (), ("shop", "0002_more"): ()},
        {("shop", "0001_initial"): None},
    )
    monkeypatch.setattr(schema, "known_migrations", lambda: known)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: applied)
    return known, applied


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
        vendor = "postgresql"

        def cursor(self):
            raise DatabaseError("gone")

    monkeypatch.setattr(health, "connection", Unreachable())

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"no database\n")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_database_that_has_stepped_down_is_not_ready_and_is_asked_for_anew(client, monkeypatch):
    with connection.cursor() as cursor:
        # The function that is found first answers as a standby's does.
        cursor.execute("CREATE SCHEMA stepped_down")
        cursor.execute(
            "CREATE FUNCTION stepped_down.pg_is_in_recovery() RETURNS bool LANGUAGE sql AS 'SELECT true'"
        )
        cursor.execute("SET search_path = stepped_down, pg_catalog, public")

    refused, later = client.get("/readyz"), client.get("/readyz")

    assert (refused.status_code, refused.content) == (503, b"the database is read-only\n")
    assert later.status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA stepped_down CASCADE")


@pytest.mark.django_db
def test_with_a_migration_missing_nobody_is_ready_and_once_it_is_there_everybody(client, code_and_database):
    _known, applied = code_and_database
    assert client.get("/readyz").status_code == 503

    applied["shop", "0002_more"] = None

    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_after_a_rollback_the_older_code_serves_a_newer_database(client, code_and_database):
    known, applied = code_and_database
    applied["shop", "0002_more"] = applied["shop", "0003_of_the_newer_code"] = None

    assert client.get("/readyz").status_code == 200
    assert ("shop", "0003_of_the_newer_code") not in known


@pytest.mark.django_db
def test_a_squashed_migration_counts_as_applied_when_all_that_it_replaces_were(client, code_and_database):
    known, _applied = code_and_database
    del known["shop", "0001_initial"], known["shop", "0002_more"]
    known["shop", "0001_squashed"] = (("shop", "0001_initial"), ("shop", "0002_more"))
    assert schema.missing_migrations() == [("shop", "0001_squashed")]

    _applied["shop", "0002_more"] = None

    assert schema.missing_migrations() == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_come_by_address_and_are_never_redirected(path, client, settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get(path, headers={"Host": "10.1.2.3:8000"})

    assert answer.status_code == 200
