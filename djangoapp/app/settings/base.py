"""What all installations share. Safe by default: nothing here is fit only for a laptop."""

import os
import tempfile
from pathlib import Path

from csp.constants import NONE, SELF
from django.contrib.messages import constants as messages
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from app import env
from app.settings.databases import database
from app.settings.logs import FORMS, LEVELS, logging_config
from app.settings.storages import media_files, s3_options, static_files

BASE_DIR = Path(__file__).resolve().parents[2]

# The installation

SECRET_KEY = env.text("DJANGOAPP_FERNET_KEY")
SECRET_KEY_FALLBACKS = env.listing("DJANGOAPP_FERNET_KEY_FALLBACKS")
DEBUG = False
SITE_NAME = env.text("DJANGOAPP_SITE_NAME", "TreesN’Qs")
SITE_URL = env.address("DJANGOAPP_SITE_URL", "http://127.0.0.1:8081")
ALLOWED_HOSTS = env.listing("DJANGOAPP_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.listing("DJANGOAPP_CSRF_TRUSTED_ORIGINS")
ADMIN_URL = env.text("DJANGOAPP_ADMIN_DEFAULT_URL", "admin/").strip("/") + "/"
# What is running, as the image and the chart say; a laptop's copy reads the file.
VERSION = env.text("DJANGOAPP_VERSION") or env.first_line(BASE_DIR.parent / "VERSION")
COMMIT = env.text("DJANGOAPP_COMMIT")
CHART_VERSION = env.text("DJANGOAPP_CHART_VERSION")
ROOT_URLCONF = "app.urls"
WSGI_APPLICATION = "app.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "core.forms.ShopFormRenderer"

INSTALLED_APPS = [
    # Ours come first, so that their templates win over the libraries'.
    "app",
    "payments",
    "attendance",
    "blog",
    "polls",
    "todos",
    "shop",
    "accounts",
    "core",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "django_q",
    "djstripe",
]

MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    "core.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "core.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.failover.FailoverMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "attendance.forget.ForgetDoorMiddleware",
    "core.middleware.ConditionalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context_processors.site",
                "shop.context_processors.cart",
                "shop.context_processors.studio",
            ],
        },
    },
]

# The database, and what is counted for Prometheus: where a port is named, and the entry point has made a folder.

METRICS_PORT = env.integer("DJANGOAPP_METRICS_PORT", default=0)
IS_MEASURED = bool(METRICS_PORT) and "PROMETHEUS_MULTIPROC_DIR" in os.environ
METRICS_COLLECTORS = ["app.vitals.VitalSigns"]
PROMETHEUS_LATENCY_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, float("inf"))
DATABASES = {"default": database(BASE_DIR, is_measured=IS_MEASURED)}
if IS_MEASURED:
    # Around all but the probes, and right before the view.
    MIDDLEWARE.insert(
        MIDDLEWARE.index("core.middleware.HealthMiddleware") + 1, "core.metrics.BeforeMiddleware"
    )
    MIDDLEWARE.append("core.metrics.AfterMiddleware")

# What all processes remember together: Redis when it is named, else a table of the database.

REDIS_URL = env.text("DJANGOAPP_REDIS_URL")
RATE_COUNTS_IN_CACHE = bool(REDIS_URL)  # the database's cache cannot count, see core.limits
# Where many people share one address, or one machine plays many, all limits may be that many times higher.
RATE_LIMIT_FACTOR = env.integer("DJANGOAPP_RATE_LIMIT_FACTOR", default=1, at_least=1)
if REDIS_URL:
    _REDIS = {
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "treesnqs",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    CACHES = {
        "default": {"BACKEND": "core.caches.SharedRedisCache", **_REDIS},
        "sessions": {"BACKEND": "core.caches.RedisOrNothing", **_REDIS},
    }
    # Sessions live in the database; Redis spares most requests the query.
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    SESSION_CACHE_ALIAS = "sessions"
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "core_cache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
# Parts of the frame that are the same for all: each is kept under everything that it shows.
CACHES["drawn"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "drawn",
    "TIMEOUT": None,
    "OPTIONS": {"MAX_ENTRIES": 500},
}

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = reverse_lazy("shop:bookings")
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"login": "accounts.forms.LoginForm", "signup": "accounts.forms.SignupForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True  # one address: a new one takes over once it is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this session stays; Django ends all others
ACCOUNT_SESSION_REMEMBER = None  # asked at the door: two weeks, or until the browser is closed


def account_rate_limits(factor: int) -> dict[str, str]:
    """Limits around signing in, on top of allauth's own; those per address are so many times higher."""
    return {
        "login": f"{30 * factor}/m/ip",
        "signup": f"{20 * factor}/m/ip",
        "reset_password": f"{20 * factor}/m/ip,5/m/key",
        # Wrong passwords from one address, and for one account from one address.
        "login_failed": f"{10 * factor}/m/ip,5/5m/key",
        # For one account from anywhere: high, or anybody could lock anybody out.
        "login_failed_anywhere": "300/h/key",
    }


ACCOUNT_RATE_LIMITS = account_rate_limits(RATE_LIMIT_FACTOR)

# The second factor: codes of an app, passkeys, and recovery codes for the day when both are lost.
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
}
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_PERIOD = 30  # seconds
MFA_TOTP_TOLERANCE = 1  # half a minute late or early: clocks of telephones differ
ACCOUNTS_STAFF_NEED_SECOND_FACTOR = env.flag("DJANGOAPP_STAFF_SECOND_FACTOR", default=True)
# Below these paths staff works; without a second factor they open only once it is set up.
ACCOUNTS_STAFF_PATHS = [f"/{ADMIN_URL}", "/studio/", "/door/", "/healthz/"]

