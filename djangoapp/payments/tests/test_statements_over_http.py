"""Stripe's statement, fetched over HTTP while the network misbehaves, and compared with what we know ourselves."""

from datetime import timedelta
from decimal import Decimal

import pytest
import stripe
import time_machine
from django.utils import timezone

from payments.providers.stripe import StripeCheckout
from shop.models import Payment, ProviderMovement
from shop.services import changes, matching, payments, provider_accounts, refunds, statements
from shop.services.provider_accounts import AccountFigures
from shop.services.reports import Span, today
from shop.tests.factories import SessionFactory, order_for

pytestmark = pytest.mark.django_db(transaction=True)

PRICE = Decimal("85.00")
FEE = Decimal("5.23")  # 2.9 % of 170, and 0.30


@pytest.fixture
def paid(standin) -> Payment:
    """CHF 170 for two places, paid by card."""
    return buy(standin, places=2)


def buy(standin, places: int = 1) -> Payment:
    order = order_for((SessionFactory(base_price=PRICE, capacity=5), places), provider="stripe")
    payments.start(order.payments.get())
    standin.pay(order.payments.get().reference)
    return order.payments.get()


def fetch(*, minutes_later: int = 20, **options) -> int:
    """What the job does, once what happened has settled."""
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes_later)):
        return statements.fetch_all(**options)


class Killed(BaseException):
    """The process ends here, as far as anybody can tell."""


def interrupt(_words: str) -> None:
    raise Killed


def span() -> Span:
    return Span(today() - timedelta(days=1), today() + timedelta(days=1))


def found() -> dict[str, int]:
    return {match.value: many for match, many in matching.counts(span()).items() if many}


def test_what_was_paid_refunded_and_paid_out_agrees_and_tells_what_it_cost(standin, paid):
    changes.cancel_lines(paid.order, paid.order.lines.all()[:1])
    refunds.push(refunds.refund_owed(paid.order, reason="Ill").pk)
    standin.pay_out()

    assert fetch() == 3
    assert found() == {"agrees": 2}
    together = sum(
        (figures for _day, figures in provider_accounts.by_time(span(), "month")), AccountFigures()
    )
    assert (together.payments, together.paid, together.returned) == (1, 2 * PRICE, -PRICE)
    assert (together.fees, together.paid_out, together.change) == (-FEE, -(PRICE - FEE), 0)
    assert fetch(minutes_later=40) == 0


def test_what_stripe_alone_knows_is_missing_here_unless_it_was_sold_elsewhere(standin, paid, settings):
    standin.webhooks(drop=True)
    unheard_of = buy(standin)
    standin.refund(paid.reference, amount=1000)
    other = stripe.StripeClient(settings.STRIPE_TEST_SECRET_KEY, base_addresses={"api": standin.url})
    soap = {"currency": "chf", "unit_amount": 900, "product_data": {"name": "Soap"}}
    params = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": soap}],
        "success_url": "https://example.org/",
    }
    standin.refund(standin.pay(other.v1.checkout.sessions.create(params).id)["id"])

    fetch()

    assert found() == {"agrees": 1, "missing_here": 2, "elsewhere": 2}
    payments.look_at(unheard_of.pk)
    refunds.look_at_payment(paid.pk)
    assert found() == {"agrees": 3, "elsewhere": 2}


def test_what_comes_back_counts_for_nothing(standin, paid):
    changes.cancel_lines(paid.order, paid.order.lines.all()[:1])
    standin.hold_refunds()
    refund = refunds.push(refunds.refund_owed(paid.order, reason="Ill").pk)
    dispute = standin.dispute(buy(standin).reference)
    fetch()
    assert found() == {"agrees": 3, "under_way": 1}

    standin.settle_refund(refund.reference, succeed=False)
    standin.close_dispute(dispute["id"], won=True)

    assert fetch(minutes_later=40) == 2
    assert found() == {"agrees": 4}


def test_a_statement_of_many_pages_goes_on_where_it_was_interrupted(standin, paid, monkeypatch):
    for _again in range(2):
        buy(standin)
    monkeypatch.setattr(StripeCheckout, "movements_per_page", 2)
    with pytest.raises(Killed):
        fetch(say=interrupt)  # once the first page is written
    assert ProviderMovement.objects.count() == 2

    standin.misbehave("rate_limit", count=1, prefix="/v1/balance_transactions")
    fetch()
    standin.behave()
    fetch(minutes_later=40)

    assert ProviderMovement.objects.count() == 3
    asked = [request["status"] for request in standin.requests("/v1/balance_transactions")]
    assert asked == [200, 429, 200, 200, 200]  # the last two look back an hour, too
    assert found() == {"agrees": 3}
