"""What the accounts themselves know about somebody."""

from collections.abc import Iterator
from functools import reduce
from operator import or_

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.exceptions import WorkedHere
from accounts.models import Profile, User
from accounts.personal_data import Person
from core.models import Mail


def tell_person(user: User) -> Iterator[tuple[str, object]]:
    profile = user.profile
    addresses = EmailAddress.objects.filter(user=user)
    # Their kinds only: the secrets of second factors open this account.
    second_factors = Authenticator.objects.filter(user=user)
    connected = SocialAccount.objects.filter(user=user)
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
    yield "mails", _mails_to([user.email])


def tell_guest(email: str) -> Iterator[tuple[str, object]]:
    yield "email", email
    yield "mails", _mails_to([email])


def hold_staff(person: Person) -> Iterator[str]:
    if person.user is not None and person.user.is_staff:
        yield _("This is an account of the staff. Take its rights away first.")
    if person.user is not None and person.user.has_worked_here:
        yield str(WorkedHere())


def erase_traces(person: Person) -> dict[str, int]:
    """Delete all mails to the person, and take their name out of the admin's log. The rest goes with the account."""
    addresses = person.addresses
    mails, _by_model = Mail.objects.filter(to__in=addresses).delete()
    entries = LogEntry.objects.filter(
        reduce(or_, [Q(object_repr__icontains=address) for address in addresses])
    )
    named = entries.update(object_repr="–")
    if person.user is not None:
        about = ContentType.objects.get_for_models(User, Profile).values()
        of_account = LogEntry.objects.filter(content_type__in=about, object_id=str(person.user.pk))
        named += of_account.update(object_repr="–")
    return {"mails": mails, "log_entries": named}


def _mails_to(addresses: list[str]) -> Iterator[dict]:
    mails = Mail.objects.filter(to__in=addresses).order_by("pk")
    return mails.values("kind", "subject", "status", "created_at", "sent_at").iterator(chunk_size=500)


def forget_person(user: User) -> None:
    """Drop the mails about the account; what else there is goes with the user's row."""
    addresses = Person(user.email, user).addresses
    Mail.objects.filter(kind__in=["account", "membership_decided"], to__in=addresses).delete()
