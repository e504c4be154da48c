"""The database: PostgreSQL when a host is named, SQLite otherwise."""

from pathlib import Path

from app import env


def database(folder: Path, *, is_measured: bool) -> dict:
    """What Django's ``DATABASES`` says of it. A measured one counts its statements for Prometheus."""
    if not env.text("DATABASE_HOSTNAME"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": env.text("DJANGOAPP_SQLITE_PATH", str(folder / "db.sqlite3")),
            "OPTIONS": {
                # Writers queue up instead of failing: a transaction takes the write lock when it begins.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    return {
        "ENGINE": "core.db.measured" if is_measured else "core.db.postgresql",
        "HOST": env.text("DATABASE_HOSTNAME"),
        "PORT": env.text("DATABASE_PORT", "5432"),
        "NAME": env.required("DATABASE_NAME", because="DATABASE_HOSTNAME is set"),
        "USER": env.required("DATABASE_USER", because="DATABASE_HOSTNAME is set"),
        "PASSWORD": env.text("DATABASE_PASSWORD"),
        "CONN_MAX_AGE": env.integer("DATABASE_CONN_MAX_AGE_SECONDS", default=60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            # After a failover the old primary may still answer, but cannot be written to.
            "target_session_attrs": "read-write",
            "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
        },
    }
