"""What places cost: pure functions from lines, coupon, membership and instant to a quote.

Prices include tax. Every amount is rounded once per place, and totals add up rounded places, so receipts add up.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from core.money import ZERO, display, rounded, shares, tax_included
from shop.enums import CouponKind
from shop.exceptions import CouponInvalid, CouponNotApplicable, DomainError
from shop.models import Coupon, Session
from shop.services.places import Wanted


@dataclass(frozen=True)
class PlacePrice:
    """The price of one place for one visitor, and why it is not the usual one: in full, and for where room is short."""

    list_price: Decimal
    price: Decimal
    reason: str = ""
    label: str = ""

    @property
    def is_reduced(self) -> bool:
        return self.price < self.list_price


@dataclass(frozen=True)
class EarlyBird:
    """A session's early-bird price. ``left`` counts the places it is still for; ``None``: any number."""

    price: Decimal
    left: int | None
    reason: str
    is_over: bool

    def is_for(self, number: int) -> bool:
        """Whether the place after ``number`` others has this price."""
        return not self.is_over and (self.left is None or number < self.left)


@dataclass(frozen=True)
class PricedPlace:
    """One place as it will stand on the order line."""

    session: Session
    list_price: Decimal
    unit_price: Decimal
    reason: str
    discount: Decimal
    tax_name: str
    tax_rate: Decimal

    @property
    def price(self) -> Decimal:
        return self.unit_price - self.discount

    @property
    def tax(self) -> Decimal:
        return tax_included(self.price, self.tax_rate)


@dataclass(frozen=True)
class PricePart:
    """So many places at one price, for one reason; the reason is empty for the usual price."""

    count: int
    price: Decimal
    reason: str


@dataclass(frozen=True)
class TaxShare:
    """How much of the total is tax of one rate."""

    name: str
    rate: Decimal
    gross: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Quote:
    """What a cart costs as of one instant. ``coupon_problem`` says why a coupon in the cart lowers nothing."""

    places: list[PricedPlace]
    coupon: Coupon | None = None
    coupon_problem: str = ""
    taxes: list[TaxShare] = field(init=False)
    subtotal: Decimal = field(init=False)
    discount: Decimal = field(init=False)
    total: Decimal = field(init=False)
    tax: Decimal = field(init=False)

    def __post_init__(self) -> None:
        subtotal = sum((place.unit_price for place in self.places), ZERO)
        discount = sum((place.discount for place in self.places), ZERO)
        computed = {
            "taxes": _tax_shares(self.places),
            "subtotal": subtotal,
            "discount": discount,
            "total": subtotal - discount,
            "tax": sum((place.tax for place in self.places), ZERO),
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)

    def of(self, session: Session) -> list[PricedPlace]:
        """The priced places of one session."""
        return [place for place in self.places if place.session.pk == session.pk]


def price_for(
    session: Session, membership: str, *, at: datetime, number: int = 0, together: int = 1
) -> PlacePrice:
    """The price of a place in the session for a visitor with this (approved) membership, as of ``at`` (aware).

    The lowest of the prices that apply counts: usual, membership, early bird, group. ``together`` places of the
    session are in the order, and ``number`` of them come before this one.
    """
    special, reason = {
        Membership.MEMBER: (session.member_price, _("Member price")),
        Membership.NONPROFIT: (session.nonprofit_price, _("Nonprofit price")),
    }.get(membership, (None, ""))
    applying = [(session.base_price, "", "")]
    if special is not None:
        applying.append((special, reason, reason))
    early = early_bird(session, at=at)
    if early is not None and early.is_for(number):
        applying.append((early.price, early.reason, _("Early bird")))
    if session.group_price is not None and together >= session.group_places:
        reason = _("Group price from %(places)d places") % {"places": session.group_places}
        applying.append((session.group_price, reason, _("Group price")))
    return PlacePrice(
        session.base_price, *min(applying, key=lambda applies: applies[0])
    )  # of equal ones the first


def early_bird(session: Session, *, at: datetime) -> EarlyBird | None:
    """The session's early bird as of ``at`` (aware), running or over; ``None`` where there is none."""
    if session.early_price is None:
        return None
    limits, left = [], None
    is_over = session.early_until_at is not None and session.early_until_at <= at
    if session.early_until_at is not None:
        limits.append(_("until %(moment)s") % {"moment": last_moment(session.early_until_at, session.tz)})
    if session.early_places is not None:
        left = max(session.early_places - session.places_sold, 0)
        is_over = is_over or not left
        limits.append(_("first %(places)d places") % {"places": session.early_places})
    reason = _("Early bird, %(limits)s") % {"limits": ", ".join(limits)}
    return EarlyBird(session.early_price, left, reason, is_over)


