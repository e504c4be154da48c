"""What changes about people."""

from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction

from accounts import personal_data, sessions
from accounts.exceptions import CannotErase, StaffAccount, WorkedHere
from accounts.models import ApprovalStatus, DataRequest, DataRequestKind, Membership, Profile, User
from accounts.personal_data import Person
from core.mail import enqueue_mail, key_of_address
from core.text import one_line

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def membership_of(user) -> Membership:
    """The approved membership of a visitor, signed in or not."""
    if not user.is_authenticated:
        return Membership.BUSINESS
    return user.profile.membership


def time_zone_of(user) -> ZoneInfo | None:
    """The zone in which this visitor likes to read times, beside the session's own; ``None`` if they never said."""
    if not user.is_authenticated or not user.profile.time_zone:
        return None
    return ZoneInfo(user.profile.time_zone)


def needs_second_factor(user) -> bool:
    """Whether this visitor is staff, has no second factor, and must have one here."""
    if not (settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR and user.is_authenticated and user.is_staff):
        return False
    return not is_mfa_enabled(user, SECOND_FACTORS)


@transaction.atomic
def remove_second_factors(user: User) -> int:
    """Take all second factors and recovery codes from an account whose owner lost them, and end its sessions.

    Whoever calls this has made sure, outside of the shop, that it is really them who ask. Returns how many there were.
    """
    removed, _by_model = Authenticator.objects.filter(user=user).delete()
    transaction.on_commit(lambda: sessions.end_all_of(user.pk), robust=True)
    return removed


def vouch_for_address(user: User) -> None:
    """Count the user's address as confirmed, because somebody vouches for it: a command, the demo data.

    Safe to repeat.
    """
    EmailAddress.objects.update_or_create(
        user=user, primary=True, defaults={"email": user.email, "verified": True}
    )


@transaction.atomic
def update_profile(
    user: User,
    *,
    first_name: str,
    last_name: str,
    time_zone: str,
    picture: ContentFile | bool | None = None,
) -> None:
    """Keep what somebody told about themselves; names on one line, because letters to others begin with them.

    ``picture`` is a new one, cleaned by ``square_picture``; ``False`` removes the present one, and anything else
    leaves it. A picture that is replaced or removed is deleted from the storage after the commit.
    """
    user.first_name = one_line(first_name)
    user.last_name = one_line(last_name)
    user.save(update_fields=["first_name", "last_name"])
    profile = Profile.objects.select_for_update(no_key=True).get(user=user)
    profile.time_zone = time_zone
    changed = ["time_zone", "updated_at"]
    former = profile.picture.name
    if picture is False:
        profile.picture = ""
    elif isinstance(picture, ContentFile):
        profile.picture.save(picture.name, picture, save=False)
    if profile.picture.name != former:
        changed.append("picture")
        delete_file_on_commit(profile.picture.storage, former)
    profile.save(update_fields=changed)


def delete_file_on_commit(storage: Storage, name: str) -> None:
    """Delete a file that nothing will refer to once the transaction has committed."""
    if name:
        transaction.on_commit(lambda: storage.delete(name), robust=True)


@transaction.atomic
def apply_for_membership(profile: Profile, membership_type: str) -> bool:
    """Change the membership a user claims. Anything but business waits for staff; until then the base price holds.

    Applying again for what was declined asks staff anew. Returns whether anything changed.
    """
    locked = Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)
    is_same = locked.membership_type == membership_type
    if is_same and locked.membership_status != ApprovalStatus.DECLINED:
        return False
    locked.membership_type = membership_type
    locked.membership_decided_at = locked.membership_decided_by = None
    if membership_type == Membership.BUSINESS:
        locked.membership_status = ApprovalStatus.APPROVED
    else:
        locked.membership_status = ApprovalStatus.PENDING
    fields = ["membership_type", "membership_status", "membership_decided_at", "membership_decided_by"]
    locked.save(update_fields=[*fields, "updated_at"])
    for field in fields:
        setattr(profile, field, getattr(locked, field))
    return True


@transaction.atomic
def decide_membership(profile: Profile, status: ApprovalStatus, *, by: User) -> bool:
    """Approve or decline an application and tell the applicant. Returns whether there was one to decide.

    Repeating the call is harmless: an application that is decided already stays as it is. So does one for another
    membership than ``profile`` names, which the applicant chose after staff had looked.
    """
    asked = profile.membership_type
    profile = Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)
    if profile.membership_status != ApprovalStatus.PENDING or profile.membership_type != asked:
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


@transaction.atomic
def delete_account(user: User) -> None:
    """Let a person go: account, profile, picture, sessions, addresses, second factors, and what other apps let go.

    What the law on bookkeeping asks for stays; each app decides in what it registered with ``personal_data``.
    Raises ``StaffAccount``: whoever works here does not leave by a button; and ``WorkedHere``: nor does the log of
    what somebody did in the admin.
    """
    if user.is_staff:
        raise StaffAccount
    if user.has_worked_here:
        raise WorkedHere
    pk = user.pk
    personal_data.forget(user)
    user.delete()
    transaction.on_commit(lambda: sessions.end_all_of(pk), robust=True)


@transaction.atomic
def erase_person(person: Person, *, by: User) -> DataRequest:
    """Erase somebody at their wish: the account, and names and addresses wherever the law lets us. Leaves a record.

    Raises ``CannotErase`` with the reasons, while a session of theirs is still to come for instance.
    """
    reasons = personal_data.reasons_to_keep(person)
    if reasons:
        raise CannotErase(" ".join(reasons))
    changed = personal_data.erase(person)
    if person.user is not None:
        delete_account(person.user)
    return _note_request(DataRequestKind.ERASURE, person, by, dict(changed))


def note_export(person: Person, *, by: User) -> DataRequest:
    """Note that staff took out everything that we know about somebody."""
    told = {f"{part}.{name}": many for part, name, many in personal_data.outline(person)}
    return _note_request(DataRequestKind.EXPORT, person, by, told)


def _note_request(kind: DataRequestKind, person: Person, by: User, changed: dict[str, int]) -> DataRequest:
    return DataRequest.objects.create(
        kind=kind,
        address_key=key_of_address(person.email),
        had_account=person.user is not None,
        changed=changed,
        by=by,
    )
