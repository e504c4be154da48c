"""What the accounts themselves know about somebody."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from accounts.models import User
from core.models import Mail


def tell_person(user: User) -> Iterator[tuple[str, object]]:
    profile = user.profile
    addresses = EmailAddress.objects.filter(user=user)
    # Their kinds only: the secrets of second factors open this account.
    second_factors = Authenticator.objects.filter(user=user)
    connected = SocialAccount.objects.filter(user=user)
    mails = Mail.objects.filter(to__iexact=user.email).order_by("pk")
    yield "email", user.email
    yield "first_name", user.first_name
    yield "last_name", user.last_name
    yield "joined_at", user.date_joined
    yield "last_signed_in_at", user.last_login
    yield "picture", profile.picture.url if profile.picture else None
    yield "time_zone", profile.time_zone
    yield "membership_type", profile.membership_type
    yield "membership_status", profile.membership_status
    yield "membership_decided_at", profile.membership_decided_at
    yield "email_addresses", list(addresses.values("email", "verified", "primary"))
    yield "second_factors", list(second_factors.values("type", "created_at", "last_used_at"))
    yield "connected_accounts", list(connected.values("provider", "uid", "date_joined", "extra_data"))
    # What they are called and did: a hash of the secret tells nobody anything.
    api_tokens = user.api_tokens.values("name", "scope", "created_at", "last_used_on", "revoked_at")
    yield "api_tokens", list(api_tokens)
    yield "mails", mails.values("kind", "subject", "status", "created_at", "sent_at").iterator(chunk_size=500)


def forget_person(user: User) -> None:
    """Drop the mails about the account; what else there is goes with the user's row."""
    addresses = [user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)]
    Mail.objects.filter(kind__in=["account", "membership_decided"], to__in=addresses).delete()
