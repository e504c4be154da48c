"""Style sheets and scripts as browsers get them."""

import gzip

import brotli
from django.conf import settings as configured
from django.core.management import call_command

from app.settings import base


def test_they_lie_ready_in_both_compressions(settings, tmp_path):
    source = configured.BASE_DIR / "static" / "js" / "countdown.js"
    settings.STORAGES = base.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [source.parent]
    settings.STATIC_ROOT = tmp_path

    call_command("collectstatic", interactive=False, verbosity=0)

    [hashed] = tmp_path.glob("countdown.*.js")
    short, shorter = (hashed.with_name(f"{hashed.name}.{end}").read_bytes() for end in ("gz", "br"))
    assert brotli.decompress(shorter) == gzip.decompress(short) == hashed.read_bytes()
    assert len(shorter) < len(short) < source.stat().st_size
