"""A laptop: SQLite, mail to the console, payments at the stand-in, nothing to install or to sign up for."""

from pathlib import Path

from app import env

env.load_file(Path(__file__).resolve().parents[2] / ".env")

from .base import *  # noqa: E402, F403 - the file above must be read first
from .base import (  # noqa: E402
    BASE_DIR,
    CACHES,
    CONTENT_SECURITY_POLICY,
    INSTALLED_APPS,
    Q_CLUSTER,
    REDIS_URL,
    SHOP_PAYMENT_PROVIDERS,
    SITE_URL,
    STORAGES,
    STRIPE_LIVE_SECRET_KEY,
    STRIPE_TEST_SECRET_KEY,
    account_rate_limits,
)

DEBUG = True
SECRET_KEY = env.required("DJANGOAPP_FERNET_KEY", because="it signs cookies; `make runserver` writes one")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.listing("DJANGOAPP_ALLOWED_HOSTS")]
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if not REDIS_URL:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES["drawn"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # templates are being written
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
Q_CLUSTER["sync"] = env.flag("DJANGOAPP_TASKS_INLINE", default=True)
ALLOW_DEMO_DATA = True
# The demo's accounts sign in with their password alone.
ACCOUNTS_STAFF_NEED_SECOND_FACTOR = env.flag("DJANGOAPP_STAFF_SECOND_FACTOR", default=False)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # passkeys on http://localhost
# A laptop is one address for all who try the shop on it; wrong passwords count as everywhere.
RATE_LIMIT_FACTOR = env.integer("DJANGOAPP_RATE_LIMIT_FACTOR", default=20, at_least=1)
ACCOUNT_RATE_LIMITS = account_rate_limits(RATE_LIMIT_FACTOR)

if not (STRIPE_LIVE_SECRET_KEY or STRIPE_TEST_SECRET_KEY):
    # No key: the stand-in answers instead of Stripe, within the same process.
    INSTALLED_APPS = ["payments.standin", *INSTALLED_APPS]
    WSGI_APPLICATION = "payments.standin.mounted.application"
    STRIPE_API_HOST = f"{SITE_URL}/stripe-standin"
    STRIPE_TEST_SECRET_KEY = "sk_test_standinStandinStandinStandin"
    STRIPE_WEBHOOK_SECRET = "whsec_standin"
    STRIPE_CHECKOUT_ORIGIN = SITE_URL
    STRIPE_STANDIN_STATE = BASE_DIR / ".local" / "stripe.json"
    SHOP_PAYMENT_PROVIDERS = {
        "stripe": "payments.providers.stripe.StripeCheckout",
        **SHOP_PAYMENT_PROVIDERS,
    }
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(STRIPE_CHECKOUT_ORIGIN)
