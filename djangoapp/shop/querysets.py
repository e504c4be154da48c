"""The questions that the shop asks of its tables. Time and counting stay inside."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.apps import apps
from django.db import models
from django.db.models import (
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from accounts.models import Membership
from core.money import ZERO
from core.search import newest, with_words
from shop.enums import (
    HOLDING,
    LIVE,
    ON_THE_LIST,
    TAKEN_BACK,
    UNSETTLED_REFUNDS,
    CartStatus,
    DisputeStatus,
    OrderStatus,
    PaymentStatus,
    RefundStatus,
    RequestStatus,
    WaitingStatus,
)
from shop.expressions import LocalDay, lapsed_places, places_sold


def early_bird_runs() -> Q:
    """Whether the next place of a session, annotated by ``with_places_sold()``, has the early-bird price."""
    in_time = Q(early_until_at__isnull=True) | Q(early_until_at__gt=timezone.now())
    left = Q(early_places__isnull=True) | Q(early_places__gt=F("places_sold"))
    return Q(early_price__isnull=False) & in_time & left


# When a day begins and ends somewhere on earth, counted from its midnight in UTC.
_EARLIEST, _LATEST = timedelta(hours=-14), timedelta(hours=12)
# An evening that ends in them does not run on the next day.
SMALL_HOURS = timedelta(hours=6)
# What lasts even longer is found by its first days only.
_LONGEST = timedelta(days=14)


class SessionQuerySet(models.QuerySet):
    """``opened`` (``shop.models.Opened``) adds what a visitor's access codes open to them."""

    def all_published(self):
        """Published sessions, hidden ones among them: for staff, and for who has booked."""
        return self.filter(is_published=True, project__is_published=True)

    def published(self, opened=None):
        """Sessions that everybody may see."""
        seen = Q(needs_code=False)
        return self.all_published().filter(seen | opened.condition() if opened else seen)

    def announced(self, opened=None):
        """Published sessions that would not have started yet, soonest first: also those that are cancelled."""
        return self.published(opened).filter(starts_at__gt=timezone.now()).order_by("starts_at", "pk")

    def upcoming(self, opened=None):
        """Published sessions that take place and have not started, soonest first."""
        return self.announced(opened).filter(cancelled_at__isnull=True)

    def opened_alone(self, opened):
        """Sessions to come that others do not see, or cannot book yet."""
        ahead = Q(needs_code=True) | Q(sales_start_at__gt=timezone.now())
        return self.upcoming(opened).filter(ahead, opened.condition())

    def on_sale(self, opened=None):
        """Upcoming sessions within their sales window, full or not."""
        now = timezone.now()
        begun = Q(sales_start_at__isnull=True) | Q(sales_start_at__lte=now)
        return self.upcoming(opened).filter(
            begun | opened.condition() if opened else begun,
            Q(sales_end_at__isnull=True) | Q(sales_end_at__gt=now),
        )

    def with_seats_left(self):
        """Annotate ``seats_left``. Places whose hold has run out count as free, swept or not."""
        return self.annotate(seats_left=F("capacity") - F("seats_taken") + lapsed_places())

    def with_places_sold(self):
        """Annotate ``places_sold``, for what ``early_bird_runs()`` and prices ask."""
        return self.annotate(places_sold=places_sold())

    def with_places(self):
        """Sessions that still have a free place."""
        return self.with_seats_left().filter(seats_left__gt=0)

    def bookable(self, opened=None):
        return self.on_sale(opened).with_places()

    def for_cards(self):
        """Everything that a session's card shows, in one query."""
        cards = self.select_related("project", "project__category").with_seats_left().with_places_sold()
        return cards.defer("project__description")

    def for_page(self):
        """Everything that a session's own page shows, in one query."""
        page = self.select_related(
            "project__category", "project__tax_rule", "project__policy", "host__profile"
        )
        return page.with_seats_left().with_places_sold()

    def since(self, instant: datetime):
        """Published sessions that start at or after an instant, soonest first."""
        return self.published().filter(starts_at__gte=instant).order_by("starts_at", "pk")

    def on_days(self, first: date | None, last: date | None):
        """Sessions that run on a day from the first to the last (``None``: open), on the clock of their own place."""
        found = self.annotate(
            starts_on=LocalDay("starts_at", "time_zone"),
            ends_on=LocalDay(F("ends_at") - SMALL_HOURS, "time_zone"),
        )
        # The days themselves decide; the instant beside them lets the database use its index.
        if first is not None:
            midnight = datetime.combine(first, time.min, UTC)
            runs = Q(starts_on__gte=first) | Q(ends_on__gte=first)
            found = found.filter(runs, starts_at__gte=midnight + _EARLIEST - _LONGEST)
        if last is not None:
            midnight = datetime.combine(last + timedelta(days=1), time.min, UTC)
            found = found.filter(starts_on__lte=last, starts_at__lt=midnight + _LATEST)
        return found

    def costing_at_most(self, amount: Decimal, membership: str):
        """Sessions that cost a visitor with this membership no more; ``services.pricing.price_for`` agrees."""
        affordable = Q(base_price__lte=amount) | (early_bird_runs() & Q(early_price__lte=amount))
        if special := SPECIAL_PRICES.get(membership):
            affordable |= Q(**{f"{special}__lte": amount})
        return self.with_places_sold().filter(affordable)

    def online(self):
        return self.filter(place_name="")

    def in_rooms(self):
        return self.exclude(place_name="")

    def matching(self, words: str):
        """Sessions whose project, place or host speaks of every word."""
        projects = apps.get_model("shop", "Project").objects
        found = self
        for word in words.split()[:8]:
            # Texts are long and projects few: each is read once, not once for every date.
            found = found.filter(
                Q(project__in=projects.telling_of(word))
                | Q(place_name__icontains=word)
                | Q(host__first_name__icontains=word)
                | Q(host__last_name__icontains=word)
            )
        return found


