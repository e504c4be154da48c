"""The developers' cluster: PostgreSQL and real integrations in test mode, with readable errors."""

from django.core.exceptions import ImproperlyConfigured

from app import env

from .base import *  # noqa: F403
from .base import CACHES, STRIPE_LIVE_SECRET_KEY, TEMPLATES

DEBUG = True
SECRET_KEY = env.required("DJANGOAPP_FERNET_KEY", because="it signs cookies and links")
SESSION_COOKIE_SECURE = env.flag("DJANGOAPP_SECURE_COOKIES", default=False)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
ALLOW_DEMO_DATA = True
if not env.text("DJANGOAPP_EMAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
# Templates are read anew for each page: one that is changed in a running container shows at once.
TEMPLATES[0] |= {
    "APP_DIRS": False,
    "OPTIONS": TEMPLATES[0]["OPTIONS"]
    | {
        "loaders": [
            "django.template.loaders.filesystem.Loader",
            "django.template.loaders.app_directories.Loader",
        ]
    },
}
CACHES["drawn"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}

env.required("DATABASE_HOSTNAME", because="development runs on PostgreSQL")
if STRIPE_LIVE_SECRET_KEY:
    raise ImproperlyConfigured("Unset DJANGOAPP_STRIPE_LIVE_SECRET_KEY: development takes no real money.")
