"""The migrations build the database that the models describe, on which all other tests run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

pytestmark = pytest.mark.slow

# Libraries differ from their own models in small things, such as the type of a key.
OUR_TABLES = {
    model._meta.db_table
    for model in apps.get_models(include_auto_created=True)
    if Path(apps.get_app_config(model._meta.app_label).path).is_relative_to(settings.BASE_DIR)
}


@pytest.fixture
def fresh_database(tmp_path) -> Iterator[BaseDatabaseWrapper]:
    """A connection to an empty database beside the one of the tests."""
    fresh = connection.copy()
    if connection.vendor == "sqlite":
        fresh.settings_dict["NAME"] = str(tmp_path / "migrated.sqlite3")
        yield fresh
        fresh.close()
        return
    name = f"{connection.settings_dict['NAME']}_migrated"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    fresh.settings_dict["NAME"] = name
    yield fresh
    fresh.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')


@pytest.mark.django_db
def test_migrations_build_what_the_models_describe(fresh_database):
    described = schema(connection)

    migrate(fresh_database.settings_dict["NAME"])

    assert schema(fresh_database) == described
    assert set(described) == OUR_TABLES


def migrate(database_name: str) -> None:
    """Run every migration on a database, in a process of its own: this one has them switched off."""
    variable = "DJANGOAPP_SQLITE_PATH" if connection.vendor == "sqlite" else "DATABASE_NAME"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "app.settings.test", variable: database_name},
        check=True,
    )


def schema(database: BaseDatabaseWrapper) -> dict[str, tuple]:
    """Our apps' tables with their columns and constraints, as the database itself reports them."""
    introspection = database.introspection
    with database.cursor() as cursor:
        return {
            table: (
                {
                    column.name: (column.type_code, column.null_ok)
                    for column in introspection.get_table_description(cursor, table)
                },
                sorted(
                    describe(constraint)
                    for constraint in introspection.get_constraints(cursor, table).values()
                ),
            )
            for table in introspection.table_names(cursor)
            if table in OUR_TABLES
        }


def describe(constraint: dict) -> str:
    """A constraint without its name, which may hold a hash of the order in which things were made."""
    columns = sorted(column or "an expression" for column in constraint["columns"] or [])
    facts = ("primary_key", "unique", "foreign_key", "index", "check")
    return f"{columns} {[constraint[fact] for fact in facts]}"
