"""What a provider's statement and our own rows say of the same money, compared."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from shop.enums import MovementKind, PaymentStatus
from shop.exceptions import ProviderRefused, ProviderUnavailable, Unchangeable
from shop.models import Payment, ProviderMovement, ProviderStatement
from shop.providers import MovementFact
from shop.services import matching, payments, statements
from shop.services.matching import Match
from shop.services.reports import Span, today
from shop.tests.factories import SessionFactory, order_for
from shop.tests.scripted import ScriptedProvider

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Europe/Zurich"))
PRICE = Decimal(85)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def bought(provider: ScriptedProvider) -> Payment:
    """CHF 85 for a place, paid at noon."""
    order = order_for((SessionFactory(base_price=PRICE), 1), provider="scripted")
    payments.start(order.payments.get())
    payment = order.payments.get()
    provider.say(payment, PaymentStatus.PAID, charge_reference=f"pi_{payment.pk}")
    payments.look_at(payment.pk)
    return Payment.objects.get(pk=payment.pk)


def moved(about: str, kind=MovementKind.PAYMENT, amount: Decimal = PRICE, **more) -> MovementFact:
    return MovementFact(
        **{
            "reference": f"txn_{kind}_{about}",
            "kind": kind,
            "amount": amount,
            "fee": Decimal("2.77"),
            "currency": "CHF",
            "buyer_amount": amount,
            "buyer_currency": "CHF",
            "booked_at": NOON,
            "about": about,
            "charge_reference": about,
        }
        | more
    )


def the_day() -> Span:
    return Span(today(), today())


def fetch(clock) -> int:
    clock.shift(timedelta(hours=1))
    return statements.fetch_all()


def test_what_both_sides_know_agrees(provider, clock):
    payment = bought(provider)
    provider.moved = [moved(payment.charge_reference)]

    assert fetch(clock) == 1

    [row] = matching.everything(the_day())
    assert (row.match, row.here, row.there, row.order_code) == (
        Match.AGREES,
        PRICE,
        PRICE,
        payment.order.code,
    )
    assert list(matching.problems()) == []


@pytest.mark.parametrize(
    ("told", "match", "here", "there"),
    [
        (lambda charge: [], Match.MISSING_THERE, PRICE, None),
        (lambda charge: [moved(charge, amount=Decimal(80))], Match.DIFFERS, PRICE, Decimal(80)),
        # Euros on the account, francs from the buyer: francs are compared.
        (lambda charge: [moved(charge, buyer_amount=Decimal(84))], Match.DIFFERS, PRICE, Decimal(84)),
    ],
    ids=["missing there", "another amount", "another amount in the buyer's currency"],
)
def test_what_differs_is_found_and_told(told, match, here, there, provider, clock):
    payment = bought(provider)
    provider.moved = told(payment.charge_reference)

    fetch(clock)

    [row] = matching.differences(the_day())
    assert (row.match, row.here, row.there, row.reference) == (match, here, there, payment.charge_reference)
    [problem] = matching.problems()
    assert (problem.kind, problem.about) == ("statement", f"order {payment.order.code}")


def test_what_is_missing_here_counts_only_if_it_is_ours(provider, clock):
    bought(provider)
    Payment.objects.update(charge_reference="")
    provider.moved = [
        moved("pi_soap"),
        moved("pi_ours", is_claimed=True),
        moved("po_1", MovementKind.PAYOUT, -PRICE),
    ]

    fetch(clock)

    assert {match.value: many for match, many in matching.counts(the_day()).items() if many} == {
        "elsewhere": 1,
        "missing_here": 1,
        "missing_there": 1,
    }


def test_what_is_not_fetched_yet_is_not_missing(provider, clock):
    bought(provider)
    fetch(clock)
    provider.moved = []
    late = bought(provider)

    assert [row.order_code for row in matching.differences(the_day())] != []
    assert late.order.code not in [row.order_code for row in matching.differences(the_day())]


def test_pages_that_come_again_are_written_once_and_in_the_end_everything_is_there(provider, clock):
    bought(provider)
    provider.page_size = 3
    provider.moved = [moved(f"pi_{n}", booked_at=NOON - timedelta(seconds=n)) for n in range(10)]

    assert fetch(clock) == 10
    assert statements.fetch_all() == 0
    statements.begin_again("scripted", NOON - timedelta(days=20))
    assert statements.fetch_all() == 0

    assert ProviderMovement.objects.count() == 10
    assert ProviderStatement.objects.get().fetched_until == timezone.now() - statements.SETTLING


def test_a_provider_that_forgot_where_we_were_is_asked_for_the_piece_again(provider, clock):
    bought(provider)
    provider.moved = [moved("pi_1")]
    ProviderStatement.objects.create(
        provider="scripted",
        fetched_until=NOON - timedelta(hours=1),
        piece_ends_at=NOON + timedelta(seconds=1),
        piece_after="txn_gone",
    )
    asked = provider.movements

    def forgetful(since, until, after=""):
        if after:
            raise ProviderRefused("No such balance transaction.")
        return asked(since, until)

    provider.movements = forgetful

    assert fetch(clock) == 1


def test_a_provider_that_does_not_answer_leaves_everything_as_it_was(provider, clock):
    bought(provider)
    provider.trouble = ProviderUnavailable()

    assert fetch(clock) == 0

    with pytest.raises(CommandError, match="Run it again to go on"):
        call_command("fetch_statements")
    provider.trouble = None
    call_command("fetch_statements", since="2026-11-01")
    assert ProviderStatement.objects.get().fetched_until > NOON


def test_a_movement_is_never_changed(provider, clock):
    bought(provider)
    provider.moved = [moved("pi_1")]
    fetch(clock)

    for change in (lambda: ProviderMovement.objects.update(fee=0), ProviderMovement.objects.get().delete):
        with pytest.raises(Unchangeable):
            change()


def test_a_year_of_pieces_stops_in_time_and_goes_on(provider, clock, monkeypatch):
    bought(provider)
    ProviderStatement.objects.create(provider="scripted", fetched_until=NOON - timedelta(days=70))
    seconds = iter(range(100))
    monkeypatch.setattr(statements, "monotonic", lambda: next(seconds))

    statements.fetch_all(seconds=4)
    first_stop = ProviderStatement.objects.get().fetched_until
    statements.fetch_all(seconds=60)

    assert NOON - timedelta(days=70) < first_stop < NOON - timedelta(days=20)
    assert ProviderStatement.objects.get().fetched_until > NOON - timedelta(hours=1)
