"""Our short way to dj-stripe's tables keeps up with dj-stripe."""

import importlib
import pkgutil

import djstripe.migrations


def test_every_migration_of_djstripe_is_covered():
    module = importlib.import_module("payments.djstripe_migrations.0001_squashed_2_11")
    theirs = {("djstripe", found.name) for found in pkgutil.iter_modules(djstripe.migrations.__path__)}

    assert set(module.Migration.replaces) == theirs
