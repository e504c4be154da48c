"""Why something on a to-do list does not go."""

from django.utils.translation import gettext as _

from core.exceptions import DomainError


class TooManyLists(DomainError):
    def __init__(self, most: int) -> None:
        super().__init__(_("You have %(most)d lists already. Please delete one first.") % {"most": most})


class ListFull(DomainError):
    def __init__(self, most: int) -> None:
        super().__init__(
            _("A list holds at most %(most)d open items. Please finish some first.") % {"most": most}
        )


class TooManyPeople(DomainError):
    def __init__(self, most: int) -> None:
        super().__init__(_("A list can be shared with at most %(most)d people.") % {"most": most})


class SharedWithOneself(DomainError):
    def __init__(self) -> None:
        super().__init__(_("That is your own address: the list is yours already."))


class NotOfThisList(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This person no longer shares the list. Please choose somebody else."))


class InvitationGone(DomainError):
    def __init__(self) -> None:
        super().__init__(_("The invitation was taken back."))
