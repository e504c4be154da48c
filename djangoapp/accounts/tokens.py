"""Tokens by which programs act for somebody. Only their hashes are kept: whoever reads the table opens nothing."""

import hashlib
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.exceptions import TooManyTokens
from accounts.models import ApiToken, TokenScope, User

MARK = "tnq_"  # tells people, and programs that look for leaked secrets, what it is
SECRET_BYTES = 32
SHOWN_LETTERS = len(MARK) + 4
MOST_TOKENS = 20
# Belongs to an app above, which says what it lets people do. Here it is a name.
DOOR_PERMISSION = "attendance.work_at_door"


def may_hold(user: User, scope: str) -> bool:
    """Whether this user may have tokens of a scope, and use those there are: those for the door are for door staff."""
    return scope != TokenScope.DOOR or (user.is_staff and user.has_perm(DOOR_PERMISSION))


@transaction.atomic
def make_token(user: User, *, name: str, scope: str) -> tuple[ApiToken, str]:
    """Make a token. Returns it with its secret, which nobody can ask for again.

    Raises ``TooManyTokens`` when the user has as many as anybody may have.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if ApiToken.objects.filter(user=user).valid().count() >= MOST_TOKENS:
        raise TooManyTokens(MOST_TOKENS)
    secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        user=user, name=name, scope=scope, prefix=secret[:SHOWN_LETTERS], digest=digest_of(secret.encode())
    )
    return token, secret


def revoke(token: ApiToken) -> None:
    """Make a token worthless from now on. Repeating the call is harmless."""
    ApiToken.objects.filter(pk=token.pk).valid().update(revoked_at=timezone.now())


def token_of(secret: bytes) -> ApiToken | None:
    """The valid token with this secret, its user and profile loaded, or ``None``. Notes the day of use."""
    tokens = ApiToken.objects.valid().filter(user__is_active=True).select_related("user__profile")
    token = tokens.filter(digest=digest_of(secret)).first()
    today = timezone.localdate()
    if token is not None and token.last_used_on != today:
        unused = Q(last_used_on__isnull=True) | Q(last_used_on__lt=today)
        ApiToken.objects.filter(unused, pk=token.pk).update(last_used_on=today)
    return token


def digest_of(secret: bytes) -> str:
    """What is kept of a secret. It is as random as its hash is long, so no salt and no slow hash are needed."""
    return hashlib.sha256(secret).hexdigest()
