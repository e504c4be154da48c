"""Does the database have the tables that this code knows?"""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Name = tuple[str, str]  # app, migration


@cache
def known_migrations() -> dict[Name, tuple[Name, ...]]:
    """Every migration of this code, each with those that it replaces. Read from disk once."""
    loader = MigrationLoader(None)
    return {name: tuple(loader.disk_migrations[name].replaces) for name in loader.graph.nodes}


def missing_migrations() -> list[Name]:
    """Migrations known to this code that the database has not had, in order of their names.

    Those of which only the database knows do not count: after a rollback the older code must serve. One query;
    raises ``DatabaseError`` when the database does not answer.
    """
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(
        name
        for name, replaced in known_migrations().items()
        if name not in applied and not (replaced and all(old in applied for old in replaced))
    )
