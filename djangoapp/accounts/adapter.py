"""How allauth speaks to our users and reads our visitors."""

import secrets
from types import SimpleNamespace
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.models import User
from core.limits import network_of
from core.mail import enqueue_mail
from core.network import client_address
from core.text import one_line


class AccountAdapter(DefaultAccountAdapter):
    """Mails through the mail table, limits by the client's true address."""

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Queue a mail of allauth's; its links are secret, so the row is wiped once it is sent."""
        frame = {
            "request": self.request,
            "email": email,
            "current_site": SimpleNamespace(
                name=settings.SITE_NAME, domain=urlsplit(settings.SITE_URL).netloc
            ),
            **{name: _at_our_address(name, value) for name, value in context.items()},
        }
        message = self.render_mail(template_prefix, email, frame)
        html = next((part.content for part in message.alternatives if part.mimetype == "text/html"), "")
        enqueue_mail(
            "account",
            to=email,
            dedupe_key=f"account:{secrets.token_hex(16)}",
            context={"subject": str(message.subject), "text": message.body, "html": html},
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def confirm_email(self, request: HttpRequest, email_address) -> bool:
        """Refuse an address by which somebody else signs in, even if they never confirmed it."""
        others = User.objects.exclude(pk=email_address.user_id).filter(email__iexact=email_address.email)
        if others.exists():
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False
        return super().confirm_email(request, email_address)

    def pre_authenticate(self, request: HttpRequest, **credentials) -> None:
        super().pre_authenticate(request, **credentials)
        if not self._consume_failure(request, credentials, dry_run=True):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials) -> None:
        super().authentication_failed(request, **credentials)
        self._consume_failure(request, credentials)

    def _consume_failure(self, request: HttpRequest, credentials: dict, *, dry_run: bool = False) -> bool:
        account = credentials.get("email", "").lower()
        return ratelimit.consume(request, action="login_failed_anywhere", key=account, dry_run=dry_run)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials) -> str:
        """Count wrong passwords by account and network, so that nobody locks somebody else out from afar."""
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{network_of(request)}:{account}"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors whose secrets are unreadable in the database."""

    # Who could hang an unconfirmed address on an account with a second factor would keep its owner out for good.
    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": _(
            "With a second factor the address stays as it is. Switch the second factor off, change the address, "
            "and set it up again."
        ),
    }

    def encrypt(self, text: str) -> str:
        return second_factor.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor.unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return settings.SITE_NAME


class SocialAdapter(DefaultSocialAccountAdapter):
    """Sign-in with Google."""

    def populate_user(self, request: HttpRequest, sociallogin, data: dict) -> User:
        user = super().populate_user(request, sociallogin, data)
        user.first_name, user.last_name = one_line(user.first_name), one_line(user.last_name)
        return user

    def can_authenticate_by_email(self, login, email: str) -> bool:
        """Let Google vouch for its own addresses only: Gmail's, and those of domains that Google hosts.

        Any other address was once confirmed to Google and may belong to somebody else by now. Its owner signs in
        with the password and connects Google in the account.
        """
        if not super().can_authenticate_by_email(login, email):
            return False
        hosted_domain = login.account.extra_data.get("hd", "").lower()
        return email.rpartition("@")[2].lower() in {"gmail.com", "googlemail.com", hosted_domain}


def _at_our_address(name: str, value):
    """Begin links with the installation's public address, not with whatever host name was asked for."""
    if not name.endswith("_url"):
        return value
    parts = urlsplit(value)
    return f"{settings.SITE_URL}{parts.path}" + (f"?{parts.query}" if parts.query else "")
