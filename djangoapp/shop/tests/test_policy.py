"""Until when a place may be given up or moved, and what that costs: instants, clocks, fees and words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.mail import send_due_mails
from shop.models import CancellationPolicy, OrderLine, Session
from shop.services import orders
from shop.services.policy import Terms, in_general, in_words, policy_of, terms_for, terms_of
from shop.tests.factories import ProjectFactory, SessionFactory, cart_with, paid_order_for, purchase_for

ZURICH = ZoneInfo("Europe/Zurich")
START = datetime(2027, 5, 29, 7, 30, tzinfo=UTC)  # 09:30 in Zürich, a Saturday
PRICE = Decimal("85.00")
SECOND = timedelta(seconds=1)


def days_before(days: int) -> datetime:
    return START - timedelta(days=days)


def session_with(**policy) -> Session:
    """A session that is not saved, of a project with this policy."""
    project = ProjectFactory.build(
        category=None, tax_rule=None, policy=CancellationPolicy(name="Ours", **policy)
    )
    return Session(
        project=project,
        starts_at=START,
        ends_at=START + timedelta(hours=3),
        time_zone="Europe/Zurich",
        place_name="Workshop",
    )


@pytest.mark.parametrize(
    ("at", "fee"),
    [
        (days_before(30), Decimal(0)),
        (days_before(7), Decimal(0)),
        (days_before(7) + SECOND, Decimal("42.50")),
        (days_before(2), Decimal("42.50")),
        (days_before(2) + SECOND, None),
        (START, None),
    ],
)
def test_the_usual_policy_is_free_then_half_then_never(at, fee):
    assert terms_of(session_with()).fee(PRICE, at=at) == fee


@pytest.mark.parametrize(
    ("price", "percent", "fixed", "fee"),
    [
        ("85.00", "50", "0", "42.50"),
        ("0.05", "50", "0", "0.03"),  # half up
        ("85.00", "0", "10", "10.00"),
        ("85.00", "20", "5", "22.00"),
        ("8.00", "50", "10", "8.00"),  # never more than the price
        ("85.00", "100", "0", "85.00"),
    ],
)
def test_a_fee_is_a_share_of_the_price_and_an_amount_and_at_most_the_price(price, percent, fixed, fee):
    terms = terms_of(session_with(fee_percent=Decimal(percent), fee_fixed=Decimal(fixed)))

    assert terms.fee(Decimal(price), at=days_before(3)) == Decimal(fee)


def test_without_any_fee_the_last_day_is_free():
    terms = terms_of(session_with(fee_percent=Decimal(0), free_days=7, last_days=2))

    assert terms.fee(PRICE, at=days_before(2)) == 0
    assert terms.fee(PRICE, at=days_before(2) + SECOND) is None


def test_a_place_that_cost_nothing_is_given_back_until_it_begins():
    terms = terms_of(session_with())

    assert terms.fee(Decimal(0), at=START - SECOND) == 0
    assert terms.fee(Decimal(0), at=START) is None


@pytest.mark.parametrize(
    ("start", "free_until"),
    [
        # The clocks go forward on 28 March and back on 31 October: seven days before is still 18:00 on the clock.
        (datetime(2027, 4, 2, 18, 0, tzinfo=ZURICH), datetime(2027, 3, 26, 17, 0, tzinfo=UTC)),
        (datetime(2027, 11, 3, 18, 0, tzinfo=ZURICH), datetime(2027, 10, 27, 16, 0, tzinfo=UTC)),
        # A time that the clocks skip or have twice is the first instant that fits.
        (datetime(2027, 4, 4, 2, 30, tzinfo=ZURICH), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        (datetime(2027, 11, 7, 2, 30, tzinfo=ZURICH), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_days_are_counted_on_the_sessions_clock(start, free_until):
    session = session_with()
    session.starts_at = start.astimezone(UTC)

    assert terms_of(session).free_until == free_until


@pytest.mark.parametrize(
    ("days", "at", "may"), [(2, 2, True), (2, 1, False), (0, 1, True), (None, 90, False)]
)
def test_moving_has_an_end_of_its_own(days, at, may):
    assert terms_of(session_with(move_days=days)).allows_move(at=days_before(at)) is may


@given(
    price=st.decimals(0, 500, places=2),
    percent=st.decimals(0, 100, places=2),
    fixed=st.decimals(0, 100, places=2),
    hours=st.integers(-24, 24 * 30),
)
def test_no_fee_ever_exceeds_the_price_and_terms_survive_freezing(price, percent, fixed, hours):
    terms = terms_of(session_with(fee_percent=percent, fee_fixed=fixed))

    fee = terms.fee(price, at=START - timedelta(hours=hours))

    assert fee is None or Decimal(0) <= fee <= price
    assert Terms.thawed(terms.frozen()) == terms


def test_words_tell_the_actual_dates_on_the_sessions_clock():
    words = in_words(terms_of(session_with()), ZURICH, PRICE, at=days_before(30))

    assert words == [
        "Until Saturday 22 May 2027, 09:30 (Zurich time) you can cancel free of charge.",
        "After that and until Thursday 27 May 2027, 09:30 (Zurich time) we keep CHF\xa042.50 of each place.",
        "After that there is no refund; tell us if something serious has happened.",
        "You can move to another date until Thursday 27 May 2027, 09:30 (Zurich time).",
    ]


def test_words_leave_out_what_is_past():
    terms = terms_of(session_with(move_days=7))

    assert in_words(terms, ZURICH, None, at=days_before(5)) == [
        "Until Thursday 27 May 2027, 09:30 (Zurich time) you can cancel, and we keep 50 % of the price.",
        "After that there is no refund; tell us if something serious has happened.",
    ]
    assert in_words(terms, ZURICH, PRICE, at=days_before(1)) == [
        "There is no refund any more; tell us if something serious has happened."
    ]
    assert in_words(terms, ZURICH, Decimal(0), at=days_before(1)) == [
        "You can give your place back until it begins."
    ]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            {},
            [
                "Until 7 days before the start you can cancel free of charge.",
                "After that and until 2 days before we keep 50 % of the price.",
                "After that there is no refund; tell us if something serious has happened.",
                "You can move to another date until 2 days before.",
            ],
        ),
        (
            {"free_days": 0, "last_days": 0, "move_days": 0},
            [
                "You can cancel free of charge until the start.",
                "You can move to another date until the start.",
            ],
        ),
        (
            {"free_days": 1, "last_days": 0, "move_days": None, "fee_percent": 0, "fee_fixed": Decimal(10)},
            [
                "Until 1 day before the start you can cancel free of charge.",
                "After that and until the start we keep CHF\xa010 of each place.",
            ],
        ),
        (
            {"free_days": 1, "last_days": 1, "move_days": 1, "fee_percent": 20, "fee_fixed": Decimal(5)},
            [
                "Until 1 day before the start you can cancel free of charge.",
                "After that there is no refund; tell us if something serious has happened.",
                "You can move to another date until 1 day before.",
            ],
        ),
    ],
)
def test_a_policy_in_general_is_told_in_days(policy, words):
    assert in_general(CancellationPolicy(**policy)) == words


def test_a_fee_of_both_kinds_is_told():
    policy = CancellationPolicy(fee_percent=Decimal("12.50"), fee_fixed=Decimal(5))

    assert "12.5 % of the price and CHF\xa05 for each place" in " ".join(in_general(policy))


def test_a_fee_cannot_end_before_it_begins():
    with pytest.raises(ValidationError, match="ends later"):
        CancellationPolicy(name="Odd", free_days=2, last_days=7).full_clean(
            validate_unique=False, validate_constraints=False
        )


# What was promised


@pytest.mark.django_db
def test_what_was_promised_holds_whatever_becomes_of_the_policy():
    policy = CancellationPolicy.objects.create(name="Ours")
    session = SessionFactory(project__policy=policy, base_price=PRICE)
    line = paid_order_for((session, 1)).lines.get()
    promised = terms_for(line)

    CancellationPolicy.objects.update(free_days=60, fee_percent=100, move_days=None)
    line = OrderLine.objects.get()

    assert terms_for(line) == promised
    assert terms_of(line.session) != promised
    assert line.promise[0].startswith("Until ")
    assert line.promise[0].endswith("you can cancel free of charge.")


@pytest.mark.django_db
def test_a_session_that_was_put_on_another_time_may_be_given_up_free_of_charge_until_it_begins():
    session = SessionFactory(base_price=PRICE)
    line = paid_order_for((session, 1)).lines.get()
    later = session.starts_at + timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=later)

    terms = terms_for(OrderLine.objects.get(pk=line.pk))

    assert terms.fee(PRICE, at=later - SECOND) == 0
    assert terms.allows_move(at=later - SECOND)
    assert terms.fee(PRICE, at=later) is None


@pytest.mark.django_db
def test_places_sold_before_there_were_promises_have_the_policy_of_their_project():
    line = paid_order_for((SessionFactory(), 1)).lines.get()
    line.policy = None

    assert terms_for(line) == terms_of(line.session)
    assert line.promise == []
    assert policy_of(line.session.project).free_days == 7


# Where it is read


@pytest.mark.django_db
def test_buyers_read_the_policy_before_they_book_and_with_their_order(client):
    policy = CancellationPolicy.objects.create(name="Ours", free_days=3, last_days=3, move_days=None)
    session = SessionFactory(project__policy=policy)
    free_until = terms_of(session).free_until.astimezone(ZURICH)
    sentence = f"{free_until:%H:%M} (Zurich time) you can cancel free of charge."

    assert "Until 3 days before the start" in client.get(session.project.get_absolute_url()).text
    assert sentence in client.get(session.get_absolute_url()).text
    client.post("/cart/add/", {"session": session.slug, "quantity": 1})
    assert sentence in client.get("/checkout/").text
    assert sentence in client.get(paid_order_for((session, 1)).get_absolute_url()).text


@pytest.mark.django_db
def test_the_confirmation_tells_what_was_promised(mailoutbox):
    cart = cart_with((SessionFactory(base_price=Decimal(0)), 1))
    orders.place_order(cart, purchase_for(cart))

    send_due_mails()

    letter = mailoutbox[0]
    assert "You can give your place back until it begins." in letter.body
    assert "You can give your place back until it begins." in letter.alternatives[0][0]