# Which price of a session is for whom; everybody else pays the base price.
SPECIAL_PRICES = {Membership.MEMBER: "member_price", Membership.NONPROFIT: "nonprofit_price"}


class CategoryQuerySet(models.QuerySet):
    def offered(self):
        """Categories of which there is something to see."""
        projects = apps.get_model("shop", "Project").objects.published()
        return self.filter(Exists(projects.filter(category=OuterRef("pk"))))


class ProjectQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def telling_of(self, word: str):
        return self.filter(
            Q(title__icontains=word) | Q(summary__icontains=word) | Q(description__icontains=word)
        )

    def for_cards(self, membership: str):
        """Everything that a project's card shows, what comes next first and what has no date last."""
        soonest_first = F("next_starts_at").asc(nulls_last=True)
        cards = self.select_related("category").with_next_dates(membership).defer("description")
        return cards.order_by(soonest_first, "title", "pk")

    def with_next_dates(self, membership: str = ""):
        """Annotate ``next_session_id``, ``next_starts_at``, ``upcoming_count`` and ``lowest_price``.

        All are about upcoming sessions; the price is the lowest that a visitor with this membership pays.
        """
        sessions = apps.get_model("shop", "Session").objects
        upcoming = sessions.upcoming().filter(project=OuterRef("pk"))
        together = upcoming.with_places_sold().order_by().values("project")
        price = F("base_price")
        if special := SPECIAL_PRICES.get(membership):
            price = Least(price, Coalesce(F(special), price))
        price = models.Case(
            models.When(early_bird_runs(), then=Least(price, F("early_price"))), default=price
        )
        return self.annotate(
            next_session_id=Subquery(upcoming.values("pk")[:1]),
            next_starts_at=Subquery(upcoming.values("starts_at")[:1]),
            upcoming_count=Coalesce(Subquery(together.annotate(many=Count("pk")).values("many")), 0),
            lowest_price=Subquery(together.annotate(lowest=Min(price)).values("lowest")),
        )


class CartQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status=CartStatus.OPEN)

    def with_places(self):
        """With the coupon, and annotated by ``places``: how many are in the cart, held or not."""
        return self.select_related("coupon").annotate(places=Coalesce(Sum("lines__quantity"), 0))


class CartLineQuerySet(models.QuerySet):
    def with_places_sold(self):
        """Annotate ``places_sold`` of each line's session."""
        return self.annotate(places_sold=places_sold("session__"))

    def holding(self, at: datetime | None = None):
        """Lines whose places are held at this instant."""
        return self.filter(is_held=True, held_until__gt=at or timezone.now())

    def lapsed(self, at: datetime | None = None):
        """Lines that still count in ``seats_taken`` although their hold has run out."""
        return self.filter(is_held=True, held_until__lte=at or timezone.now())


