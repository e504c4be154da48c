"""The shapes of the demo story: frozen rows of plain data, close to the models they become.

Days are counted from the day of loading and may be negative; clock times are wall-clock times in
the session's own zone. Nothing in this package imports Django.
"""

from dataclasses import dataclass
from decimal import Decimal

STUDIO_TIME_ZONE = "Europe/Zurich"


@dataclass(frozen=True)
class DemoStudio:
    """Who sells, where, and in which currency."""

    name: str
    city: str
    currency: str
    time_zone: str


@dataclass(frozen=True)
class DemoCategory:
    """One shelf of the catalogue."""

    name: str
    slug: str


@dataclass(frozen=True)
class DemoTaxRule:
    """A name and a rate in percent of the net price."""

    name: str
    rate: Decimal


@dataclass(frozen=True)
class DemoPolicy:
    """Cancelling is free until so many days before, then costs a fee, then ends; ``None``: nobody may move."""

    name: str
    free_days: int
    fee_percent: Decimal
    last_days: int
    move_days: int | None
    fee_fixed: Decimal = Decimal(0)


@dataclass(frozen=True)
class DemoPlace:
    """A room with its postal address and the zone its clocks show."""

    name: str
    address: str
    time_zone: str = STUDIO_TIME_ZONE


@dataclass(frozen=True)
class DemoPrices:
    """Prices per place, tax included. ``None`` means: these buyers pay the base price."""

    base: Decimal
    member: Decimal | None = None
    nonprofit: Decimal | None = None


@dataclass(frozen=True)
class DemoOffers:
    """What lowers the price of one date: an early bird until the end of a day or for the first places, and groups."""

    early: Decimal | None = None
    early_until_day: int | None = None
    early_places: int | None = None
    group: Decimal | None = None
    group_places: int | None = None
    most_per_buyer: int | None = None


@dataclass(frozen=True)
class DemoPerson:
    """Somebody with an account.

    ``role`` is owner, host, door, accountant or buyer. ``membership_type`` is empty, business,
    member or nonprofit; ``membership_status`` is empty, pending or approved.
    ``portrait`` names a file in ``demo_media`` or is empty.
    """

    email: str
    first_name: str
    last_name: str
    role: str
    membership_type: str = ""
    membership_status: str = ""
    organisation: str = ""
    portrait: str = ""
    portrait_alt: str = ""
    about: str = ""


@dataclass(frozen=True)
class DemoGuest:
    """Somebody who booked without an account."""

    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True)
class DemoSession:
    """One date of a project.

    It starts ``day`` days from today at ``start`` ("HH:MM"). Where ``minutes_from_now`` is set, it
    starts that many minutes from the moment of loading instead (negative: already running).
    ``place`` is ``None`` exactly when ``online_url`` is set. ``sold`` places are already booked.
    Sales run from the start of ``sales_start_day`` to the end of ``sales_end_day``; ``None`` leaves
    that end open. ``prices`` replaces the prices of the project.
    """

    day: int
    start: str
    minutes: int
    capacity: int
    place: DemoPlace | None = None
    online_url: str = ""
    sold: int = 0
    sales_start_day: int | None = None
    sales_end_day: int | None = None
    is_published: bool = True
    needs_code: bool = False
    prices: DemoPrices | None = None
    offers: DemoOffers = DemoOffers()
    minutes_from_now: int | None = None

    @property
    def time_zone(self) -> str:
        """The IANA zone of the room, or the studio's for an online session."""
        return self.place.time_zone if self.place else STUDIO_TIME_ZONE

    @property
    def fill(self) -> float:
        """The share of places already sold, 0 to 1."""
        return self.sold / self.capacity


@dataclass(frozen=True)
class DemoProject:
    """A workshop, its texts and picture, and every date it runs.

    ``picture`` names a file in ``demo_media``. ``publisher`` and ``host`` are e-mail addresses of
    people in ``PEOPLE``. Without a ``policy`` the usual one holds.
    """

    title: str
    slug: str
    summary: str
    description: str
    picture: str
    picture_alt: str
    category: DemoCategory
    tax_rule: DemoTaxRule
    publisher: str
    host: str
    prices: DemoPrices
    sessions: tuple[DemoSession, ...]
    policy: DemoPolicy | None = None


@dataclass(frozen=True)
class DemoAccessCode:
    """A code that shows a project's hidden dates, and opens the others before their sales begin."""

    code: str
    project_slug: str
    note: str = ""


@dataclass(frozen=True)
class DemoCoupon:
    """A code that lowers the total.

    ``kind`` is percent or fixed; ``value`` is percent or shop currency accordingly. It is valid
    from the start of ``valid_from_day`` to the end of ``valid_until_day``. ``uses`` of
    ``max_uses`` (``None``: unlimited) are gone. An empty ``project_slug`` means every project.
    """

    code: str
    kind: str
    value: Decimal
    valid_from_day: int | None = None
    valid_until_day: int | None = None
    max_uses: int | None = None
    uses: int = 0
    project_slug: str = ""
    min_total: Decimal | None = None
    note: str = ""
