"""The pages of one's own account. Signing in and all around it is allauth's."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import personal_data, services
from accounts.exceptions import StaffAccount, WorkedHere
from accounts.forms import DeletionForm, MembershipForm, ProfileForm
from accounts.models import User
from accounts.personal_data import Person


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    form = _profile_form(request.user, request.POST or None, request.FILES or None)
    if form.is_valid():
        services.update_profile(request.user, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile")
    return _profile_page(request, form, _membership_form(request.user))


@login_required
@require_POST
def apply_for_membership(request: HttpRequest) -> HttpResponse:
    form = _membership_form(request.user, request.POST)
    if not form.is_valid():
        return _profile_page(request, _profile_form(request.user), form)
    if services.apply_for_membership(request.user.profile, form.cleaned_data["membership_type"]):
        messages.success(request, _("We have noted what you book as."))
    return redirect("accounts:profile")


@never_cache
@login_required
@require_safe
def download_data(request: HttpRequest) -> StreamingHttpResponse:
    """Everything we know about the visitor, as a file."""
    response = StreamingHttpResponse(
        personal_data.as_json(Person(request.user.email, request.user)),
        content_type="application/json; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="my-data-{timezone.localdate():%Y-%m-%d}.json"'
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete_account(request: HttpRequest) -> HttpResponse:
    form = DeletionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.delete_account(request.user)
        except (StaffAccount, WorkedHere) as refusal:
            messages.error(request, str(refusal))
            return redirect("accounts:profile")
        logout(request)
        messages.success(request, _("Your account is deleted. Thank you for the time with us."))
        return redirect("/")
    return render(request, "accounts/delete.html", {"form": form})


def _profile_form(user: User, *data) -> ProfileForm:
    told = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "picture": user.profile.picture,
        "time_zone": user.profile.time_zone,
    }
    return ProfileForm(*data, initial=told)


def _membership_form(user: User, *data) -> MembershipForm:
    return MembershipForm(*data, initial={"membership_type": user.profile.membership_type})


def _profile_page(request: HttpRequest, form: ProfileForm, membership_form: MembershipForm) -> HttpResponse:
    context = {"form": form, "membership_form": membership_form, "profile": request.user.profile}
    return render(request, "accounts/profile.html", context)
