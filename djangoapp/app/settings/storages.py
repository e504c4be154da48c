"""Where files are kept: in folders of this machine, or in buckets of a service that speaks S3."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from app import env

FOR_EVER = {"CacheControl": "public, max-age=31536000, immutable"}


@dataclass(frozen=True)
class Files:
    """An entry of Django's ``STORAGES``, and how browsers reach what is in it when not through the shop itself."""

    storage: dict
    url: str = ""
    origin: str = ""  # for the policy of pages


def s3_options(*buckets: str) -> dict:
    """How every bucket is reached. If there is one, nothing starts without the keys."""
    for name in ("DJANGOAPP_AWS_ACCESS_KEY_ID", "DJANGOAPP_AWS_SECRET_ACCESS_KEY"):
        if any(buckets):
            env.required(name, because="a storage bucket is set")
    return {
        "access_key": env.text("DJANGOAPP_AWS_ACCESS_KEY_ID"),
        "secret_key": env.text("DJANGOAPP_AWS_SECRET_ACCESS_KEY"),
        "endpoint_url": env.address("DJANGOAPP_AWS_S3_ENDPOINT_URL") or None,
        "region_name": env.text("DJANGOAPP_AWS_S3_REGION_NAME") or None,
    }


def media_files(bucket: str, options: dict) -> Files:
    """Uploads. Without a public address each is shown by a signed one."""
    if not bucket:
        return Files({"BACKEND": "django.core.files.storage.FileSystemStorage"})
    address = env.address("DJANGOAPP_MEDIA_URL")
    more = {"file_overwrite": False, "querystring_auth": not address}
    storage = _in_bucket("storages.backends.s3.S3Storage", bucket, options | more, address)
    return Files(storage, origin=address or options["endpoint_url"] or f"https://{bucket}.s3.amazonaws.com")


def static_files(bucket: str, options: dict) -> Files:
    """Style sheets, scripts, letters. From a bucket they have an address of their own."""
    if not bucket:
        return Files({"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"})
    env.required("DJANGOAPP_STATIC_URL", because="DJANGOAPP_STATIC_BUCKET is set")
    address = env.address("DJANGOAPP_STATIC_URL")
    storage = _in_bucket("storages.backends.s3.S3ManifestStaticStorage", bucket, options, address)
    return Files(storage, url=f"{address}/", origin="{0.scheme}://{0.netloc}".format(urlsplit(address)))


def _in_bucket(backend: str, bucket: str, options: dict, address: str) -> dict:
    """``address`` is where browsers find the bucket, if it is not the bucket's own."""
    options = options | {"bucket_name": bucket, "object_parameters": FOR_EVER}
    if address:
        parts = urlsplit(address)
        options |= {"custom_domain": f"{parts.netloc}{parts.path}", "url_protocol": f"{parts.scheme}:"}
    return {"BACKEND": backend, "OPTIONS": options}
