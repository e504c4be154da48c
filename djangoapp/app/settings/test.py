"""Tests: fast hashers, mail and files in memory, tasks at once. The database follows DATABASE_HOSTNAME."""

import os
import tempfile

os.environ.setdefault("DJANGOAPP_FERNET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("DJANGOAPP_GOOGLE_CLIENT_ID", "tests.apps.googleusercontent.com")
os.environ.setdefault("DJANGOAPP_GOOGLE_CLIENT_SECRET", "only-for-tests")

from .base import *  # noqa: F403
from .base import CACHES, DATABASES, Q_CLUSTER, SHOP_PAYMENT_PROVIDERS, STORAGES

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = CACHES | {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
RATE_COUNTS_IN_CACHE = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
MEDIA_ROOT = tempfile.gettempdir()  # never written to: files stay in memory
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
Q_CLUSTER["sync"] = True
ALLOW_DEMO_DATA = True
DEMO_HISTORY_DAYS = 0  # tests of the demo's past set it
ACCOUNTS_STAFF_NEED_SECOND_FACTOR = False  # tests of the second factor set it
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
ACCOUNT_RATE_LIMITS = False  # tests of the limits set them
MFA_RATE_LIMITS = False
STRIPE_TEST_SECRET_KEY = "sk_test_abcdefghijklmnopqrstuvwxyz"
STRIPE_WEBHOOK_SECRET = "whsec_for_tests"
STRIPE_API_HOST = "http://127.0.0.1:9"  # nobody answers; tests that pay start the stand-in
SHOP_PAYMENT_PROVIDERS = {
    "stripe": "payments.providers.stripe.StripeCheckout",
    **SHOP_PAYMENT_PROVIDERS,
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that threads of a test share the database; each test process makes its own.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(tempfile.mkdtemp(), "test.sqlite3")}
