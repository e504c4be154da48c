"""How people are reminded: a calendar by a secret link, and a mail in the morning."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from core.mail import enqueue_mail
from todos.models import Preferences, TodoItem
from todos.querysets import Clock, zone_of

MORNING = time(6)
LATEST = time(12)  # whoever was not reached by noon is not woken in the evening
FEED_LENGTH = 500
FEED_BACK = timedelta(days=31)


def preferences_of(user: User) -> Preferences:
    """What the person wants; nothing, unless they said so."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def set_morning_mail(user: User, is_wanted: bool) -> None:
    Preferences.objects.update_or_create(user=user, defaults={"wants_morning_mail": is_wanted})


def make_feed(user: User) -> Preferences:
    """Give the person a new secret link to their calendar. An older one stops working."""
    Preferences.objects.get_or_create(user=user)
    Preferences.objects.filter(user=user).update(has_feed=True, feed_version=F("feed_version") + 1)
    return Preferences.objects.get(user=user)


def end_feed(user: User) -> None:
    """Make the link stop working; the next one will be another."""
    Preferences.objects.filter(user=user).update(has_feed=False, feed_version=F("feed_version") + 1)


def feed_items(user: User) -> QuerySet:
    """What the calendar shows: the person's open items that are due, from a month back."""
    since = Clock.of(user).today - FEED_BACK
    items = TodoItem.objects.for_person(user).filter(due_on__gte=since).by_date()
    return items.select_related("todo_list")[:FEED_LENGTH]


def morning_items(user: User, clock: Clock) -> QuerySet:
    """What a morning mail tells: due today, or overdue."""
    return TodoItem.objects.for_person(user).due_by_today(clock).select_related("todo_list")


def send_morning_mails() -> int:
    """Write to whoever wants it and has something due, once it is six in the morning where they live.

    Run every few minutes. Each person and day is claimed by a conditional update, and the mail has a key of its own
    besides: nobody gets two. Returns how many mails were written.
    """
    now = timezone.now()
    wanting = Preferences.objects.filter(wants_morning_mail=True, user__is_active=True)
    awake = wanting.filter(_is_awake(now)).select_related("user__profile")
    return sum(_write_if_due(preferences, now) for preferences in awake)


def _is_awake(now: datetime) -> Q:
    """Those in whose zone it is morning, and who have not been thought of today."""
    wanting = User.objects.filter(todo_preferences__wants_morning_mail=True)
    awake = Q(pk__in=[])
    for name in wanting.order_by().values_list("profile__time_zone", flat=True).distinct():
        local = now.astimezone(ZoneInfo(name or settings.TIME_ZONE))
        if MORNING <= local.time() < LATEST:
            not_yet = Q(mailed_on=None) | ~Q(mailed_on=local.date())
            awake |= Q(user__profile__time_zone=name) & not_yet
    return awake


@transaction.atomic
def _write_if_due(preferences: Preferences, now: datetime) -> bool:
    user = preferences.user
    clock = Clock.of(user, now)
    claimed = Preferences.objects.filter(pk=preferences.pk, mailed_on=preferences.mailed_on)
    if not claimed.update(mailed_on=clock.today):
        return False
    if not morning_items(user, clock).exists():
        return False
    return enqueue_mail(
        "todos_morning",
        to=user.email,
        dedupe_key=f"todos-morning:{user.pk}:{clock.today.isoformat()}",
        context={"user_id": user.pk},
    )


def zone_name(user: User) -> str:
    """The city of the clock by which the person is woken."""
    return zone_of(user).key.rpartition("/")[2].replace("_", " ")
