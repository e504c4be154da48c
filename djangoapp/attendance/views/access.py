"""Who gets through to the pages of the door, and what their browsers may do there."""

from collections.abc import Callable
from functools import wraps

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control

from attendance.rights import may_work_at_door, sessions_at_door
from shop.models import Session

LONGEST_KEY = 2**63 - 1


def door_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for who works at some door; its answer is kept nowhere but where our own script keeps it."""

    @wraps(view)
    def opened(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not (may_work_at_door(request.user) or sessions_at_door(request.user).exists()):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return cache_control(private=True, no_store=True)(login_required(opened))


def scanner_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page on which a camera reads codes: the decoder is WebAssembly, which no other page may run."""
    static_origins = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["font-src"]
    return csp_update({"script-src": ["'wasm-unsafe-eval'"], "connect-src": static_origins})(view)


def session_of(request: HttpRequest, pk: int) -> Session:
    """A session at whose door this person may work."""
    if pk > LONGEST_KEY:
        pk = 0  # more than a database can look for
    return get_object_or_404(sessions_at_door(request.user).select_related("project"), pk=pk)


def wants_json(request: HttpRequest) -> bool:
    """Whether our script asks; it says so."""
    return request.headers.get("Accept", "").startswith("application/json")
