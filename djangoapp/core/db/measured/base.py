"""The same, with its statements counted for Prometheus."""

from django_prometheus.db.backends.postgresql import base

from core.db import TrustsItsConnection


class DatabaseWrapper(TrustsItsConnection, base.DatabaseWrapper):
    pass
