"""Who is asking: the client's address behind our own proxies."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address, as seen by the outermost proxy that is ours.

    Whatever a client itself wrote into ``X-Forwarded-For`` stands further left and is not believed. A header that
    cannot be read counts as absent.
    """
    hops = settings.TRUSTED_PROXY_COUNT
    if hops:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(forwarded) >= hops and (address := _parsed(forwarded[-hops])):
            return address
    return _parsed(request.META.get("REMOTE_ADDR", "")) or "0.0.0.0"  # noqa: S104 - no address at all


def _parsed(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return ""
    # A server that listens on both protocols may write 192.0.2.7 as ::ffff:192.0.2.7.
    return str(getattr(address, "ipv4_mapped", None) or address)
