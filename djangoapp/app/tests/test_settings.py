"""Each settings module starts with what it needs, and says what is missing when it does not get it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "app.settings.production",
    "DJANGOAPP_FERNET_KEY": KEY,
    "DJANGOAPP_SITE_URL": "https://shop.example.org",
    "DATABASE_HOSTNAME": "db.example.org",
    "DATABASE_NAME": "shop",
    "DATABASE_USER": "shop",
    "DATABASE_PASSWORD": "secret-of-the-database",
    "DJANGOAPP_EMAIL_HOST": "mail.example.org",
    "DJANGOAPP_EMAIL_FROM": "Shop <shop@example.org>",
    "DJANGOAPP_STRIPE_LIVE_SECRET_KEY": "rk_live_" + "a" * 24,
    "DJANGOAPP_STRIPE_WEBHOOK_SECRET": "whsec_something",
}
SHOWN = (
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "STORAGES",
    "STATIC_URL",
    "CONTENT_SECURITY_POLICY",
    "DEBUG",
    "STRIPE_API_HOST",
)
SHOW = f"""
import json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name, None) for name in {SHOWN!r}}}, default=str))
"""


def start(environment: dict, *command: str) -> subprocess.CompletedProcess:
    """Start Python in a process that knows nothing but this environment."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def shown(environment: dict) -> dict:
    result = start(environment, "-c", SHOW)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_production_passes_the_deployment_check_without_a_word():
    result = start(PRODUCTION, "-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    "missing",
    [
        "DJANGOAPP_FERNET_KEY",
        "DJANGOAPP_SITE_URL",
        "DATABASE_HOSTNAME",
        "DATABASE_NAME",
        "DATABASE_USER",
        "DATABASE_PASSWORD",
        "DJANGOAPP_EMAIL_HOST",
        "DJANGOAPP_EMAIL_FROM",
        "DJANGOAPP_STRIPE_WEBHOOK_SECRET",
    ],
)
def test_production_refuses_to_start_half_configured(missing):
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}

    result = start(environment, "-c", SHOW)

    assert result.returncode != 0
    assert f"Set {missing}" in result.stderr
    assert "secret-of-the-database" not in result.stderr


def test_production_derives_its_hosts_from_its_address():
    found = shown(PRODUCTION)

    assert found["ALLOWED_HOSTS"] == ["shop.example.org"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://shop.example.org"]
    assert found["DEBUG"] is False


@pytest.mark.parametrize("key", ["sk_test_short", "pk_test_" + "a" * 24, "sk_live_" + "a" * 24, "nonsense"])
def test_a_key_that_cannot_be_one_is_refused_without_being_printed(key):
    environment = {**PRODUCTION, "DJANGOAPP_STRIPE_TEST_SECRET_KEY": key}

    result = start(environment, "manage.py", "check")

    assert result.returncode != 0
    assert "DJANGOAPP_STRIPE_TEST_SECRET_KEY is not a test key" in result.stderr
    assert key not in result.stderr


def test_a_rehearsal_pays_at_the_stand_in():
    rehearsal = {
        "DJANGOAPP_STRIPE_LIVE_SECRET_KEY": "",
        "DJANGOAPP_STRIPE_TEST_SECRET_KEY": "rk_test_" + "a" * 24,
        "DJANGOAPP_STRIPE_API_URL": "http://stripe:12112/",
        "DJANGOAPP_STRIPE_CHECKOUT_URL": "http://127.0.0.1:12112",
    }

    found = shown({**PRODUCTION, **rehearsal})

    assert found["STRIPE_API_HOST"] == "http://stripe:12112"
    assert "http://127.0.0.1:12112" in found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]


def test_real_money_goes_to_stripe_alone():
    result = start({**PRODUCTION, "DJANGOAPP_STRIPE_API_URL": "http://stripe:12112"}, "manage.py", "check")

    assert result.returncode
    assert "DJANGOAPP_STRIPE_API_URL" in result.stderr


def test_media_go_to_the_bucket_when_one_is_named_and_pages_may_show_them():
    bucket = {
        "DJANGOAPP_AWS_STORAGE_BUCKET_NAME": "media",
        "DJANGOAPP_AWS_ACCESS_KEY_ID": "id",
        "DJANGOAPP_AWS_SECRET_ACCESS_KEY": "key",
        "DJANGOAPP_AWS_S3_ENDPOINT_URL": "https://s3.example.org",
    }

    found = shown({**PRODUCTION, **bucket})

    assert found["STORAGES"]["default"]["BACKEND"] == "storages.backends.s3.S3Storage"
    assert "https://s3.example.org" in found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["img-src"]


def test_static_files_go_to_their_bucket_and_pages_link_to_its_address():
    bucket = {
        "DJANGOAPP_STATIC_BUCKET": "static",
        "DJANGOAPP_STATIC_URL": "https://cdn.example.org/shop",
        "DJANGOAPP_AWS_ACCESS_KEY_ID": "id",
        "DJANGOAPP_AWS_SECRET_ACCESS_KEY": "key",
    }

    found = shown({**PRODUCTION, **bucket})

    assert found["STATIC_URL"] == "https://cdn.example.org/shop/"
    assert found["STORAGES"]["staticfiles"]["BACKEND"] == "storages.backends.s3.S3ManifestStaticStorage"
    assert "https://cdn.example.org" in found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["script-src"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"DJANGOAPP_STATIC_BUCKET": "static"}, "DJANGOAPP_AWS_ACCESS_KEY_ID"),
        ({"DJANGOAPP_AWS_STORAGE_BUCKET_NAME": "media"}, "DJANGOAPP_AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_bucket_without_its_keys_stops_the_start(given, missing):
    result = start({**PRODUCTION, **given}, "-c", SHOW)

    assert f"Set {missing}" in result.stderr


def test_production_cannot_load_the_stand_in():
    find = (
        "import django, sys; django.setup(); from app.wsgi import application; "
        "print(any(name.startswith('payments.standin') for name in sys.modules))"
    )

    result = start(PRODUCTION, "-W", "ignore", "-c", find)

    assert result.stdout.strip() == "False", result.stderr


def test_what_few_requests_need_is_loaded_by_those_alone():
    """Each of them costs every process tens of megabytes, and the start a tenth of a second and more."""
    find = (
        "import sys; from app.wsgi import application; from django.urls import get_resolver; "
        "get_resolver().url_patterns; print({'boto3', 'fpdf', 'fontTools', 'xlsxwriter', 'redis'} & set(sys.modules))"
    )

    result = start(PRODUCTION, "-W", "ignore", "-c", find)

    assert result.stdout.strip() == "set()", result.stderr


def test_development_takes_no_real_money():
    environment = {**PRODUCTION, "DJANGO_SETTINGS_MODULE": "app.settings.development"}

    result = start(environment, "-c", SHOW)

    assert "Unset DJANGOAPP_STRIPE_LIVE_SECRET_KEY" in result.stderr


def test_a_laptop_needs_its_key_and_nothing_else():
    dotenv = Path(settings.BASE_DIR) / ".env"
    environment = {"DJANGO_SETTINGS_MODULE": "app.settings.local", "DJANGOAPP_FERNET_KEY": KEY}

    result = start(environment, "manage.py", "check")

    assert result.returncode == 0, (result.stderr, dotenv.exists())
