"""Bringing the database in step while others look at it, and waiting until somebody has."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from djstripe.models import WebhookEndpoint

from app.management.commands import migrate_safely
from core import schema
from core.management.commands import wait_for_migrations
from core.models import Mail
from tests.support.servers import free_port

TABLE = Mail._meta.db_table


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(migrate_safely, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(wait_for_migrations, "PAUSE_SECONDS", 0)


@pytest.fixture
def nobody_answers(monkeypatch):
    """A database server that is not there (yet)."""
    nowhere = connection.get_connection_params() | {"host": "127.0.0.1", "port": free_port()}
    connection.close()
    monkeypatch.setattr(connection, "get_connection_params", lambda: nowhere)


@contextmanager
def somebody_elses(statement: str) -> Iterator[None]:
    """Run the statement in a transaction of another connection, which stays open until the block ends."""
    has_run, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            has_run.set()
            may_end.wait(timeout=30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    has_run.wait(timeout=30)
    try:
        yield
    finally:
        may_end.set()
        thread.join()


def run(command: str, **options) -> str:
    told = StringIO()
    call_command(command, stdout=told, **options)
    return told.getvalue()


@pytest.mark.django_db
def test_it_migrates_and_writes_stripes_endpoint_however_often_it_runs():
    run("migrate_safely")
    run("migrate_safely")

    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.django_db
def test_without_stripe_there_is_no_endpoint_to_write(settings):
    settings.STRIPE_WEBHOOK_SECRET = ""

    run("migrate_safely")

    assert not WebhookEndpoint.objects.exists()


@pytest.mark.django_db
def test_where_a_bucket_is_named_for_them_style_sheets_are_uploaded(settings, tmp_path):
    settings.STATIC_BUCKET, settings.STATIC_ROOT = "static", tmp_path

    run("migrate_safely")

    assert (tmp_path / "css" / "base.css").exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_at_a_time():
    lock = f"SELECT pg_advisory_lock({migrate_safely.ADVISORY_LOCK})"
    with somebody_elses(lock), pytest.raises(CommandError, match="Another process"):
        run("migrate_safely", timeout=0)

    run("migrate_safely", timeout=10)  # the server takes a moment to see that the other has gone


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_table_in_use_is_asked_for_again_and_visitors_never_wait_long(monkeypatch):
    """A migration that changes a table waits for it for a moment only; then those behind it go first."""
    tries, visitors = [], ExitStack()
    visitors.enter_context(somebody_elses(f"SELECT count(*) FROM {TABLE}"))

    def change_the_table(_name, **options):
        tries.append(1)
        if len(tries) == 2:
            visitors.close()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")

    monkeypatch.setattr(migrate_safely, "call_command", change_the_table)
    told = StringIO()

    migrate_safely.Command(stdout=told)._migrate(lock_timeout=0.1, attempts=3)

    assert len(tries) == 2
    assert "A table was in use for 0.1 seconds" in told.getvalue()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_database_that_never_comes_is_told(nobody_answers):
    with pytest.raises(CommandError, match="does not answer"):
        run("migrate_safely", timeout=0)
    with pytest.raises(CommandError, match="the database does not answer"):
        run("wait_for_migrations", timeout=0)


@pytest.mark.django_db
def test_waiting_ends_when_nothing_known_is_missing(monkeypatch):
    monkeypatch.setattr(
        schema, "known_migrations", lambda: {("shop", "0001_initial"): (), ("shop", "0002"): ()}
    )
    answers = iter(
        [{}, {("shop", "0001_initial"): None}, {("shop", "0001_initial"): None, ("shop", "0002"): None}]
    )
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: next(answers))

    told = run("wait_for_migrations", timeout=60)

    assert told.splitlines() == [
        "Waiting: 2 migrations are missing, shop.0001_initial first.",
        "Waiting: 1 migrations are missing, shop.0002 first.",
        "The database has every migration of this version.",
    ]


@pytest.mark.django_db
def test_waiting_gives_up(monkeypatch):
    monkeypatch.setattr(schema, "known_migrations", lambda: {("shop", "0001_initial"): ()})
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: {})

    with pytest.raises(
        CommandError, match=r"Gave up after 0 seconds: 1 migrations are missing, shop.0001_initial"
    ):
        run("wait_for_migrations", timeout=0)
