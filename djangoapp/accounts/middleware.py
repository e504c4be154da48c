"""Staff works behind a second factor."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.services import needs_second_factor


class StaffSecondFactorMiddleware:
    """Lead staff without a second factor to the page where it is set up, before any page of theirs opens.

    The pages are those below ``settings.ACCOUNTS_STAFF_PATHS``. Who has a second factor was asked for it at sign-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_staff_page = request.path.startswith(tuple(settings.ACCOUNTS_STAFF_PATHS))
        if is_staff_page and needs_second_factor(request.user):
            messages.warning(
                request, _("Your account is one of the staff’s: please set up a second factor first.")
            )
            return redirect("mfa_activate_totp")
        return self.get_response(request)
