"""Who votes: the account that is signed in, and the browser by its cookie.

The cookie is set by voting and by nothing else, so looking at a poll leaves no trace.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from polls.services import Voter

VOTER_COOKIE = "voter"
VOTER_COOKIE_SECONDS = 365 * 24 * 3600
SALT = "polls.voter"


def voter_of(request: HttpRequest, *, new_token: str = "") -> Voter:
    """Return the visitor as a voter. A browser without a cookie gets ``new_token``."""
    token = request.get_signed_cookie(VOTER_COOKIE, default="", salt=SALT, max_age=VOTER_COOKIE_SECONDS)
    return Voter(request.user if request.user.is_authenticated else None, token or new_token)


def remember_voter(response: HttpResponse, voter: Voter) -> HttpResponse:
    """Let the browser be recognised when it votes again."""
    response.set_signed_cookie(
        VOTER_COOKIE,
        voter.token,
        salt=SALT,
        max_age=VOTER_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
