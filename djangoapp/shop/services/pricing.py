"""What places cost: pure functions from lines, coupon, membership and instant to a quote.

Prices include tax. Every amount is rounded once per place, and totals add up rounded places, so receipts add up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Membership
from core.money import ZERO, display, rounded, shares, tax_included
from shop.enums import CouponKind
from shop.exceptions import CouponInvalid, CouponNotApplicable, DomainError
from shop.models import Coupon, Session
from shop.services.places import Wanted


@dataclass(frozen=True)
class PlacePrice:
    """The price of one place for one visitor, and why it is not the usual one."""

    list_price: Decimal
    price: Decimal
    reason: str = ""

    @property
    def is_reduced(self) -> bool:
        return self.price < self.list_price


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


def price_for(session: Session, membership: str) -> PlacePrice:
    """The price of a place in the session for a visitor with this (approved) membership."""
    special, reason = {
        Membership.MEMBER: (session.member_price, _("Member price")),
        Membership.NONPROFIT: (session.nonprofit_price, _("Nonprofit price")),
    }.get(membership, (None, ""))
    if special is None or special >= session.base_price:
        return PlacePrice(session.base_price, session.base_price)
    return PlacePrice(session.base_price, special, reason)


def price_cart(lines: Iterable[Wanted], coupon: Coupon | None, *, membership: str, at: datetime) -> Quote:
    """Price the lines as of ``at`` (aware). A coupon that does not fit lowers nothing, and the quote says why."""
    wanted = list(lines)
    places = [_priced(line.session, membership) for line in wanted for _place in range(line.quantity)]
    if coupon is None:
        return Quote(places)
    try:
        discounts = coupon_discounts(places, coupon, at=at)
    except DomainError as problem:
        return Quote(places, coupon=None, coupon_problem=str(problem))
    reduced = [
        _priced(place.session, membership, discount)
        for place, discount in zip(places, discounts, strict=True)
    ]
    return Quote(reduced, coupon=coupon)


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


def _priced(session: Session, membership: str, discount: Decimal = ZERO) -> PricedPlace:
    price = price_for(session, membership)
    rule = session.project.tax_rule
    return PricedPlace(
        session=session,
        list_price=price.list_price,
        unit_price=price.price,
        reason=price.reason,
        discount=discount,
        tax_name=rule.name,
        tax_rate=rule.rate,
    )


def _tax_shares(places: list[PricedPlace]) -> list[TaxShare]:
    rates: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for place in places:
        gross, tax = rates.get((place.tax_name, place.tax_rate), (ZERO, ZERO))
        rates[place.tax_name, place.tax_rate] = (gross + place.price, tax + place.tax)
    return [TaxShare(name, rate, gross, tax) for (name, rate), (gross, tax) in sorted(rates.items()) if rate]
