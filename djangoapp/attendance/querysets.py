"""The questions that the door asks of its tables."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from core.wallclock import SENSIBLE_YEARS


class TicketQuerySet(models.QuerySet):
    def valid(self):
        """Tickets that open the door."""
        return self.filter(voided_at__isnull=True)

    def of_order(self, order):
        return self.filter(line__order=order).order_by("line__position")

    def of_session(self, session):
        return self.filter(line__session=session)

    def beginning(self, short_code):
        """Tickets whose code begins so, found by the index of codes."""
        return self.filter(code__startswith=short_code)

    def for_door(self):
        """With everything that an answer at the door tells, in one query."""
        return self.select_related("line__order", "line__session__project")


# An entry that counts: nobody undid it, and it is not the second one for its ticket.
COUNTS = Q(undone_at__isnull=True, is_conflict=False)


class EntryQuerySet(models.QuerySet):
    def counted(self):
        """People who came, each ticket once."""
        return self.filter(COUNTS)

    def conflicts(self):
        """People let in without a network whose ticket was used up or worth nothing by then. Nobody undid it."""
        return self.filter(undone_at__isnull=True, is_conflict=True)

    def on_day(self, day: date, zone: ZoneInfo):
        """Entries of one day on the clock of a zone, however many hours it has."""
        if day.year not in SENSIBLE_YEARS:
            return self.none()
        begins, ends = (
            datetime.combine(midnight, time.min, zone) for midnight in (day, day + timedelta(days=1))
        )
        return self.filter(arrived_at__gte=begins, arrived_at__lt=ends)

    def in_order_of_arrival(self):
        return self.order_by("arrived_at", "pk")

    def for_door(self):
        """With everything that an answer at the door tells, in one query."""
        return self.select_related("recorded_by", "session__project")
