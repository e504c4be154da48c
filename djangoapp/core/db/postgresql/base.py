"""The backend as Django looks for it."""

from core.db import TrustsItsConnection


class DatabaseWrapper(TrustsItsConnection):
    pass
