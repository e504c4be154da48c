"""How the application and its server write their logs: one account, because both write to the same stream.

The server takes it from the settings, before the application is loaded.
"""

SECRETS = [
    # Links that open an order or an account to whoever has them.
    r"(/orders/[^/\s]+/)[\w-]{20,}",
    r"(/tickets/)[A-Za-z0-9]{20,}",
    r"(/tickets/order/[^/\s]+/)[\w-]{20,}",
    r"(/waiting/\d+/)[\w-]{20,}",
    r"(/todos/feed/\d+/)[\w-]{20,}",
    r"(/blog/drafts/\d+/)[\w-]{20,}",
    r"(/confirm-email/)[^/\s\"]+",
    r"(/password/reset/key/)[^/\s\"]+",
    # Whatever looks like a key in an address: long, with small letters, capitals and digits.
    r"(/)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{24,}",
    # What was asked: tokens, names, searches.
    r"(/[^\s?\"']*\?)[^\s\"']+",
    # Who it is about; the domain helps to find out why a mail was refused.
    r"()[\w.+-]+(?=@[\w-]+\.)",
]
FORMS = ("line", "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def logging_config(form: str, level: str) -> dict:
    """What ``logging.config.dictConfig`` takes. ``form`` is ``line`` (for people) or ``json`` (one object a line)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "core.logs.DiscreetFormatter",
                "fmt": "{asctime} {levelname} {name}: {message}",
                "style": "{",
                "secrets": SECRETS,
            },
            "json": {
                "()": "core.logs.DiscreetJsonFormatter",
                "fmt": ["levelname", "name", "message"],
                "rename_fields": {"levelname": "level", "name": "logger", "exc_info": "traceback"},
                "timestamp": "time",
                "json_ensure_ascii": False,
                "secrets": SECRETS,
            },
        },
        "filters": {
            "request_id": {"()": "core.logs.WithRequestId"},
            "access": {"()": "core.logs.AccessFields"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["request_id"]},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "gunicorn.error": {"handlers": [], "propagate": True},
            "gunicorn.access": {"handlers": [], "propagate": True, "filters": ["access"]},
            # It writes request bodies of refused webhooks, which hold names and addresses.
            "djstripe": {"level": "CRITICAL"},
            "stripe": {"level": "WARNING"},
            # They tell of each letter that no font has, which is to say of names; and of each table of a font.
            "fpdf": {"level": "ERROR"},
            "fontTools": {"level": "ERROR"},
        },
    }