class WaitingEntryQuerySet(models.QuerySet):
    def waiting(self):
        """Entries without an offer, in the order in which they get one."""
        return self.filter(status=WaitingStatus.WAITING).order_by("-is_preferred", "pk")

    def on_the_list(self):
        """Entries that hope for places, or have an offer."""
        return self.filter(status__in=ON_THE_LIST)

    def lapsed(self, at: datetime | None = None):
        """Offers that still count in ``seats_taken`` although their time is over."""
        return self.filter(status=WaitingStatus.OFFERED, offer_until__lte=at or timezone.now())

    def of_person(self, user, email: str):
        """Entries of this person, by account or by e-mail address."""
        mine = Q(email=email.lower())
        if user is not None:
            mine |= Q(user=user)
        return self.filter(mine)


class OrderQuerySet(models.QuerySet):
    def holding(self):
        """Orders that keep their places."""
        return self.filter(status__in=HOLDING)

    def opened_by(self, code: str, token: str):
        """The order that this link opens, or ``None``. An unknown code and a wrong secret take the same time."""
        order = self.filter(code=code).first()
        is_key = (order or self.model(code=code)).is_token(token)
        return order if is_key else None

    def overdue(self):
        """Pending orders whose time to pay is over."""
        return self.filter(status=OrderStatus.PENDING, expires_at__lte=timezone.now())

    def disputed(self):
        """Orders of which a bank claims money at this moment."""
        disputes = apps.get_model("shop", "Dispute").objects.open()
        return self.filter(Exists(disputes.filter(payment__order=OuterRef("pk"))))

    def of_buyer(self, user, email: str):
        """Orders of this person, by account or by e-mail address."""
        mine = Q(email=email.lower())
        if user is not None:
            mine |= Q(customer=user)
        return self.filter(mine)

    def naming(self, text: str):
        """Orders whose buyer, company or one of those who come has a name with all these words, or how they begin.

        Asks at once, and finds the newest ones only when there are very many.
        """
        lines = apps.get_model("shop", "OrderLine").objects.order_by()
        by_buyer = with_words(self.model.objects.order_by(), text, "billing_name", "billing_company")
        by_guest = with_words(lines, text, "attendee_first_name", "attendee_last_name")
        return self.filter(pk__in=newest(by_buyer.values_list("pk"), by_guest.values_list("order")))

    def last_address(self, user) -> dict[str, str]:
        """The billing address that somebody gave last, by its parts; empty if there is none."""
        parts = ("company", "street", "postcode", "city", "country")
        latest = self.filter(customer=user).order_by("-pk")
        address = latest.values_list(*(f"billing_{part}" for part in parts)).first()
        return dict(zip(parts, address, strict=True)) if address else {}

    def for_display(self):
        """With lines and their sessions, in two queries."""
        return self.prefetch_related(_lines_with_sessions())

    def for_page(self):
        """With everything that the order's page tells."""
        return self.prefetch_related(*order_page_lookups())

    def of_use(self):
        """Orders that wait for payment, or have places in what is still to come."""
        return self.filter(Q(status=OrderStatus.PENDING) | _is_upcoming())

    def bookings_first(self):
        """Annotate ``is_upcoming``, and put bookings of what is still to come before all others, newest first."""
        return self.annotate(
            is_upcoming=models.Case(
                models.When(_is_upcoming(), then=Value(True)),
                default=Value(False),
                output_field=models.BooleanField(),
            )
        ).order_by("-is_upcoming", "-pk")


def _is_upcoming() -> Q:
    """Whether an order keeps places in a session that is not over."""
    lines = apps.get_model("shop", "OrderLine").objects.filter(
        order=OuterRef("pk"), cancelled_at__isnull=True, session__ends_at__gt=timezone.now()
    )
    return Q(status__in=HOLDING) & Exists(lines)


class OrderLineQuerySet(models.QuerySet):
    def kept(self):
        """Lines that nobody has given up. Each is a place as long as its order holds its places."""
        return self.filter(cancelled_at__isnull=True)

    def places(self):
        """Lines that take a place in their session at this moment."""
        return self.kept().filter(order__status__in=HOLDING)


