"""Settings under which the demo is loaded: those of development, which allow it, without its year of history."""

from app.settings.development import *  # noqa: F403

DEMO_HISTORY_DAYS = 0