# Sign-in with Google, when both variables are set.
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # SocialAdapter says for which addresses
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {}
GOOGLE_CLIENT_ID = env.text("DJANGOAPP_GOOGLE_CLIENT_ID")
GOOGLE_CLIENT_SECRET = env.text("DJANGOAPP_GOOGLE_CLIENT_SECRET")
_GOOGLE_ORIGINS: list[str] = []
if GOOGLE_CLIENT_ID or GOOGLE_CLIENT_SECRET:
    env.required("DJANGOAPP_GOOGLE_CLIENT_ID", because="DJANGOAPP_GOOGLE_CLIENT_SECRET is set")
    env.required("DJANGOAPP_GOOGLE_CLIENT_SECRET", because="DJANGOAPP_GOOGLE_CLIENT_ID is set")
    INSTALLED_APPS.append("allauth.socialaccount.providers.google")
    SOCIALACCOUNT_PROVIDERS["google"] = {
        "APP": {"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET},
        "SCOPE": ["profile", "email"],
        "OAUTH_PKCE_ENABLED": True,
    }
    _GOOGLE_ORIGINS.append("https://accounts.google.com")

# How many proxies of ours stand before the application; the client's address is read from that many hops back.
TRUSTED_PROXY_COUNT = env.integer("DJANGOAPP_TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("DJANGOAPP_CUSTOM_TIME_ZONE", "Europe/Zurich")
USE_THOUSAND_SEPARATOR = False

# The shop

SHOP_CURRENCY = env.text("DJANGOAPP_CURRENCY", "CHF").upper()
SHOP_HOLD_MINUTES = env.integer("DJANGOAPP_HOLD_MINUTES", default=15, at_least=1)
SHOP_HOLD_CEILING_MINUTES = env.integer("DJANGOAPP_HOLD_CEILING_MINUTES", default=60, at_least=1)
SHOP_MAX_PLACES_PER_BUYER = env.integer("DJANGOAPP_MAX_PLACES_PER_BUYER", default=3, at_least=1)
SHOP_MAX_PLACES_PER_CART = env.integer("DJANGOAPP_MAX_PLACES_PER_CART", default=20, at_least=1)
SHOP_REMIND_DAYS = env.integer("DJANGOAPP_REMIND_DAYS", default=2, at_least=0)
SHOP_WAITING_OFFER_HOURS = env.integer("DJANGOAPP_WAITING_OFFER_HOURS", default=24, at_least=1)
SHOP_FEW_PLACES = 3  # from here on the catalogue says how few are left
SHOP_DESK_DEADLINE_HOURS = env.integer("DJANGOAPP_DESK_DEADLINE_HOURS", default=72, at_least=1)
# How long names and addresses are kept; amounts, places and dates stay for ever.
SHOP_KEEP_BILLS_DAYS = env.integer("DJANGOAPP_KEEP_BILLS_DAYS", default=3653, at_least=1)  # ten years
SHOP_KEEP_ATTENDEES_DAYS = env.integer("DJANGOAPP_KEEP_ATTENDEES_DAYS", default=730, at_least=1)
SHOP_KEEP_UNPAID_DAYS = env.integer("DJANGOAPP_KEEP_UNPAID_DAYS", default=365, at_least=1)
SHOP_KEEP_WAITING_DAYS = env.integer("DJANGOAPP_KEEP_WAITING_DAYS", default=30, at_least=1)
KEEP_MAILS_DAYS = env.integer("DJANGOAPP_KEEP_MAILS_DAYS", default=400, at_least=1)
SHOP_STUDIO_ADDRESS = env.text("DJANGOAPP_STUDIO_ADDRESS", "TreesN’Qs, Baumweg 3, 8004 Zürich")
SHOP_VAT_NUMBER = env.text("DJANGOAPP_VAT_NUMBER")  # stands on invoices
SHOP_CONTACT_EMAIL = env.text("DJANGOAPP_CONTACT_EMAIL", "hello@example.org")
# Names that orders remember, bound to what speaks to the provider.
SHOP_PAYMENT_PROVIDERS = {"desk": "payments.providers.desk.PayAtDesk"}

# The door

# The attendance API as it was before there were tokens: open to whoever reaches it. For closed networks.
ATTENDANCE_OPEN = env.flag("DJANGOAPP_ATTENDANCE_OPEN", default=False)
ATTENDANCE_DOORS_OPEN_MINUTES = env.integer("DJANGOAPP_DOORS_OPEN_MINUTES", default=120)

# Stripe: live keys win over test keys; without either, payment by card is not offered.

STRIPE_LIVE_PUBLIC_KEY = env.text("DJANGOAPP_STRIPE_LIVE_PUBLIC_KEY")
STRIPE_LIVE_SECRET_KEY = env.text("DJANGOAPP_STRIPE_LIVE_SECRET_KEY")
STRIPE_TEST_PUBLIC_KEY = env.text("DJANGOAPP_STRIPE_TEST_PUBLIC_KEY")
STRIPE_TEST_SECRET_KEY = env.text("DJANGOAPP_STRIPE_TEST_SECRET_KEY")
STRIPE_LIVE_MODE = bool(STRIPE_LIVE_SECRET_KEY)
STRIPE_WEBHOOK_SECRET = env.text("DJANGOAPP_STRIPE_WEBHOOK_SECRET")
STRIPE_WEBHOOK_UUID = env.text("DJANGOAPP_STRIPE_WEBHOOK_UUID")
# Raw notifications hold names and addresses. Events must outlive Stripe's own retries, which end after three days.
STRIPE_KEEP_REQUESTS_DAYS = env.integer("DJANGOAPP_STRIPE_KEEP_REQUESTS_DAYS", default=7, at_least=1)
STRIPE_KEEP_EVENTS_DAYS = env.integer("DJANGOAPP_STRIPE_KEEP_EVENTS_DAYS", default=35, at_least=35)
STRIPE_API_VERSION = "2026-08-26.dahlia"
STRIPE_TIMEOUT_SECONDS = (
    10  # below gunicorn's own, so that a slow provider is our error page and not its kill
)
STRIPE_CHECKOUT_ORIGIN = env.address("DJANGOAPP_STRIPE_CHECKOUT_URL", "https://checkout.stripe.com")
# Somebody else who speaks Stripe's API, for a rehearsal: never with real money.
if _rehearsal := env.address("DJANGOAPP_STRIPE_API_URL"):
    if STRIPE_LIVE_SECRET_KEY:
        raise ImproperlyConfigured("Unset DJANGOAPP_STRIPE_API_URL: live payments go to Stripe itself.")
    STRIPE_API_HOST = _rehearsal
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
# Its history of 500 removed fields takes most of a minute on an empty database; ours leads to the same tables.
MIGRATION_MODULES = {"djstripe": "payments.djstripe_migrations"}
if STRIPE_LIVE_SECRET_KEY or STRIPE_TEST_SECRET_KEY:
    SHOP_PAYMENT_PROVIDERS = {
        "stripe": "payments.providers.stripe.StripeCheckout",
        **SHOP_PAYMENT_PROVIDERS,
    }

# Mail

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("DJANGOAPP_EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("DJANGOAPP_EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.text("DJANGOAPP_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("DJANGOAPP_EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("DJANGOAPP_EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DJANGOAPP_EMAIL_FROM", "TreesN’Qs <shop@example.org>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Background work

# The worker touches this file all the time; a probe looks at its age.
WORKER_HEARTBEAT = env.text(
    "DJANGOAPP_WORKER_HEARTBEAT", os.path.join(tempfile.gettempdir(), "worker-heartbeat")
)
Q_CLUSTER = {
    "name": "treesnqs",
    "broker_class": "core.broker.PatientBroker",
    "orm": "default",
    "workers": env.integer("DJANGOAPP_WORKERS", default=2, at_least=1),
    "timeout": 60,
    "retry": 90,
    "max_attempts": 5,
    "ack_failures": False,
    "catch_up": False,
    "poll": 0.5,
    "save_limit": 1000,
    "label": "Background work",
}
PERIODIC_JOBS = {  # dotted path: minutes between two runs
    "core.mail.send_due_mails": 1,
    "shop.services.invoices.issue_due": 1,
    "shop.services.payments.reconcile_open": 1,
    "shop.services.payments.expire_overdue": 1,
    "shop.services.lost_news.look_back": 30,
    "shop.services.statements.fetch_all": 60,
    "shop.services.cart.sweep_lapsed": 5,
    "shop.services.waiting.sweep": 1,
    "shop.services.cancelling.resume": 1,
    "shop.services.letters.resume": 1,
    "shop.services.reminders.send_reminders": 10,
    "shop.services.reminders.send_thanks": 30,
    "shop.services.inspection.inspect_if_due": 10,
    "core.limits.forget_old_counts": 60,
    "todos.services.reminders.send_morning_mails": 10,
    "todos.services.lists.purge_deleted": 24 * 60,
    "accounts.sessions.forget_expired": 1440,
    "core.retention.forget_what_is_old": 1440,
}
# Once a night, by `manage.py nightly`: what tidies up, and what must find nothing.
NIGHTLY_COMMANDS = [
    ["clearsessions"],
    ["recount_polls", "--check"],
    ["check_integrity"],
    ["check_ledger"],
]

# The API for programs

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.access.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny", "accounts.api.access.ScopeAllows"],
    "DEFAULT_PARSER_CLASSES": ["core.api_parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "core.api.ProblemSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "core.api.answer_problem",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"The API of {SITE_NAME}",
    "DESCRIPTION": "What the studio offers, and what you booked, for programs.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SORT_OPERATIONS": False,  # as app.api gives them out
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AvailabilityEnum": "shop.availability.State",
        "VerdictEnum": "attendance.enums.Verdict",
        "OrderStatusEnum": "shop.enums.OrderStatus",
        "PostStateEnum": "blog.models.PostState",
        "PollStateEnum": "polls.models.PollState",
        "MembershipEnum": "accounts.models.Membership",
    },
}

# Files

STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "media/"
MEDIA_ROOT = Path(env.text("DJANGOAPP_MEDIA_ROOT", str(BASE_DIR / "media")))
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

MEDIA_BUCKET = env.text("DJANGOAPP_AWS_STORAGE_BUCKET_NAME")
STATIC_BUCKET = env.text("DJANGOAPP_STATIC_BUCKET")
S3_OPTIONS = s3_options(MEDIA_BUCKET, STATIC_BUCKET)
_media, _static = media_files(MEDIA_BUCKET, S3_OPTIONS), static_files(STATIC_BUCKET, S3_OPTIONS)
STORAGES = {"default": _media.storage, "staticfiles": _static.storage}
STATIC_URL = _static.url or "static/"
_MEDIA_ORIGINS = [_media.origin] if _media.origin else []
_STATIC_ORIGINS = [_static.origin] if _static.origin else []

# A folder with more fonts for PDF, for names in scripts that ours do not write.
PDF_FONTS = env.text("DJANGOAPP_PDF_FONTS")

# The browser's side of safety

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, *_STATIC_ORIGINS],
        "style-src": [SELF, *_STATIC_ORIGINS],
        "img-src": [SELF, "data:", *_STATIC_ORIGINS, *_MEDIA_ORIGINS],
        "font-src": [SELF, *_STATIC_ORIGINS],
        "connect-src": [SELF],
        "manifest-src": [SELF, *_STATIC_ORIGINS],
        # Browsers apply form-action to the redirect that follows a form, too.
        "form-action": [SELF, STRIPE_CHECKOUT_ORIGIN, *_GOOGLE_ORIGINS],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"
MESSAGE_TAGS = {messages.ERROR: "bad", messages.WARNING: "few", messages.SUCCESS: "ok"}

LOG_LEVEL = env.choice("DJANGO_LOG_LEVEL", LEVELS, "INFO")
LOGGING = logging_config(env.choice("DJANGOAPP_LOG_FORMAT", FORMS, "line"), LOG_LEVEL)

ALLOW_DEMO_DATA = False
DEMO_HISTORY_DAYS = 350  # how far back the demo's sales go
