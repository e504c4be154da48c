"""The questions that the shop asks of its tables. Time and counting stay inside."""

from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, IntegerField, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from shop.enums import (
    HOLDING,
    LIVE,
    UNSETTLED_REFUNDS,
    CartStatus,
    OrderStatus,
    PaymentStatus,
    RefundStatus,
)


def lapsed_places():
    """Places of the outer session whose hold in a cart has run out but that nobody has swept up yet."""
    cart_line = apps.get_model("shop", "CartLine")
    return Coalesce(
        Subquery(
            cart_line.objects.filter(session=OuterRef("pk"), is_held=True, held_until__lte=timezone.now())
            .order_by()
            .values("session")
            .annotate(places=Sum("quantity"))
            .values("places"),
            output_field=IntegerField(),
        ),
        Value(0),
    )


class SessionQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True, project__is_published=True)

    def upcoming(self):
        """Published sessions that have not started, soonest first."""
        return self.published().filter(starts_at__gt=timezone.now()).order_by("starts_at", "pk")

    def on_sale(self):
        """Upcoming sessions within their sales window, full or not."""
        now = timezone.now()
        return self.upcoming().filter(
            Q(sales_start_at__isnull=True) | Q(sales_start_at__lte=now),
            Q(sales_end_at__isnull=True) | Q(sales_end_at__gt=now),
        )

    def with_seats_left(self):
        """Annotate ``seats_left``. Places whose hold has run out count as free, swept or not."""
        return self.annotate(seats_left=F("capacity") - F("seats_taken") + lapsed_places())

    def with_places(self):
        """Sessions that still have a free place."""
        return self.with_seats_left().filter(seats_left__gt=0)

    def bookable(self):
        return self.on_sale().with_places()

    def for_cards(self):
        """Everything that a session's card shows, in one query."""
        return self.select_related("project", "project__category").with_seats_left()

    def matching(self, words: str):
        """Sessions whose project or place speaks of every word."""
        found = self
        for word in words.split()[:8]:
            found = found.filter(
                Q(project__title__icontains=word)
                | Q(project__summary__icontains=word)
                | Q(project__description__icontains=word)
                | Q(place_name__icontains=word)
            )
        return found


class ProjectQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def with_next_dates(self):
        """Annotate ``next_starts_at``, ``lowest_price`` and ``upcoming_count`` over the upcoming sessions."""
        upcoming = Q(sessions__is_published=True, sessions__starts_at__gt=timezone.now())
        return self.annotate(
            next_starts_at=Min("sessions__starts_at", filter=upcoming),
            lowest_price=Min("sessions__base_price", filter=upcoming),
            upcoming_count=Count("sessions", filter=upcoming),
        )


class CartQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status=CartStatus.OPEN)


class CartLineQuerySet(models.QuerySet):
    def holding(self, at: datetime | None = None):
        """Lines whose places are held at this instant."""
        return self.filter(is_held=True, held_until__gt=at or timezone.now())

    def lapsed(self, at: datetime | None = None):
        """Lines that still count in ``seats_taken`` although their hold has run out."""
        return self.filter(is_held=True, held_until__lte=at or timezone.now())


class OrderQuerySet(models.QuerySet):
    def holding(self):
        """Orders that keep their places."""
        return self.filter(status__in=HOLDING)

    def overdue(self):
        """Pending orders whose time to pay is over."""
        return self.filter(status=OrderStatus.PENDING, expires_at__lte=timezone.now())

    def of_buyer(self, user, email: str):
        """Orders of this person, by account or by e-mail address."""
        mine = Q(email__iexact=email)
        if user is not None:
            mine |= Q(customer=user)
        return self.filter(mine)

    def for_display(self):
        """With lines and their sessions, in two queries."""
        lines = (
            apps.get_model("shop", "OrderLine")
            .objects.select_related("session__project")
            .order_by("position")
        )
        return self.prefetch_related(models.Prefetch("lines", queryset=lines))


class PaymentQuerySet(models.QuerySet):
    def live(self):
        """Payments that may still bring money."""
        return self.filter(status__in=LIVE)

    def unsettled(self, quiet_since: datetime):
        """Live payments that nobody has looked at since the given instant."""
        return self.live().filter(checked_at__lte=quiet_since)

    def stranded(self):
        """Money that paid for nothing and is not on its way back either."""
        going_back = apps.get_model("shop", "Refund").objects.filter(payment=OuterRef("pk"))
        return self.filter(status=PaymentStatus.PAID, is_fulfilling=False).exclude(Exists(going_back))


class RefundQuerySet(models.QuerySet):
    def unsettled(self, quiet_since: datetime):
        """Refunds on their way that nobody has looked at since the given instant."""
        return self.filter(status__in=UNSETTLED_REFUNDS, checked_at__lte=quiet_since)

    def counting(self):
        """Refunds that took or will take money away: all but those that failed."""
        return self.exclude(status=RefundStatus.FAILED)
