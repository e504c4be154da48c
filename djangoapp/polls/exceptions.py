"""Why a vote does not count."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.exceptions import DomainError


class PollNotOpen(DomainError):
    """Votes count from the opening to the closing, and while the poll is published."""

    def __init__(self) -> None:
        super().__init__(_("This poll does not take votes at the moment."))


class AccountNeeded(DomainError):
    """Only people with an account take part in this poll."""

    def __init__(self) -> None:
        super().__init__(_("Please sign in to take part in this poll."))


class VotedSignedIn(DomainError):
    """The vote of this browser was cast by somebody who was signed in; it is theirs to change."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has voted in this browser while signed in. Please sign in to change that vote.")
        )


class NotAChoice(DomainError):
    """None was chosen, or one that this poll does not have (any more)."""

    def __init__(self) -> None:
        super().__init__(_("Please choose one of the answers."))


class TooManyChoices(DomainError):
    def __init__(self, most: int) -> None:
        super().__init__(
            ngettext("Please choose only %(most)d.", "Please choose at most %(most)d.", most) % {"most": most}
        )
