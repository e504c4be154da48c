"""What a large set consists of, and when it happened: all of it follows from three numbers and the day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shop import demo_story as story
from shop.demo_sales import Till

YEARS_OF_SALES = timedelta(days=5 * 365)
# Long enough ago for everything to have happened that happens to an order.
SALES_END_BEFORE = timedelta(days=5)
SHORTEST_LEAD, LONGEST_LEAD = timedelta(days=10), timedelta(days=365)
FIRST_HOUR, HOURS_OF_DAY = 7, 11  # in UTC
LENGTH = timedelta(hours=3)
SLUG = "large-set"


@dataclass(frozen=True)
class Kind:
    """What places of a project cost, and what tax is in it."""

    price: Decimal
    tax_rule: str


KINDS = (
    Kind(Decimal("85.00"), story.TAX_RULES[0].name),
    Kind(Decimal("140.00"), story.TAX_RULES[2].name),
    Kind(Decimal("45.00"), story.TAX_RULES[1].name),
    Kind(Decimal("0.00"), story.TAX_RULES[2].name),
)


@dataclass(frozen=True)
class Sale:
    """One booking: so many places in a session of a kind, and what happened to it."""

    kind: Kind
    places: int
    ending: str  # the name of a method of ``shop.demo_sales.Till``

    @property
    def is_kept(self) -> bool:
        return self.ending == Till.pay.__name__


@dataclass(frozen=True)
class Plan:
    """Sessions are numbered by date, bookings by the instant at which they were made; projects take turns."""

    projects: int
    sessions: int
    bookings: int
    now: datetime

    @property
    def words(self) -> str:
        """How the set is told from one of other numbers."""
        return (
            f"One of {self.projects} projects with {self.sessions} sessions and {self.bookings} bookings, "
            "made to measure the shop by."
        )

    def project_slug(self, project: int) -> str:
        return f"{SLUG}-{project:05}"

    def project_of(self, session: int) -> int:
        return session % self.projects

    def kind_of(self, project: int) -> Kind:
        return KINDS[project % len(KINDS)]

    def bookings_of(self, session: int) -> range:
        """The numbers of a session's bookings."""
        return range(session * self.bookings // self.sessions, (session + 1) * self.bookings // self.sessions)

    def starts_at(self, session: int) -> datetime:
        """Sessions are planned ahead, and nowadays longer ahead than at first."""
        share = session / self.sessions
        day = self._instant(share) + SHORTEST_LEAD + (LONGEST_LEAD - SHORTEST_LEAD) * share
        return day.replace(hour=FIRST_HOUR + session % HOURS_OF_DAY, minute=0, second=0, microsecond=0)

    def booked_at(self, booking: int) -> datetime:
        return self._instant(booking / self.bookings)

    def sale(self, session: int, booking: int) -> Sale:
        kind = self.kind_of(self.project_of(session))
        ending = Till.pay
        if kind.price and booking % 25 == 7:
            ending = Till.lapse
        elif kind.price and booking % 25 == 19:
            ending = Till.refund
        return Sale(kind, (1, 1, 2)[booking % 3], ending.__name__)

    def capacity(self, session: int) -> int:
        """Room for all who booked, and mostly for some more; every fourth session is full."""
        sales = [self.sale(session, booking) for booking in self.bookings_of(session)]
        kept = sum(sale.places for sale in sales if sale.is_kept)
        return kept if kept and session % 4 == 0 else kept + 2 + session % 7

    def _instant(self, share: float) -> datetime:
        end = self.now - SALES_END_BEFORE
        return end - YEARS_OF_SALES * (1 - share)
