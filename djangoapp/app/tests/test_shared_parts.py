"""What the shop shares with other machines: sessions in Redis, static files in a bucket."""

import time

import pytest
from django.contrib.sessions.models import Session as SignedIn
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCacheClient
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from redis.exceptions import TimeoutError  # noqa: A004 - Redis' own

from core.caches import COPY_SECONDS, MissedKeys
from shop.tests.factories import UserFactory
from tests.support.servers import free_port


def keep_sessions_in_redis(settings, port: int) -> None:
    settings.CACHES = settings.CACHES | {
        "sessions": {"BACKEND": "core.caches.RedisOrNothing", "LOCATION": f"redis://127.0.0.1:{port}/0"}
    }
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    settings.SESSION_CACHE_ALIAS = "sessions"


@pytest.mark.django_db
def test_while_redis_is_away_sessions_live_on_in_the_database(client, settings):
    keep_sessions_in_redis(settings, free_port())

    client.force_login(UserFactory())
    assert client.get(reverse("accounts:profile")).status_code == 200
    client.post(reverse("account_logout"))

    assert client.get(reverse("accounts:profile")).status_code == 302
    assert not SignedIn.objects.exists()


def away(*args, **kwargs) -> None:
    raise TimeoutError


@pytest.mark.django_db
def test_a_session_that_ended_while_redis_was_away_has_ended_for_redis_too(client, settings, redis_port):
    keep_sessions_in_redis(settings, redis_port)
    client.force_login(UserFactory())
    copied = Client()
    copied.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert copied.get(reverse("accounts:profile")).status_code == 200

    with pytest.MonkeyPatch.context() as outage:
        outage.setattr(RedisCacheClient, "get_client", away)
        client.post(reverse("account_logout"))
    assert caches["sessions"].is_resting
    caches["sessions"]._rests_until = 0

    assert copied.get(reverse("accounts:profile")).status_code == 302
    assert not MissedKeys.noted


@pytest.mark.parametrize("timeout", [None, 14 * 24 * 3600])
def test_a_copy_in_redis_is_soon_over(settings, redis_port, timeout):
    keep_sessions_in_redis(settings, redis_port)
    sessions = caches["sessions"]

    sessions.set("key", "value", timeout)

    assert 0 < sessions._cache.get_client().ttl(sessions.make_key("key")) <= COPY_SECONDS


def test_what_was_missed_long_ago_is_not_remembered(settings, redis_port, monkeypatch):
    keep_sessions_in_redis(settings, redis_port)
    sessions = caches["sessions"]
    monkeypatch.setitem(MissedKeys.noted, sessions.make_key("old"), time.monotonic() - 1)

    with monkeypatch.context() as outage:
        outage.setattr(RedisCacheClient, "get_client", away)
        sessions.set("new", "value")
        sessions._rests_until = 0
        sessions.get("new")

    assert list(MissedKeys.noted) == [sessions.make_key("new")]
    sessions._rests_until = 0
    assert sessions.get("new") is None
    assert not MissedKeys.noted


def test_static_files_go_hashed_into_their_bucket_and_pages_link_to_its_address(s3_server, settings):
    storage = s3_server.storage(
        s3_server.make_bucket("static"), "storages.backends.s3.S3ManifestStaticStorage"
    )
    storage["OPTIONS"] |= {"custom_domain": "cdn.example.org/shop", "url_protocol": "https:"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": storage}
    settings.STATIC_URL = "https://cdn.example.org/shop/"
    # Our own files are enough here; those of the admin and of the API's page are many.
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]

    call_command("collectstatic", interactive=False, verbosity=0)

    url = staticfiles_storage.url("css/base.css")
    name = url.removeprefix("https://cdn.example.org/shop/")
    assert url != name != "css/base.css"
    stored = s3_server.client().get_object(Bucket="static", Key=name)
    assert b"var(--" in stored["Body"].read()
