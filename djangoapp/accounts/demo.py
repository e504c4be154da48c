"""People of the demo: accounts that everybody may sign in to, because their one password is told openly."""

from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.core.files import File

from accounts.models import ApprovalStatus, Membership, User
from accounts.pictures import square_picture
from accounts.services import apply_for_membership, decide_membership, vouch_for_address

PASSWORD = "plant-more-trees"  # noqa: S105 - meant to be known; demo data is refused outside demos


def make_account(email: str, *, first_name: str, last_name: str, **rights: bool) -> tuple[User, bool]:
    """Return the account with this address, made if it was missing, and whether it was.

    Its address counts as confirmed, so that signing in works at once.
    """
    user = User.objects.filter(email=email).first()
    if user is not None:
        return user, False
    user = User.objects.create_user(email, first_name=first_name, last_name=last_name, **rights)
    user.password = _hashed_password()
    user.save(update_fields=["password"])
    vouch_for_address(user)
    return user, True


def give_membership(user: User, membership: str, *, approved_by: User | None) -> None:
    """Apply for a membership; without anybody to approve it, the application waits."""
    apply_for_membership(user.profile, Membership(membership))
    if approved_by is not None:
        decide_membership(user.profile, ApprovalStatus.APPROVED, by=approved_by)


def give_portrait(user: User, path: Path) -> None:
    with path.open("rb") as file:
        picture = square_picture(File(file, name=path.name))
    user.profile.picture.save(picture.name, picture)


@cache
def _hashed_password() -> str:
    """Hashing is slow on purpose: once for all of them is enough."""
    return make_password(PASSWORD)
