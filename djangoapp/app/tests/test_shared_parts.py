"""What the shop shares with other machines: sessions in Redis, static files in a bucket."""

import pytest
from django.contrib.sessions.models import Session as SignedIn
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.urls import reverse

from shop.tests.factories import UserFactory
from tests.support.servers import free_port


@pytest.mark.django_db
def test_while_redis_is_away_sessions_live_on_in_the_database(client, settings):
    settings.CACHES = settings.CACHES | {
        "sessions": {
            "BACKEND": "core.caches.RedisOrNothing",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    settings.SESSION_CACHE_ALIAS = "sessions"

    client.force_login(UserFactory())
    assert client.get(reverse("accounts:profile")).status_code == 200
    client.post(reverse("account_logout"))

    assert client.get(reverse("accounts:profile")).status_code == 302
    assert not SignedIn.objects.exists()


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
