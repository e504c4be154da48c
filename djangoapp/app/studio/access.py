"""Who may open the studio's pages: staff, each what they may see. The second factor is ``accounts.middleware``'s."""

from collections.abc import Callable
from functools import wraps

from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def for_staff(view: View) -> View:
    """Open to whoever works here; others are led to the sign-in."""
    return staff_member_required(view, login_url="account_login")


def for_staff_with(permission: str) -> Callable[[View], View]:
    """Open to those who work here and have this permission; their colleagues are refused."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return for_staff(guarded)

    return guard
