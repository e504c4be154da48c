"""A payment provider that says what a test wants to hear."""

from dataclasses import replace
from decimal import Decimal

from shop.enums import DisputeStatus, PaymentStatus, RefundStatus
from shop.providers import DisputeFact, MovementFact, MovementPage, PaymentFact, RefundFact


class ScriptedProvider:
    """Keeps attempts in memory, one for each idempotency key, as a real provider would."""

    label = "Scripted"
    description = "For tests"
    is_online = True
    minutes_to_pay = 35

    def __init__(self) -> None:
        self.attempts: dict[str, PaymentFact] = {}
        self.refunded: dict[str, RefundFact] = {}
        self.disputed: dict[str, DisputeFact] = {}
        self.taken_back: list[str] = []  # charges
        self.moved: list[MovementFact] = []  # the newest first
        self.page_size = 100
        self.calls: list[str] = []
        self.trouble: Exception | None = None

    def start(self, payment, addresses) -> PaymentFact:
        self._called("start")
        fact = PaymentFact(
            PaymentStatus.OPEN,
            reference=f"cs_{payment.idempotency_key}",
            currency=payment.currency,
            redirect_url="https://pay.example.org/",
        )
        return self.attempts.setdefault(payment.idempotency_key, fact)

    def lookup(self, payment) -> PaymentFact:
        self._called("lookup")
        return self.attempts[payment.idempotency_key]

    def close(self, payment, addresses) -> PaymentFact:
        self._called("close")
        fact = self.start(payment, addresses)
        if fact.status == PaymentStatus.OPEN:
            fact = self.say(payment, PaymentStatus.EXPIRED)
        return fact

    def refund(self, refund) -> RefundFact:
        self._called("refund")
        fact = RefundFact(
            RefundStatus.DONE, f"re_{refund.idempotency_key}", refund.amount, refund.idempotency_key
        )
        return self.refunded.setdefault(refund.idempotency_key, fact)

    def refunds(self, payment) -> list[RefundFact]:
        self._called("refunds")
        return list(self.refunded.values())

    def disputes(self, payment) -> list[DisputeFact]:
        self._called("disputes")
        return list(self.disputed.values())

    def claim(self, status: DisputeStatus, amount: Decimal, reference: str = "dp_1") -> None:
        """From now on the dispute stands like this."""
        self.disputed[reference] = DisputeFact(status, reference, amount, "fraudulent")

    def charges_taken_back(self, since) -> list[str]:
        self._called("charges_taken_back")
        return self.taken_back

    def movements(self, since, until, after="") -> MovementPage:
        self._called("movements")
        found = [fact for fact in self.moved if since <= fact.booked_at < until]
        if after:
            found = found[[fact.reference for fact in found].index(after) + 1 :]
        return MovementPage(found[: self.page_size], len(found) > self.page_size)

    def say(self, payment, status: PaymentStatus, **changes) -> PaymentFact:
        """From now on the attempt stands like this."""
        if status == PaymentStatus.PAID:
            changes = {"amount": payment.amount, "currency": payment.currency} | changes
        fact = PaymentFact(PaymentStatus.OPEN, reference=f"cs_{payment.idempotency_key}")
        before = self.attempts.get(payment.idempotency_key, fact)
        after = replace(before, status=status, **changes)
        self.attempts[payment.idempotency_key] = after
        return after

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.trouble is not None:
            raise self.trouble
