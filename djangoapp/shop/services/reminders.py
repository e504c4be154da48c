"""What goes out around a session by itself: a reminder some days before, and thanks on the day after.

Each is due at an hour of the session's own clock. A session remembers for which start its people were reminded, so one
that moves to another day reminds them anew; each address gets one letter for each day, whatever happens to the work.
What the letters say of the day ("tomorrow") is worded when they are sent, and a letter that was overtaken is dropped.
"""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from core.mail import enqueue_mail, key_of_address
from core.wallclock import NoSuchTime, TimeComesTwice, days_later, instant_of
from shop import presence
from shop.enums import OrderStatus
from shop.models import NoThanks, Order, OrderLine, Session

SESSIONS_AT_ONCE = 50
SLACK = timedelta(hours=2)  # a day on which the clocks change is longer or shorter
FRESH = timedelta(hours=12)  # whoever has just booked has the confirmation before their eyes
THANKS_AT = time(10)
THANKS_WITHIN = timedelta(days=4)  # later thanks would only puzzle people


def reminder_due_at(session: Session) -> datetime:
    """So many days before the start, at the same time of the session's clock."""
    days = settings.SHOP_REMIND_DAYS
    try:
        return days_later(session.starts_at, -days, session.tz)
    except (NoSuchTime, TimeComesTwice):
        return session.starts_at - timedelta(days=days)


def thanks_due_at(session: Session) -> datetime:
    """On the morning after the session's last day, on its own clock."""
    return instant_of(datetime.combine(session.local_end.date() + timedelta(days=1), THANKS_AT), session.tz)


def send_reminders() -> int:
    """Write the reminders that are due. Returns how many sessions had some to write. Safe to repeat."""
    now = timezone.now()
    if not settings.SHOP_REMIND_DAYS:
        return 0
    horizon = now + timedelta(days=settings.SHOP_REMIND_DAYS) + SLACK
    not_yet = Q(reminded_for__isnull=True) | ~Q(reminded_for=F("starts_at"))
    coming = Session.objects.filter(
        not_yet, starts_at__gt=now, starts_at__lte=horizon, cancelled_at__isnull=True
    ).order_by("starts_at", "pk")
    due = [session.pk for session in coming[:SESSIONS_AT_ONCE] if reminder_due_at(session) <= now]
    for session_id in due:  # one short transaction each
        _remind(session_id, now)
    return len(due)


def send_thanks() -> int:
    """Write the thanks that are due. Returns how many sessions had some to write. Safe to repeat."""
    now = timezone.now()
    over = Session.objects.filter(
        thanked_at__isnull=True, ends_at__lte=now, ends_at__gt=now - THANKS_WITHIN, cancelled_at__isnull=True
    ).order_by("ends_at", "pk")
    due = [session.pk for session in over[:SESSIONS_AT_ONCE] if thanks_due_at(session) <= now]
    for session_id in due:
        _thank(session_id, now)
    return len(due)


def lines_of_person(session: Session, email: str) -> QuerySet[OrderLine]:
    """The places that somebody has paid for in a session, in all their orders."""
    paid = session.order_lines.kept().filter(order__email=email, order__status=OrderStatus.PAID)
    return paid.order_by("order", "position")


def wants_no_thanks(email: str) -> bool:
    return NoThanks.objects.filter(address_key=key_of_address(email)).exists()


def refuse_thanks(email: str) -> None:
    """Write no letters to this address beyond what its bookings need. Repeating it is harmless."""
    NoThanks.objects.get_or_create(address_key=key_of_address(email))


def accept_thanks(email: str) -> None:
    """Take the wish for no letters back. Repeating it is harmless."""
    NoThanks.objects.filter(address_key=key_of_address(email)).delete()


@transaction.atomic
def _remind(session_id: int, now: datetime) -> None:
    session = Session.objects.select_for_update(of=("self",), no_key=True).get(pk=session_id)
    if session.reminded_for == session.starts_at or session.is_cancelled:
        return  # another worker was quicker, or somebody thought again
    people = _people(session.order_lines.kept(), paid_at__lt=now - FRESH)
    day = f"{session.local_start:%Y-%m-%d}"
    for order_id, email in people.values_list("pk", "email"):
        enqueue_mail(
            "session_reminder",
            to=email,
            dedupe_key=f"reminder:{session.pk}:{day}:{key_of_address(email)}",
            context={"session_id": session.pk, "order_id": order_id},
        )
    Session.objects.filter(pk=session.pk).update(reminded_for=session.starts_at)


@transaction.atomic
def _thank(session_id: int, now: datetime) -> None:
    session = Session.objects.select_for_update(of=("self",), no_key=True).get(pk=session_id)
    if session.thanked_at is not None:
        return
    lines = session.order_lines.kept()
    came = presence.who_came(session)
    people = _people(lines if came is None else lines.filter(pk__in=came))
    told = list(people.values_list("pk", "email"))
    refused = NoThanks.objects.filter(address_key__in=[key_of_address(email) for _pk, email in told])
    unwanted = set(refused.values_list("address_key", flat=True))
    for order_id, email in told:
        if key_of_address(email) not in unwanted:
            enqueue_mail(
                "session_thanks",
                to=email,
                dedupe_key=f"thanks:{session.pk}:{key_of_address(email)}",
                context={"session_id": session.pk, "order_id": order_id},
            )
    Session.objects.filter(pk=session.pk).update(thanked_at=now)


def _people(lines: QuerySet[OrderLine], **only) -> QuerySet[Order]:
    """One paid order of each address that has one of these lines, the latest. ``only`` says which orders count."""
    paid = Order.objects.filter(status=OrderStatus.PAID, pk__in=lines.order_by().values("order"), **only)
    latest = paid.order_by().values("email").annotate(latest=Max("pk")).values("latest")
    return Order.objects.filter(pk__in=latest).order_by("pk")
