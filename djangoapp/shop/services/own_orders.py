"""What buyers change in their own order after it was paid, as far as what was promised to them allows.

Staff is bound by none of this: it calls ``services.changes`` and ``services.refunds``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.money import ZERO
from shop import presence
from shop.exceptions import AmountChanged, HasCome, NotChangeable, TooLateToCancel, TooLateToMove
from shop.models import Order, OrderLine, Refund, Session
from shop.services import changes, disputes, moving, refunds
from shop.services.balance import Balance, LineMoney, balance_of
from shop.services.orders import Attendee
from shop.services.policy import Terms, terms_for

BY_BUYER = "Cancelled by the buyer"
MOVED_BY_BUYER = "Moved by the buyer"
MOST_DATES = 30
ASK_WITHIN = timedelta(days=30)  # after the end of a session


@dataclass(frozen=True)
class Choice:
    """What a buyer may do with one place at one instant."""

    money: LineMoney
    balance: Balance  # of the whole order
    terms: Terms
    at: datetime
    has_come: bool  # whoever has it is inside

    @property
    def line(self) -> OrderLine:
        return self.money.line

    @property
    def is_over(self) -> bool:
        return self.at >= self.line.session.starts_at

    @property
    def fee(self) -> Decimal | None:
        """What would be kept of the place; ``None`` when it can be given up no more."""
        fee = self.terms.fee(self.line.price, at=self.at)
        return fee if fee is None else min(fee, self.line.final_price)

    @property
    def can_give_up(self) -> bool:
        return self.fee is not None and not self.has_come

    @property
    def back(self) -> Decimal:
        """What would go back to the buyer if the place were given up now."""
        return ZERO if self.fee is None else back_of([self])

    @property
    def can_ask(self) -> bool:
        """Whether the buyer may ask for money: some is here, none comes back by itself, and it is not long past."""
        is_recent = self.at <= self.line.session.ends_at + ASK_WITHIN
        return (
            is_recent
            and not (self.can_give_up and self.back)
            and min(self.money.refundable, self.balance.left) > 0
        )

    @property
    def can_move(self) -> bool:
        return not self.is_over and not self.has_come and self.terms.allows_move(at=self.at)


@dataclass(frozen=True)
class GivenUp:
    """Places that a buyer gave up, and the money that goes back for them."""

    lines: list[OrderLine]
    refund: Refund | None


@dataclass(frozen=True)
class Moved:
    """Places on their new date, and the difference that goes back."""

    lines: list[OrderLine]
    refund: Refund | None


@dataclass(frozen=True)
class OtherDate:
    """A date to which places could move together: what the dearest of them would cost more, and what goes back."""

    session: Session  # annotated by ``seats_left``
    places: int
    dearer: Decimal
    back: Decimal

    @property
    def has_room(self) -> bool:
        return self.session.seats_left >= self.places

    @property
    def is_possible(self) -> bool:
        return self.has_room and not self.dearer


def changeable(order: Order) -> Order:
    """The order as it is now, which is confirmed and whose payment no bank claims. Raises ``NotChangeable``."""
    order = Order.objects.get(pk=order.pk)
    if not order.is_paid:
        raise NotChangeable(_("Only a confirmed booking can be changed."))
    if disputes.is_disputed(order):
        raise NotChangeable(
            _(
                "Your bank has asked for the payment of this order back. Until that is decided, please write to us."
            )
        )
    return order


def choices_of(order: Order, *, at: datetime) -> list[Choice]:
    """What the buyer may do with each place that the order keeps, soonest first."""
    return choices_among(balance_of(order, also=["session__project__policy"]), at=at)


def back_of(choices: Iterable[Choice]) -> Decimal:
    """What would go back if these places of an order, which all can be given up, were given up together."""
    choices = list(choices)
    if not choices:
        return ZERO
    fees = {choice.line.pk: choice.fee for choice in choices}
    return sum(choices[0].balance.owed_if(fees).values(), ZERO)


def dates_for(order: Order, choices: list[Choice], *, at: datetime) -> list[OtherDate]:
    """The dates to which places of one session could move, soonest first, each with what it costs there."""
    session = choices[0].line.session
    found = Session.objects.on_sale().filter(project=session.project_id).exclude(pk=session.pk)
    dates = []
    for date in found.for_cards().select_related("project__policy", "project__tax_rule")[:MOST_DATES]:
        prices = [
            moving.new_price(
                choice.line, date, order.membership, at=at, number=number, together=len(choices)
            ).price
            for number, choice in enumerate(choices)
        ]
        pairs = list(zip(choices, prices, strict=True))
        kept = {choice.line.pk: moving.kept_after(choice.line, price) for choice, price in pairs}
        back = sum(choices[0].balance.owed_if(kept, is_move=True).values(), ZERO)
        dearer = max(price - choice.line.price for choice, price in pairs)
        dates.append(OtherDate(date, len(choices), dearer=max(dearer, ZERO), back=back))
    return dates


def choices_among(balance: Balance, *, at: datetime) -> list[Choice]:
    """The same from a balance whose lines were fetched with their sessions' policies."""
    kept = [money for money in balance.lines if money.line.cancelled_at is None]
    kept.sort(key=lambda money: (money.line.session.starts_at, money.line.session_id, money.line.position))
    came = presence.which_came(money.line for money in kept)
    return [Choice(money, balance, terms_for(money.line), at, money.line.pk in came) for money in kept]


