"""The door's refusals that are no answers to a ticket."""

from django.utils.translation import gettext as _

from core.exceptions import DomainError


class NonceReused(DomainError):
    """One and the same scan cannot be about two people."""

    def __init__(self) -> None:
        super().__init__(_("This scan was used for somebody else already. Please scan again."))


class NameUnfit(DomainError):
    """A name or a gate is missing, too long or not made of letters. ``field`` says which one it is."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)
