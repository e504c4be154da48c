"""Who calls the API, and what their token lets them do.

The settings name what is here, and the framework loads it before its own views: so nothing here imports those.
"""

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import tokens
from accounts.models import ApiToken, TokenScope, User


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``, with a token that the user made in the account pages."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = tokens.token_of(secret.strip())
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown, or it was revoked."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        challenge = 'Bearer realm="api"'
        return f'{challenge}, error="invalid_token"' if get_authorization_header(request) else challenge


class ScopeAllows(BasePermission):
    """A token does what its scope says and nothing else; without a token the view's other permissions decide.

    A view for the door says so by ``scope = TokenScope.DOOR``, and opens to who works there alone.
    """

    message = _("The scope of this token does not allow this.")

    def has_permission(self, request: Request, view) -> bool:
        is_for_door = getattr(view, "scope", None) == TokenScope.DOOR
        if request.auth is None:
            return not is_for_door
        match request.auth.scope:
            case TokenScope.DOOR:
                return is_for_door and tokens.may_hold(request.user, TokenScope.DOOR)
            case TokenScope.WRITE:
                return not is_for_door
            case TokenScope.READ:
                return not is_for_door and request.method in SAFE_METHODS
        return False
