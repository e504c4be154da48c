"""What one asks about lists and items. Whoever may see a list may see its items; nobody else does."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.services import time_zone_of


@dataclass(frozen=True)
class Clock:
    """What day and time it is where somebody lives. Items are due on the clock of whoever looks."""

    today: date
    time: time

    @classmethod
    def of(cls, user, at: datetime | None = None) -> "Clock":
        local = (at or timezone.now()).astimezone(zone_of(user))
        return cls(local.date(), local.time())


def zone_of(user) -> ZoneInfo:
    """The user's zone, or the studio's for who never said."""
    return time_zone_of(user) or ZoneInfo(settings.TIME_ZONE)


def is_open(prefix: str = "") -> Q:
    return Q(**{f"{prefix}deleted_at": None, f"{prefix}done_at": None})


def is_done(prefix: str = "") -> Q:
    return Q(**{f"{prefix}deleted_at": None, f"{prefix}done_at__isnull": False})


def is_due_today(clock: Clock, prefix: str = "") -> Q:
    return is_open(prefix) & Q(**{f"{prefix}due_on": clock.today})


def is_overdue(clock: Clock, prefix: str = "") -> Q:
    earlier_today = Q(**{f"{prefix}due_on": clock.today, f"{prefix}due_time__lt": clock.time})
    return is_open(prefix) & (Q(**{f"{prefix}due_on__lt": clock.today}) | earlier_today)


class TodoListQuerySet(models.QuerySet):
    def living(self):
        return self.filter(deleted_at=None)

    def owned_by(self, user):
        return self.filter(owner=user)

    def seen_by(self, user):
        """The lists of this person, and those that they agreed to share."""
        share = self.model._meta.get_field("shares").related_model
        shared = share.objects.filter(todo_list=OuterRef("pk"), user=user)
        return self.living().filter(Q(owner=user) | Exists(shared))

    def with_counts(self, clock: Clock):
        """Annotate ``open_count``, ``today_count``, ``overdue_count`` and ``done_count``."""
        return self.annotate(
            open_count=Count("items", filter=is_open("items__")),
            today_count=Count("items", filter=is_due_today(clock, "items__")),
            overdue_count=Count("items", filter=is_overdue(clock, "items__")),
            done_count=Count("items", filter=is_done("items__")),
        )


class TodoItemQuerySet(models.QuerySet):
    def seen_by(self, user):
        lists = self.model._meta.get_field("todo_list").related_model
        return self.filter(todo_list__in=lists.objects.seen_by(user).order_by().values("pk"))

    def for_person(self, user):
        """Open items with a date that are this person's to do: nobody else took them on."""
        mine = Q(assignee=user) | Q(assignee=None)
        return self.seen_by(user).open().filter(mine, due_on__isnull=False)

    def living(self):
        return self.filter(deleted_at=None)

    def deleted(self):
        return self.filter(deleted_at__isnull=False).order_by("-deleted_at", "-pk")

    def open(self):
        return self.filter(is_open()).order_by("position", "pk")

    def done(self):
        """What is done, the latest first."""
        return self.filter(is_done()).order_by("-done_at", "-pk")

    def due_today(self, clock: Clock):
        return self.filter(is_due_today(clock)).by_date()

    def overdue(self, clock: Clock):
        return self.filter(is_overdue(clock)).by_date()

    def due_by_today(self, clock: Clock):
        """Overdue, or due in the course of today."""
        return self.filter(is_open(), due_on__lte=clock.today).by_date()

    def by_date(self):
        return self.order_by("due_on", F("due_time").asc(nulls_last=True), "position", "pk")
