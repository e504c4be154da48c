"""The contract between the shop and whoever takes the money.

Settings bind names to classes (``SHOP_PAYMENT_PROVIDERS``). A provider speaks to the outside and reports facts; what
follows from a fact is decided in ``services.payments``. No method is called inside a transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from shop.enums import DisputeStatus, MovementKind, PaymentStatus, RefundStatus
from shop.exceptions import ProviderUnavailable


@dataclass(frozen=True)
class PaymentFact:
    """What the provider says of a payment at this moment."""

    status: PaymentStatus  # OPEN, PROCESSING, PAID, FAILED or EXPIRED
    reference: str = ""
    charge_reference: str = ""
    amount: Decimal = Decimal(0)  # what was received
    currency: str = ""
    redirect_url: str = ""  # where the buyer pays, while OPEN
    expires_at: datetime | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True)
class RefundFact:
    """What the provider says of a refund. ``idempotency_key`` is empty for one that was not made by the shop."""

    status: RefundStatus  # PENDING, DONE or FAILED
    reference: str
    amount: Decimal
    idempotency_key: str = ""
    error: str = ""


@dataclass(frozen=True)
class DisputeFact:
    """What the provider says of a bank that takes a payment back."""

    status: DisputeStatus
    reference: str
    amount: Decimal  # what the bank has taken; nothing while it only asks
    reason: str = ""
    answer_by: datetime | None = None


@dataclass(frozen=True)
class MovementFact:
    """What the provider says of a movement on the account that it keeps for us. Money that leaves is negative."""

    reference: str
    kind: MovementKind
    amount: Decimal  # in the account's currency, before the fee
    fee: Decimal  # what the provider keeps of it; negative when it gives a fee back
    currency: str
    buyer_amount: Decimal  # in the currency of the payment
    buyer_currency: str
    booked_at: datetime
    about: str = ""  # the ``charge_reference`` of a payment, the ``reference`` of a refund or dispute
    charge_reference: str = ""
    is_claimed: bool = False  # it bears marks of the shop


@dataclass(frozen=True)
class MovementPage:
    """Some movements, the newest first, and whether there are older ones in the span that was asked for."""

    movements: list[MovementFact]
    has_more: bool = False


@dataclass(frozen=True)
class ReturnAddresses:
    """Where the provider sends the buyer back to: absolute addresses."""

    done: str
    left: str


class PaymentProvider(Protocol):
    """One way to pay."""

    label: str
    description: str
    is_online: bool  # the buyer pays at once, on the provider's page
    minutes_to_pay: int  # how long an attempt stays open

    def start(self, payment, addresses: ReturnAddresses) -> PaymentFact:
        """Open the attempt at the provider. Safe to repeat: the payment's idempotency key makes it one attempt.

        Raises ``ProviderUnavailable`` when the outcome is unknown, ``ProviderRefused`` when nothing was opened.
        """

    def lookup(self, payment) -> PaymentFact:
        """Ask how the attempt stands. Raises ``ProviderUnavailable``."""

    def close(self, payment, addresses: ReturnAddresses) -> PaymentFact:
        """Make sure that nobody can pay any more, and report how it stands then; it may turn out to be paid.

        The addresses are those of ``start``, for an attempt whose opening was never answered.
        """

    def refund(self, refund) -> RefundFact:
        """Give money back. Safe to repeat with the same refund. Raises as ``start`` does."""

    def refunds(self, payment) -> list[RefundFact]:
        """All refunds of the payment that the provider knows, whoever made them."""

    def disputes(self, payment) -> list[DisputeFact]:
        """All disputes of the payment, open and decided."""

    def charges_taken_back(self, since: datetime) -> Iterator[str]:
        """The ``charge_reference`` of each refund and dispute since then, and of each refund that came back since.

        Raises ``ProviderUnavailable``.
        """

    def movements(self, since: datetime, until: datetime, after: str = "") -> MovementPage:
        """What moved on the account from ``since`` to before ``until``; the page that follows a movement's reference.

        Raises ``ProviderUnavailable``, and ``ProviderRefused`` when it does not know ``after``.
        """


@dataclass(frozen=True)
class Offer:
    """A provider as the buyer sees it."""

    name: str
    label: str
    description: str
    provider: PaymentProvider = field(repr=False, compare=False)


instances: dict[str, PaymentProvider] = {}  # by dotted path, made when first asked for


def get_provider(name: str) -> PaymentProvider:
    """Return the provider of that name.

    Raises ``ProviderUnavailable`` if the installation has it no more: what was begun there waits until it is back.
    """
    path = settings.SHOP_PAYMENT_PROVIDERS.get(name)
    if path is None:
        raise ProviderUnavailable
    if path not in instances:
        instances[path] = import_string(path)()
    return instances[path]


def offered() -> list[Offer]:
    """The ways to pay that this installation offers, in the order of its settings."""
    offers = []
    for name in settings.SHOP_PAYMENT_PROVIDERS:
        provider = get_provider(name)
        offers.append(Offer(name, provider.label, provider.description, provider))
    return offers
