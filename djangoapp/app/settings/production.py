"""Production only tightens: what is missing stops the start and is named."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from app import env
from app.settings.logs import FORMS, logging_config

from .base import *  # noqa: F403
from .base import (
    ALLOWED_HOSTS,
    CSRF_TRUSTED_ORIGINS,
    LOG_LEVEL,
    STRIPE_LIVE_SECRET_KEY,
    STRIPE_TEST_SECRET_KEY,
)

SECRET_KEY = env.required("DJANGOAPP_FERNET_KEY", because="it signs cookies and links")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("DJANGOAPP_FERNET_KEY is too short: use at least 32 random characters.")
SITE_URL = env.required("DJANGOAPP_SITE_URL", because="links in mails begin with it").rstrip("/")
_site = urlsplit(SITE_URL)
if not ALLOWED_HOSTS:
    ALLOWED_HOSTS = [_site.hostname]
if not CSRF_TRUSTED_ORIGINS:
    CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]

env.required("DATABASE_HOSTNAME", because="production runs on PostgreSQL")
env.required("DATABASE_PASSWORD", because="production runs on PostgreSQL")
env.required("DJANGOAPP_EMAIL_HOST", because="buyers get their confirmations by mail")
env.required("DJANGOAPP_EMAIL_FROM", because="buyers get their confirmations by mail")
if STRIPE_LIVE_SECRET_KEY or STRIPE_TEST_SECRET_KEY:
    env.required("DJANGOAPP_STRIPE_WEBHOOK_SECRET", because="a Stripe key is set")

# A closed network may serve plain http behind its own gate; everywhere else https is enforced.
SECURE_SSL_REDIRECT = env.flag("DJANGOAPP_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.integer("DJANGOAPP_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

LOGGING = logging_config(env.choice("DJANGOAPP_LOG_FORMAT", FORMS, "json"), LOG_LEVEL)
