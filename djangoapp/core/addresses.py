"""Addresses: of the same page asked otherwise, and whole ones for those who read us from elsewhere."""

from urllib.parse import urlencode, urljoin

from django.conf import settings


def absolute(address: str) -> str:
    """Return the whole public address of a path of ours; one that is whole already stays."""
    return urljoin(settings.SITE_URL, address)


def with_query(path: str, parameters: dict) -> str:
    """Put the parameters behind the path, but for those that are ``None``."""
    asked = {name: value for name, value in parameters.items() if value is not None}
    return f"{path}?{urlencode(asked)}" if asked else path
