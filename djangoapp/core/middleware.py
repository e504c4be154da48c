"""Middleware that belongs to no app."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.health import livez, readyz

PROBES = {"/livez": livez, "/readyz": readyz}


class HealthMiddleware:
    """Answer the probes before anything looks at the host name or redirects to https.

    Probes come by address, so the host check would refuse them; and any redirect would count as healthy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        return probe(request) if probe else self.get_response(request)


class SecurityHeadersMiddleware:
    """Name what pages may use of the browser: nothing but full screen, and the camera on our own pages."""

    POLICY = "camera=(self), fullscreen=(self), geolocation=(), microphone=(), payment=(), usb=()"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.POLICY)
        return response
