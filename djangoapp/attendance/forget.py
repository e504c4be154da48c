"""Signing out takes the lists of guests off the telephone.

A cookie tells that this browser keeps a list, another one (set by our script) that scans wait in it to be sent. Only
the browser can empty what it keeps: it is asked to by a header.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

KEPT_COOKIE = "door_list"
UNSENT_COOKIE = "door_unsent"
_SECONDS = 365 * 24 * 3600


def mark_list_kept(response: HttpResponse, user) -> None:
    """Remember that this browser keeps a list of this person's from now on. Our script reads whose it is."""
    response.set_cookie(
        KEPT_COOKIE,
        str(user.pk),
        max_age=_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


@receiver(user_logged_out)
def remember_sign_out(sender, request: HttpRequest | None, **more) -> None:
    if request is not None:
        request.has_signed_out = True


class ForgetDoorMiddleware:
    """Empty the browser's storage when somebody signs out of one that keeps a list.

    Scans that were not sent yet are facts that nobody else knows: while some wait, the page at the door sends them
    first and empties the rest by itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "has_signed_out", False) and KEPT_COOKIE in request.COOKIES:
            if UNSENT_COOKIE not in request.COOKIES:
                response["Clear-Site-Data"] = '"storage"'
            response.delete_cookie(KEPT_COOKIE, samesite="Lax")
        return response
