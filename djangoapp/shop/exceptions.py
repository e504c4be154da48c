"""The shop's refusals. Each is named for the fact and carries a message for the customer."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.exceptions import DomainError
from core.money import display


class NotBookable(DomainError):
    """The session is not on sale at this moment."""


class NobodyToTell(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("There is nobody to write to: either nobody has booked, or everybody has been told.")
        )


class SessionOver(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This session has taken place already."))


class SessionFull(DomainError):
    """Fewer places are free than were asked for."""

    def __init__(self, title: str, left: int) -> None:
        self.left = left
        if left:
            message = ngettext(
                "Only %(left)d place is left in “%(title)s”.",
                "Only %(left)d places are left in “%(title)s”.",
                left,
            ) % {"left": left, "title": title}
        else:
            message = _("“%(title)s” is full. Somebody was quicker; please choose another date.") % {
                "title": title
            }
        super().__init__(message)


class TooManyPlaces(DomainError):
    """The buyer may not have that many places."""


class AlreadyWaiting(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("This address is on the list already. Our mail has a link that shows where it stands.")
        )


class PlacesLeft(DomainError):
    """Nobody need wait: there are as many places as were asked for."""

    def __init__(self, title: str) -> None:
        super().__init__(
            _("“%(title)s” has free places at this moment: you can book them now.") % {"title": title}
        )


class NotOnTheList(DomainError):
    """The entry has left the waiting list, or was never offered anything."""


class OfferOver(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This offer is over. The places have gone on to whoever is next."))


class CartClosed(DomainError):
    """The cart has been ordered already."""

    def __init__(self) -> None:
        super().__init__(_("This cart has already been ordered."))


class CartEmpty(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Your cart is empty. Choose a session first."))


class HoldCeilingReached(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("Your places cannot be kept any longer. Please check out now, or let others have them.")
        )


class CouponInvalid(DomainError):
    """One answer for codes that are unknown, over, not yet valid or used up, so that guessing teaches nothing."""

    def __init__(self) -> None:
        super().__init__(_("This code is not valid. Please check how it is written."))


class CouponNotApplicable(DomainError):
    """The code is good, but not for this cart."""


class CouponExhausted(CouponInvalid):
    """Somebody took the last use in the meantime."""


class BatchExists(DomainError):
    """Coupons were made under this name before."""

    def __init__(self, name: str) -> None:
        super().__init__(_("There are coupons made together as “%(name)s” already.") % {"name": name})


class PriceChanged(DomainError):
    """The buyer was shown another total. ``reasons`` may say why; empty ones are left out."""

    def __init__(self, total: Decimal, reasons: Iterable[str] = ()) -> None:
        changed = _(
            "The total has changed to %(total)s in the meantime. Please look at it again and confirm."
        )
        super().__init__(" ".join(filter(None, [*reasons, changed % {"total": display(total)}])))


class AttendeesMissing(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Your cart has changed. Please give a name for each place."))


class OrderNotPayable(DomainError):
    """The order is cancelled, expired or paid already."""


class OrderNotCancellable(DomainError):
    """The order is over already."""


class OrderChanged(DomainError):
    """Somebody else changed the order in the very same moment. Nothing has happened; trying again is safe."""

    def __init__(self) -> None:
        super().__init__(_("This order has changed at this very moment. Please look at it again."))


class FeeTooHigh(DomainError):
    """More would be kept of a place than was paid for it."""

    def __init__(self, price: Decimal) -> None:
        super().__init__(
            _("At most the price of the place, %(price)s, can be kept.") % {"price": display(price)}
        )


class ProviderUnavailable(DomainError):
    """The payment provider did not answer, or not in time. Nothing is lost; trying again is safe."""

    def __init__(self) -> None:
        super().__init__(
            _("The payment service does not answer at the moment. Your places are kept; please try again.")
        )


class ProviderFailed(ProviderUnavailable):
    """The payment provider failed, and would repeat its failure to the same key: the next try needs another."""


class ProviderRefused(DomainError):
    """The payment provider said no to a request of ours. Trying again in the same way is useless."""


class RefundTooHigh(DomainError):
    def __init__(self, left: Decimal) -> None:
        super().__init__(_("At most %(left)s can still be refunded.") % {"left": display(left)})


class NotChangeable(DomainError):
    """The buyer cannot change this order now."""


class TooLateToCancel(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("It is too late to cancel that place by yourself. You can ask for a refund and tell us why.")
        )


class TooLateToMove(DomainError):
    def __init__(self) -> None:
        super().__init__(_("It is too late to move that place by yourself. Please write to us."))


class HasCome(DomainError):
    """Somebody was let in with that place: who is inside neither gives it up nor takes it to another date."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody has come in with that ticket, so the place can neither be cancelled nor moved any more. "
                "If that is a mistake, please tell us at the door."
            )
        )


class NotMovable(DomainError):
    """These places cannot move there."""


class DearerDate(DomainError):
    """The other date costs more than was paid."""

    def __init__(self, difference: Decimal) -> None:
        super().__init__(
            _(
                "A place on that date costs %(difference)s more than yours did, and we cannot take that "
                "difference here. Please choose another date, or write to us."
            )
            % {"difference": display(difference)}
        )


class AmountChanged(DomainError):
    """What would go back is not what the buyer was told."""

    def __init__(self, amount: Decimal) -> None:
        super().__init__(
            _("You would get %(amount)s back now, which is not what this page had said. Please look again.")
            % {"amount": display(amount)}
        )


class RequestNotPossible(DomainError):
    """There is nothing to ask for, or it has been asked for already."""


class AlreadyDecided(DomainError):
    """Somebody has answered the request before."""

    def __init__(self) -> None:
        super().__init__(_("This request has been answered already."))


class PaymentDisputed(DomainError):
    """The buyer's bank claims the money, so nobody else gives it back meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("The bank has asked for this payment back. Until that is decided, nothing can be refunded.")
        )


class NotPaidOutHere(DomainError):
    """The refund is not one that somebody pays out at the desk."""

    def __init__(self) -> None:
        super().__init__(_("This refund is not to be paid out at the desk."))


class IllegalMove(Exception):
    """A state machine was asked for a move that its table does not have: a mistake in the code."""


class Unchangeable(Exception):
    """Something tried to change or delete what is kept for good: a mistake in the code."""

    def __init__(self) -> None:
        super().__init__("The books are only ever added to: a mistake is put right by another entry.")
