"""Refusals about people."""

from django.utils.translation import gettext_lazy as _

from core.exceptions import DomainError


class StaffAccount(DomainError):
    """An account of staff was to be deleted by itself."""

    def __init__(self) -> None:
        super().__init__(_("An account of the staff is closed by the studio’s owner. Please ask there."))
