from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict:
    """The studio's name and the address of the present page, for the frame of every page."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "canonical_url": f"{settings.SITE_URL}{request.path}",
    }
