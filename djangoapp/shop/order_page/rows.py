"""The places of an order by session, and orders in lists."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from core.money import ZERO
from shop.enums import OrderStatus
from shop.models import Order, OrderLine, Session
from shop.services.pricing import PricePart, parts_of


@dataclass(frozen=True)
class Booked:
    """The places of an order in one session."""

    session: Session
    lines: list[OrderLine]

    @property
    def total(self) -> Decimal:
        return sum((line.unit_price for line in self.lines), ZERO)

    @property
    def parts(self) -> list[PricePart]:
        """Places that were sold at the same price for the same reason, together."""
        return parts_of((line.unit_price, line.price_reason) for line in self.lines)

    @property
    def reasons(self) -> list[str]:
        """Why places cost what they cost, where it was not the usual price."""
        parts = [part for part in self.parts if part.reason]
        if len(self.parts) == 1:
            return [part.reason for part in parts]
        return [f"{part.count} × {part.reason}" for part in parts]

    @property
    def promise(self) -> list[str]:
        """What was promised with the places that are kept: sentences, each once."""
        return list(dict.fromkeys(words for line in self.kept.lines for words in line.promise))

    @property
    def kept(self) -> "Booked":
        """The same without the places that were given up."""
        return Booked(self.session, [line for line in self.lines if line.cancelled_at is None])

    @property
    def is_cancelled(self) -> bool:
        return all(line.cancelled_at for line in self.lines)

    @property
    def has_moved(self) -> bool:
        """Whether all places went on to another date."""
        return all(line.has_moved for line in self.lines)


@dataclass(frozen=True)
class Row:
    """An order in a list."""

    order: Order
    badge: str
    badge_tone: str  # a class of .badge

    @property
    def sessions(self) -> list[Booked]:
        return booked_sessions(self.order)


def row_of(order: Order) -> Row:
    tone = {
        OrderStatus.PAID: "",
        OrderStatus.PENDING: "few",
        OrderStatus.UNFULFILLABLE: "bad",
    }.get(order.status, "plain")
    return Row(order, order.get_status_display(), tone)


def booked_sessions(order: Order, lines: list[OrderLine] | None = None) -> list[Booked]:
    """The order's lines (fetched ``for_display()``), or some of them, by session, soonest first."""
    ordered = sorted(
        order.lines.all() if lines is None else lines,
        key=lambda line: (line.session.starts_at, line.session_id, line.position),
    )
    moved_on = {line.moved_from_id for line in order.lines.all()}
    for line in ordered:
        line.has_moved = line.pk in moved_on
    return [
        Booked(session, list(places)) for session, places in groupby(ordered, key=lambda line: line.session)
    ]