def price_notes(session: Session, *, at: datetime) -> list[str]:
    """What lowers the price of places in the session, for everybody to read before they choose how many."""
    notes = []
    early = early_bird(session, at=at)
    if early is not None and not early.is_over:
        note = f"{early.reason}: {display(early.price)}"
        if early.left is not None:
            note += " " + ngettext("(%(left)d left)", "(%(left)d left)", early.left) % {"left": early.left}
        notes.append(note)
    if session.group_price is not None:
        notes.append(
            _("From %(places)d places in one order: %(price)s each")
            % {"places": session.group_places, "price": display(session.group_price)}
        )
    return notes


def parts_of(places: Iterable[tuple[Decimal, str]]) -> list[PricePart]:
    """Put places, each a price and its reason, together by both; in the order in which they first come."""
    return [PricePart(count, price, reason) for (price, reason), count in Counter(places).items()]


def why_dearer(places: list[PricedPlace], *, at: datetime) -> str:
    """Say why places of one session cost more than the early-bird price that was announced; empty if none does."""
    session = places[0].session
    early = early_bird(session, at=at)
    if early is None or early.is_for(len(places) - 1):
        return ""
    if max(place.unit_price for place in places) <= early.price:
        return ""
    if session.early_until_at is not None and session.early_until_at <= at:
        return _("The early-bird price was valid until %(moment)s.") % {
            "moment": last_moment(session.early_until_at, session.tz)
        }
    if not early.left:
        return _("The places at the early-bird price are taken.")
    return ngettext(
        "Only %(left)d place is left at the early-bird price.",
        "Only %(left)d places are left at the early-bird price.",
        early.left,
    ) % {"left": early.left}


def last_moment(until: datetime, zone: ZoneInfo) -> str:
    """The end of a span on a clock, in words: ``3 May 2027`` for the midnight after it, else the day and the time."""
    local = until.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return formats.date_format(local - timedelta(days=1), "j F Y")
    return formats.date_format(local, "j F Y, H:i")


def price_cart(lines: Iterable[Wanted], coupon: Coupon | None, *, membership: str, at: datetime) -> Quote:
    """Price the lines as of ``at`` (aware). A coupon lowers the lowest price that applies.

    One that does not fit lowers nothing, and the quote says why.
    """
    places = [
        _priced(
            line.session, price_for(line.session, membership, at=at, number=number, together=line.quantity)
        )
        for line in lines
        for number in range(line.quantity)
    ]
    if coupon is None:
        return Quote(places)
    try:
        discounts = coupon_discounts(places, coupon, at=at)
    except DomainError as problem:
        return Quote(places, coupon=None, coupon_problem=str(problem))
    reduced = [replace(place, discount=discount) for place, discount in zip(places, discounts, strict=True)]
    return Quote(reduced, coupon=coupon)


def as_present(quote: Quote, reason: str) -> Quote:
    """The same places for nothing, and why. No coupon is used up for it."""
    words = _("Complimentary: %(reason)s") % {"reason": reason}
    return Quote(
        [replace(place, unit_price=ZERO, discount=ZERO, reason=words[:120]) for place in quote.places]
    )


def coupon_discounts(places: list[PricedPlace], coupon: Coupon, *, at: datetime) -> list[Decimal]:
    """What the coupon takes off each place. Raises ``CouponInvalid`` or ``CouponNotApplicable``."""
    if not is_valid(coupon, at=at):
        raise CouponInvalid
    weights = [place.unit_price if coupon.covers(place.session) else ZERO for place in places]
    covered = sum(weights, ZERO)
    if places and not any(coupon.covers(place.session) for place in places):
        raise CouponNotApplicable(_("This code is for other sessions than those in your cart."))
    if sum((place.unit_price for place in places), ZERO) < coupon.min_total:
        raise CouponNotApplicable(
            _("This code is valid from a total of %(total)s.") % {"total": display(coupon.min_total)}
        )
    if coupon.kind == CouponKind.PERCENT:
        return [rounded(weight * coupon.value / 100) for weight in weights]
    return shares(min(coupon.value, covered), weights)


def is_valid(coupon: Coupon, *, at: datetime) -> bool:
    """Whether the code is in force and not used up, as far as one can see without its lock."""
    return (
        coupon.is_active
        and (coupon.valid_from is None or coupon.valid_from <= at)
        and (coupon.valid_until is None or at < coupon.valid_until)
        and (coupon.max_uses is None or coupon.uses < coupon.max_uses)
    )


def _priced(session: Session, price: PlacePrice) -> PricedPlace:
    rule = session.project.tax_rule
    return PricedPlace(
        session=session,
        list_price=price.list_price,
        unit_price=price.price,
        reason=price.reason,
        discount=ZERO,
        tax_name=rule.name,
        tax_rate=rule.rate,
    )


def _tax_shares(places: list[PricedPlace]) -> list[TaxShare]:
    rates: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for place in places:
        gross, tax = rates.get((place.tax_name, place.tax_rate), (ZERO, ZERO))
        rates[place.tax_name, place.tax_rate] = (gross + place.price, tax + place.tax)
    return [TaxShare(name, rate, gross, tax) for (name, rate), (gross, tax) in sorted(rates.items()) if rate]