def order_page_lookups() -> list:
    """What to prefetch for the page of an order."""
    lines = lines_with_money(_lines_with_sessions().queryset)
    return [
        models.Prefetch("lines", queryset=lines),
        models.Prefetch("payments", queryset=apps.get_model("shop", "Payment").objects.with_aftermath()),
        "history",
        "refund_requests",
    ]


# What apps above keep for each line and show with it: their names join the query for the lines of an order.
KEPT_WITH_LINES: list[str] = []


def _lines_with_sessions() -> models.Prefetch:
    lines = apps.get_model("shop", "OrderLine").objects.select_related(
        "session__project__policy", *KEPT_WITH_LINES
    )
    return models.Prefetch("lines", queryset=lines.order_by("position"))


def lines_with_money(lines: models.QuerySet) -> models.QuerySet:
    """In order and annotated with ``given_back``, which tells whose money a line's price is (``services.balance``)."""
    shares = apps.get_model("shop", "RefundShare").objects.filter(line=OuterRef("pk"))
    shares = shares.exclude(refund__status=RefundStatus.FAILED).order_by().values("line")
    back = Subquery(shares.annotate(back=Sum("amount")).values("back"))
    money = models.DecimalField(max_digits=10, decimal_places=2)
    return lines.annotate(given_back=Coalesce(back, Value(ZERO), output_field=money)).order_by("position")


class PaymentQuerySet(models.QuerySet):
    def live(self):
        """Payments that may still bring money."""
        return self.filter(status__in=LIVE)

    def unsettled(self, quiet_since: datetime):
        """Live payments that nobody has looked at since the given instant."""
        return self.live().filter(checked_at__lte=quiet_since)

    def without_news(self, quiet_since: datetime):
        """The same of those of which there is news to be had: what waits at the desk waits for the buyer."""
        return self.unsettled(quiet_since).exclude(provider="desk")

    def with_aftermath(self):
        """Annotate ``is_disputed``, ``has_refunds`` and ``gone``, what went back or was taken back of the money."""
        disputes = apps.get_model("shop", "Dispute").objects.filter(payment=OuterRef("pk"))
        refunds = apps.get_model("shop", "Refund").objects.filter(payment=OuterRef("pk"))
        return self.annotate(
            is_disputed=Exists(disputes.open()),
            has_refunds=Exists(refunds),
            gone=_sum_of(refunds.counting()) + _sum_of(disputes.counting()),
        )

    def stranded(self):
        """Money that paid for nothing, and that nobody has tried to send back yet."""
        going_back = apps.get_model("shop", "Refund").objects.filter(payment=OuterRef("pk"))
        late = self.filter(status=PaymentStatus.PAID, is_fulfilling=False)
        return late.exclude(Exists(going_back)).still_here()

    def still_here(self):
        """Money that could go back: no bank claims it at present, or has taken all of it."""
        disputes = apps.get_model("shop", "Dispute").objects.filter(payment=OuterRef("pk"))
        return self.exclude(Exists(disputes.open())).filter(received_amount__gt=_sum_of(disputes.counting()))


def _sum_of(rows: models.QuerySet) -> Coalesce:
    """The amounts of a payment's refunds or disputes together."""
    sums = rows.order_by().values("payment").annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(sums), Value(ZERO), output_field=models.DecimalField())


class RefundQuerySet(models.QuerySet):
    def unsettled(self, quiet_since: datetime):
        """Refunds on their way that nobody has looked at since the given instant."""
        return self.filter(status__in=UNSETTLED_REFUNDS, checked_at__lte=quiet_since)

    def counting(self):
        """Refunds that took or will take money away: all but those that failed."""
        return self.exclude(status=RefundStatus.FAILED)

    def at_desk(self):
        """Refunds that somebody has to pay out in person."""
        return self.filter(provider="desk", status__in=UNSETTLED_REFUNDS)


class RefundRequestQuerySet(models.QuerySet):
    def open(self):
        """Requests that wait for an answer."""
        return self.filter(status=RequestStatus.OPEN)


class DisputeQuerySet(models.QuerySet):
    def open(self):
        """Disputes that are not decided."""
        return self.filter(status=DisputeStatus.OPEN)

    def counting(self):
        """Disputes whose money is not here: open ones, and lost ones."""
        return self.filter(status__in=TAKEN_BACK)