def check_nobody_came(lines: Iterable[OrderLine]) -> None:
    """Raise ``HasCome`` if somebody is inside with one of these places that are being given up.

    Call it when their tickets are void, in the same transaction: whoever scanned one before has written the entry by
    then, and whoever scans one afterwards is turned away.
    """
    if presence.which_came(lines):
        raise HasCome


@transaction.atomic
def give_up(order: Order, lines: Iterable[OrderLine], *, expected: Decimal, actor=None) -> GivenUp:
    """Give up places for the fee that was promised, and refund the rest; the buyer gets a letter.

    ``expected`` is what the buyer was told to get back. Places that are given up already are left as they are, so
    sending the form twice is harmless. Raises ``NotChangeable``, ``HasCome``, ``TooLateToCancel``, ``AmountChanged``
    or ``OrderChanged``; then nothing has happened.
    """
    order = _changeable_now(order)
    wanted = {line.pk for line in lines}
    chosen = [choice for choice in choices_of(order, at=timezone.now()) if choice.line.pk in wanted]
    if any(choice.has_come for choice in chosen):
        raise HasCome
    if not all(choice.can_give_up for choice in chosen):
        raise TooLateToCancel
    fees = {choice.line.pk: choice.fee for choice in chosen}
    gone = changes.cancel_lines(
        order, (choice.line for choice in chosen), actor=actor, note=BY_BUYER, fees=fees
    )
    if not gone:
        return GivenUp([], None)
    check_nobody_came(gone)
    refund = refunds.refund_owed(order, reason=BY_BUYER, by=actor, lines=gone)
    if (refund.amount if refund else ZERO) != expected:
        raise AmountChanged(refund.amount if refund else ZERO)
    changes.tell_given_up(order, gone, refund)
    return GivenUp(gone, refund)


@transaction.atomic
def move(order: Order, lines: Iterable[OrderLine], to: Session, *, expected: Decimal, actor=None) -> Moved:
    """Move places to another date of their project; what is cheaper there goes back, and the buyer gets a letter.

    ``expected`` is what the buyer was told to get back. Sending the form twice is harmless. Raises ``NotChangeable``,
    ``HasCome``, ``TooLateToMove``, ``AmountChanged``, or as ``moving.move_lines``; then nothing has happened.
    """
    order = _changeable_now(order)
    wanted = {line.pk for line in lines}
    chosen = [choice for choice in choices_of(order, at=timezone.now()) if choice.line.pk in wanted]
    if any(choice.has_come for choice in chosen):
        raise HasCome
    if not all(choice.can_move for choice in chosen):
        raise TooLateToMove
    moved = moving.move_lines(order, (choice.line for choice in chosen), to, actor=actor, note=MOVED_BY_BUYER)
    if not moved:
        return Moved([], None)
    check_nobody_came(choice.line for choice in chosen)
    refund = refunds.refund_owed(order, reason=MOVED_BY_BUYER, by=actor, lines=moved)
    if (refund.amount if refund else ZERO) != expected:
        raise AmountChanged(refund.amount if refund else ZERO)
    moving.tell_moved(order, moved, refund)
    return Moved(moved, refund)


@transaction.atomic
def rename(order: Order, names: Mapping[int, Attendee], *, actor=None) -> list[OrderLine]:
    """Write other names on places whose session has not begun: by the line's primary key. Returns those that changed.

    Raises ``NotChangeable``.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    if not order.holds_places:
        raise NotChangeable(_("This order is over: there is no name to change."))
    lines = order.lines.kept().filter(pk__in=names, session__starts_at__gt=timezone.now())
    return changes.rename_lines(lines, names, actor=actor)


def _changeable_now(order: Order) -> Order:
    """The same, with nothing asked for that waits for an answer."""
    order = changeable(order)
    if order.refund_requests.open().exists():
        raise NotChangeable(_("You have asked for a refund. Take that back first, or wait for our answer."))
    return order
