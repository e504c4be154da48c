"""What people tell about themselves."""

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.mfa.adapter import get_adapter as get_second_factor_adapter
from allauth.mfa.base import forms as second_factor_forms
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import time_zones, tokens
from accounts.models import ApiToken, Membership, TokenScope, User
from accounts.pictures import FORMATS, square_picture


class LoginForm(AllauthLoginForm):
    """E-mail address, password, and whether to be remembered."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"].label = _("Keep me signed in for two weeks")


class SignupForm(AllauthSignupForm):
    """E-mail address and password, and nothing else."""

    def try_save(self, request):
        """Make the account whole or not at all.

        Of two sign-ups with one address at the same instant the second is told by mail, like any later one.
        """
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)


class OnceOnly:
    """Refuses a code for as long as clocks that differ would accept it again."""

    def clean_code(self) -> str:
        code = super().clean_code()
        plain = "".join(letter for letter in code if letter.isalnum())
        periods = 1 + 2 * settings.MFA_TOTP_TOLERANCE
        is_fresh = cache.add(
            f"accounts.code:{self.user.pk}:{plain}", True, timeout=periods * settings.MFA_TOTP_PERIOD
        )
        if not is_fresh:
            raise get_second_factor_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(OnceOnly, second_factor_forms.AuthenticateForm):
    """The code asked for at sign-in."""


class SecondFactorAgainForm(OnceOnly, second_factor_forms.ReauthenticateForm):
    """The code asked for before something that matters."""


class PictureField(forms.FileField):
    """An uploaded picture, cleaned to the square that is kept."""

    widget = forms.ClearableFileInput(attrs={"accept": ",".join(f"image/{name.lower()}" for name in FORMATS)})

    def to_python(self, data):
        upload = super().to_python(data)
        return upload and square_picture(upload)


class ZoneInput(forms.TextInput):
    """A line to type a place into, with all zones to pick from."""

    template_name = "accounts/widgets/zone_input.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = context["zones_id"] = f"{context['widget']['attrs']['id']}_zones"
        context["zones"] = time_zones.labels()
        return context


class ZoneField(forms.CharField):
    """A time zone by its city: ``Zurich``, ``Zurich, Europe`` or ``Europe/Zurich``."""

    widget = ZoneInput

    def prepare_value(self, value):
        return time_zones.label(value) if value in time_zones.names() else value

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        name = time_zones.find(text)
        if name is None:
            raise forms.ValidationError(
                _("We do not know this time zone. Please pick one of the list: a large city near you."),
                code="unknown",
            )
        return name


class ProfileForm(forms.Form):
    """The person behind the account."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    picture = PictureField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 5 MB. We cut it to a square and keep nothing else of it."),
    )
    time_zone = ZoneField(
        label=_("Your time zone"),
        required=False,
        max_length=80,
        help_text=_("Type a large city near you. Your bookings then tell your own time beside the studio’s."),
    )

    mark_optional = False


class MembershipForm(forms.Form):
    """The membership that somebody claims."""

    membership_type = forms.ChoiceField(
        label=_("You book as"), choices=Membership.choices, widget=forms.RadioSelect
    )


class TokenForm(forms.ModelForm):
    """What a program that calls the API is called, and what it may do."""

    mark_optional = False

    class Meta:
        model = ApiToken
        fields = ["name", "scope"]
        labels = {"name": _("What is it for?"), "scope": _("It may")}
        help_texts = {"name": _("So that you know it again, such as “Calendar on my desk”.")}
        widgets = {"scope": forms.RadioSelect}

    def __init__(self, *data, user: User) -> None:
        super().__init__(*data)
        offered = [scope for scope in TokenScope if tokens.may_hold(user, scope)]
        self.fields["scope"].choices = [(scope.value, scope.label) for scope in offered]
        self.initial["scope"] = TokenScope.READ


class DeletionForm(forms.Form):
    """The last question before an account is gone."""

    is_sure = forms.BooleanField(
        label=_("Yes, delete my account for good."),
        error_messages={"required": _("Please tick the box if you are sure.")},
    )
