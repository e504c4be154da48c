"""A payment service in memory: it keeps to what a real one would do, and answers only when it likes."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import wraps
from itertools import count

from shop.enums import DisputeStatus, PaymentStatus, RefundStatus
from shop.exceptions import ProviderFailed, ProviderRefused, ProviderUnavailable
from shop.models import Payment, Refund
from shop.providers import DisputeFact, PaymentFact, RefundFact

PATH = "tests.lifetimes.bank.Bank"
# What a buyer can still do with an attempt. One that expired may turn out to be paid: they were quicker.
LEADS_TO = {
    PaymentStatus.OPEN: {PaymentStatus.PAID, PaymentStatus.PROCESSING, PaymentStatus.EXPIRED},
    PaymentStatus.PROCESSING: {PaymentStatus.PAID, PaymentStatus.FAILED},
    PaymentStatus.EXPIRED: {PaymentStatus.PAID},
}


def in_its_mood(method):
    """Let a method answer, fail before it has done anything, or do everything and let its answer be lost."""

    @wraps(method)
    def answer(self, *arguments):
        if self.mood == "silent":
            raise ProviderUnavailable
        if self.mood == "failing":
            raise ProviderFailed
        answered = method(self, *arguments)
        if self.mood == "lost":
            raise ProviderUnavailable
        return answered

    return answer


class Bank:
    """Keeps attempts by their idempotency key; refunds and disputes by the attempt's key and their reference."""

    label = "Bank"
    description = "For tests"
    is_online = True
    minutes_to_pay = 35

    def __init__(self) -> None:
        self.mood = "well"  # or silent, failing, lost
        self.is_slow = False  # with refunds, which are then on their way until they are settled
        self.attempts: dict[str, PaymentFact] = {}
        self.refunded: dict[str, dict[str, RefundFact]] = {}
        self.disputed: dict[str, dict[str, DisputeFact]] = {}
        self._answers: dict[str, tuple[str, str]] = {}  # where the refund is that a request's key has made
        self._numbers = count(1)

    # The contract with the shop

    @in_its_mood
    def start(self, payment: Payment, addresses) -> PaymentFact:
        return self._opened(payment)

    @in_its_mood
    def lookup(self, payment: Payment) -> PaymentFact:
        return self.attempts[payment.idempotency_key]

    @in_its_mood
    def close(self, payment: Payment, addresses) -> PaymentFact:
        fact = self._opened(payment)
        if fact.status == PaymentStatus.OPEN:
            fact = self.say(payment, PaymentStatus.EXPIRED)
        return fact

    @in_its_mood
    def refund(self, refund: Refund) -> RefundFact:
        key = refund.payment.idempotency_key
        if refund.request_key not in self._answers:
            if refund.amount > self.left(key):
                raise ProviderRefused("There is not so much left.")
            reference = self._keep(key, refund.amount, refund.idempotency_key)
            self._answers[refund.request_key] = (key, reference)
        key, reference = self._answers[refund.request_key]
        return self.refunded[key][reference]

    @in_its_mood
    def refunds(self, payment: Payment) -> list[RefundFact]:
        return list(self.refunded.get(payment.idempotency_key, {}).values())

    @in_its_mood
    def disputes(self, payment: Payment) -> list[DisputeFact]:
        return list(self.disputed.get(payment.idempotency_key, {}).values())

    @in_its_mood
    def charges_taken_back(self, since) -> Iterator[str]:
        return iter([f"ch_{key}" for key in {**self.refunded, **self.disputed}])

    # What happens at the bank

    def say(self, payment: Payment, status: PaymentStatus, *, amount: Decimal | None = None) -> PaymentFact:
        """From now on the attempt stands like this, if that is a way on."""
        key = payment.idempotency_key
        fact = self.attempts[key]
        if status in LEADS_TO.get(fact.status, ()):
            received = (amount or payment.amount) if status == PaymentStatus.PAID else Decimal(0)
            fact = self.attempts[key] = replace(fact, status=status, amount=received)
        return fact

    def give_back(self, payment: Payment, amount: Decimal) -> None:
        """Somebody refunds in the bank's own pages."""
        if amount <= self.left(payment.idempotency_key):
            self._keep(payment.idempotency_key, amount, "")

    def settle(self, payment: Payment, which: int, status: RefundStatus) -> None:
        """One of the payment's refunds has arrived, or comes back, even long after it had arrived."""
        of_payment = self.refunded.get(payment.idempotency_key, {})
        if of_payment:
            reference = list(of_payment)[which % len(of_payment)]
            if of_payment[reference].status != RefundStatus.FAILED:
                of_payment[reference] = replace(of_payment[reference], status=status)

    def claim(self, payment: Payment) -> None:
        """The buyer's own bank takes back what is left."""
        key = payment.idempotency_key
        if amount := self.left(key):
            reference = f"dp_{next(self._numbers)}"
            self.disputed.setdefault(key, {})[reference] = DisputeFact(
                DisputeStatus.OPEN, reference, amount, "fraudulent"
            )

    def decide(self, payment: Payment, status: DisputeStatus) -> None:
        of_payment = self.disputed.get(payment.idempotency_key, {})
        for reference, fact in of_payment.items():
            if fact.status == DisputeStatus.OPEN:
                of_payment[reference] = replace(fact, status=status)

    def left(self, key: str) -> Decimal:
        """What of a payment is neither given back, nor on its way, nor claimed."""
        fact = self.attempts.get(key)
        if fact is None or fact.status != PaymentStatus.PAID:
            return Decimal(0)
        gone = [refund.amount for refund in self.refunded.get(key, {}).values() if is_good(refund)]
        gone += [
            claim.amount for claim in self.disputed.get(key, {}).values() if claim.status != DisputeStatus.WON
        ]
        return fact.amount - sum(gone, Decimal(0))

    def _opened(self, payment: Payment) -> PaymentFact:
        key = payment.idempotency_key
        fact = PaymentFact(PaymentStatus.OPEN, f"cs_{key}", f"ch_{key}", currency=payment.currency)
        return self.attempts.setdefault(key, fact)

    def _keep(self, key: str, amount: Decimal, idempotency_key: str) -> str:
        reference = f"re_{next(self._numbers)}"
        status = RefundStatus.PENDING if self.is_slow else RefundStatus.DONE
        self.refunded.setdefault(key, {})[reference] = RefundFact(status, reference, amount, idempotency_key)
        return reference


def is_good(refund: RefundFact) -> bool:
    return refund.status != RefundStatus.FAILED
