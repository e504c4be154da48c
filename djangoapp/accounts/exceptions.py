"""Refusals about people."""

from django.utils.translation import gettext_lazy as _

from core.exceptions import DomainError


class StaffAccount(DomainError):
    """An account of staff was to be deleted by itself."""

    def __init__(self) -> None:
        super().__init__(_("An account of the staff is closed by the studio’s owner. Please ask there."))


class WorkedHere(DomainError):
    """An account was to be deleted whose owner did something in the admin: its log would go along."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This account has worked in the studio’s admin, whose log tells what it did. So that the log stays, "
                "the account stays; the studio’s owner can close it."
            )
        )


class CannotErase(DomainError):
    """Something stands against forgetting somebody; the message has all reasons."""


class TooManyTokens(DomainError):
    """Somebody has as many tokens for the API as anybody may have."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _("You have %(most)d tokens, and that is the most. Revoke one that you no longer use.")
            % {"most": most}
        )
