"""Middleware that belongs to no app."""

import hashlib
import re
from collections.abc import Callable

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.middleware.http import ConditionalGetMiddleware
from django.utils.http import quote_etag

from core import request_id
from core.health import livez, readyz
from core.logs import CLIENT
from core.network import client_address

PROBES = {"/livez": livez, "/readyz": readyz}


class RequestIdMiddleware:
    """Give each request its id, return it to whoever asked, and leave word for the access log.

    The id stays this thread's until the answer is closed, because Django logs an answer of 400 and above after all
    middleware has returned.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.headers.get(request_id.HEADER, "")
        own = told if request_id.ACCEPTED.fullmatch(told) else request_id.new()
        request_id.take(own)
        request.META[request_id.ENVIRON] = own
        request.META[CLIENT] = client_address(request)
        response = self.get_response(request)
        response.headers[request_id.HEADER] = own
        return response


@receiver(request_finished)
def forget_request(**kwargs) -> None:
    """Whatever this thread does next belongs to no request."""
    request_id.take("")


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


class ConditionalMiddleware(ConditionalGetMiddleware):
    """Answer 304 to a browser that has the page already, also where a form stands in it.

    The token of a form is masked anew for each answer, though it means the same for as long as the browser keeps its
    cookie. So a page is known by its text without the masked token, and by the secret in the cookie: a browser with
    another secret, or none yet, gets the page with a token that fits. What only looks like a token, in a feed or in
    somebody's text on a page without forms, stays what it is: text.
    """

    MASKED = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+')

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        is_ours = request.method == "GET" and not response.streaming and not response.has_header("ETag")
        if is_ours and response.content and self.needs_etag(response):
            text = response.content
            secret = request.META.get("CSRF_COOKIE")
            if secret and response.headers["Content-Type"].startswith("text/html"):
                text, tokens = self.MASKED.subn(rb"\1", text)
                text += secret.encode() if tokens else b""
            response.headers["ETag"] = quote_etag(hashlib.sha256(text).hexdigest()[:32])
        return super().process_response(request, response)
