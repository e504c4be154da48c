"""What changes about people."""

from django.db import transaction

from accounts.models import ApprovalStatus, Membership, Profile, User
from core.mail import enqueue_mail


def membership_of(user) -> Membership:
    """The approved membership of a visitor, signed in or not."""
    if not user.is_authenticated:
        return Membership.BUSINESS
    return user.profile.membership


def apply_for_membership(profile: Profile, membership_type: str) -> None:
    """Change the membership a user claims. Anything but business waits for staff; until then the base price holds.

    The caller saves the profile.
    """
    profile.membership_type = membership_type
    if membership_type == Membership.BUSINESS:
        profile.membership_status = ApprovalStatus.APPROVED
    else:
        profile.membership_status = ApprovalStatus.PENDING


@transaction.atomic
def decide_membership(profile: Profile, status: ApprovalStatus, *, by: User) -> bool:
    """Approve or decline an application and tell the applicant. Returns whether there was one to decide.

    Repeating the call is harmless: an application that is decided already stays as it is.
    """
    profile = Profile.objects.select_for_update().get(pk=profile.pk)
    if profile.membership_status != ApprovalStatus.PENDING:
        return False
    profile.decide(status, by)
    profile.save(
        update_fields=["membership_status", "membership_decided_at", "membership_decided_by", "updated_at"]
    )
    enqueue_mail(
        "membership_decided",
        to=profile.user.email,
        dedupe_key=f"membership:{profile.pk}:{profile.membership_decided_at.isoformat()}",
        context={"profile_id": profile.pk},
    )
    return True
