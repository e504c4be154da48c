"""The rows that tests of the door begin with."""

from datetime import timedelta

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import User
from attendance.models import Ticket
from shop.models import CancellationPolicy, Session
from shop.tests.factories import SessionFactory, UserFactory, paid_order_for


def session_today(**fields) -> Session:
    """A session that starts in half an hour: its doors are open, and its places are still on sale."""
    return SessionFactory(**{"starts_at": timezone.now() + timedelta(minutes=30)} | fields)


def changeable_until_it_begins(**fields) -> Session:
    """The same, whose buyers may give up and move places until it begins."""
    policy = CancellationPolicy.objects.create(name="Until then", free_days=0, last_days=0, move_days=0)
    return session_today(project__policy=policy, **fields)


def ticket_for(session: Session, **changes) -> Ticket:
    """A ticket as a sale leaves it."""
    return Ticket.objects.for_door().get(line__order=paid_order_for((session, 1), **changes))


def tickets_for(session: Session, number: int) -> list[Ticket]:
    """Tickets of so many buyers."""
    return [ticket_for(session, email=f"guest{one}@example.org") for one in range(number)]


def door_staff(**fields) -> User:
    """Somebody of the staff who works at the door."""
    user = UserFactory(**{"first_name": "Dora", "last_name": "Tür", "is_staff": True} | fields)
    user.user_permissions.add(Permission.objects.get(codename="work_at_door"))
    return user
