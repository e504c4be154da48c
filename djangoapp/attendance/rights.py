"""Who may work at the door."""

from django.db.models import QuerySet

from accounts.tokens import DOOR_PERMISSION as WORK_AT_DOOR
from shop.models import Session


def may_work_at_door(user, session: Session | None = None) -> bool:
    """Whether somebody may check people in: staff with the permission everywhere, a host where they host.

    Without a session the question is about every door at once.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_staff and user.has_perm(WORK_AT_DOOR):
        return True
    return session is not None and session.host_id == user.pk


def sessions_at_door(user) -> QuerySet[Session]:
    """The sessions at whose doors somebody may work."""
    sessions = Session.objects.all()
    if may_work_at_door(user):
        return sessions
    if not user.is_authenticated or not user.is_active:
        return sessions.none()
    return sessions.filter(host=user)
