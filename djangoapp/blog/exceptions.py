"""Why a post cannot be kept as it is."""

from django.utils.translation import gettext as _

from core.exceptions import DomainError


class SlugTaken(DomainError):
    """Another post has this address, or had it once."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            _("Another post is or was at the address “%(slug)s”. Please choose another.") % {"slug": slug}
        )


class ChangedMeanwhile(DomainError):
    """Somebody else, or the same person in another window, changed the post since it was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This post was changed in the meantime, perhaps in another window. Open it again beside this page, "
                "take over what is missing there, and save there."
            )
        )
