"""The pages on which a user makes tokens for the API, and revokes them."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import tokens
from accounts.exceptions import TooManyTokens
from accounts.forms import TokenForm
from accounts.models import ApiToken
from accounts.services import needs_second_factor


@never_cache
@login_required
@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    own = ApiToken.objects.filter(user=request.user).valid()
    return render(request, "accounts/token_list.html", {"tokens": own})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def token_new(request: HttpRequest) -> HttpResponse:
    """Make a token. The answer shows its secret: no later page can, and so there is no redirect to one."""
    if needs_second_factor(request.user):
        messages.warning(
            request, _("Your account is one of the staff’s: please set up a second factor first.")
        )
        return redirect("mfa_activate_totp")
    form = TokenForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        try:
            token, secret = tokens.make_token(request.user, **form.cleaned_data)
        except TooManyTokens as refusal:
            messages.error(request, str(refusal))
            return redirect("accounts:token_list")
        return render(request, "accounts/token_made.html", {"token": token, "secret": secret})
    return render(request, "accounts/token_new.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a token of one's own; asked back once."""
    token = get_object_or_404(ApiToken.objects.filter(user=request.user).valid(), pk=pk)
    if request.method != "POST":
        return render(request, "accounts/token_revoke.html", {"token": token})
    tokens.revoke(token)
    messages.success(request, _("“%(name)s” is revoked: it opens nothing any more.") % {"name": token.name})
    return redirect("accounts:token_list")
