"""The mails about accounts."""

from accounts.models import Profile
from core.letters import letter
from core.mail import Letter, mail_kind


@mail_kind("membership_decided")
def membership_decided(profile_id: int) -> Letter:
    profile = Profile.objects.select_related("user").get(pk=profile_id)
    return letter("accounts/email/membership_decided", {"profile": profile})


@mail_kind("account", is_secret=True)
def account(subject: str, text: str, html: str = "") -> Letter:
    """Links to confirm an address or to set a password; written by allauth, wiped from the table once sent."""
    return Letter(subject=subject, text=text, html=html)
