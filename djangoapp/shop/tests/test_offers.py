"""Early bird and group price: which price applies, why, and that everybody is told before they buy."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership
from shop import mails
from shop.availability import availability_of
from shop.exceptions import PriceChanged
from shop.models import Coupon, Project, Session, TaxRule
from shop.services import cart as carts
from shop.services import orders, payments
from shop.services.places import Wanted
from shop.services.pricing import price_cart, price_for, price_notes, why_dearer
from shop.structured_data import event_of
from shop.tests.factories import (
    CouponFactory,
    SessionFactory,
    cart_with,
    member,
    order_for,
    paid_order_for,
    purchase_for,
)
from shop.tests.visiting import errors_of, filled_in, holding, link, submit

NOW = timezone.now()
SOON, BEFORE = NOW + timedelta(days=3), NOW - timedelta(minutes=1)


# Which price applies: arithmetic, no database


@dataclass
class Case:
    """A session that usually costs 100, and what each of so many places in one order costs."""

    says: str
    expected: list[tuple[int, str]]  # price, and how its reason begins
    member: int | None = None
    early: int | None = None
    until: datetime | None = None
    first: int | None = None
    sold: int = 0
    group: int | None = None
    size: int | None = None
    coupon: Coupon | None = None
    is_member: bool = True

    def __str__(self) -> str:
        return self.says


EARLY, GROUP, MEMBER, USUAL = "Early bird", "Group price", "Member price", ""
TEN_PERCENT = Coupon(code="SPRING26", kind="percent", value=Decimal(10))

TABLE = [
    Case("usual", [(100, USUAL)]),
    Case("early, in time", [(70, EARLY)], early=70, until=SOON),
    Case("early, too late", [(100, USUAL)], early=70, until=BEFORE),
    Case("early, first places", [(70, EARLY), (70, EARLY), (100, USUAL)], early=70, first=5, sold=3),
    Case("early, all taken", [(100, USUAL)], early=70, first=5, sold=5),
    Case("early, more sold than meant", [(100, USUAL)], early=70, first=5, sold=9),
    Case("early, both ends, in time", [(70, EARLY), (100, USUAL)], early=70, until=SOON, first=1),
    Case("early, both ends, too late", [(100, USUAL)], early=70, until=BEFORE, first=9),
    Case("early, free", [(0, EARLY)], early=0, until=SOON),
    Case("early, no lower than usual", [(100, USUAL)], early=100, until=SOON),
    Case("early, dearer than usual", [(100, USUAL)], early=120, until=SOON),
    Case("early beats member", [(70, EARLY)], early=70, until=SOON, member=80),
    Case("member beats early", [(60, MEMBER)], early=70, until=SOON, member=60),
    Case("a tie is the member's", [(70, MEMBER)], early=70, until=SOON, member=70),
    Case("members' price is for members", [(70, EARLY)], early=70, until=SOON, member=60, is_member=False),
    Case("where early ends, member goes on", [(70, EARLY), (80, MEMBER)], early=70, first=1, member=80),
    Case("too few for a group", [(100, USUAL)] * 2, group=80, size=3),
    Case("a group", [(80, GROUP)] * 3, group=80, size=3),
    Case("more than a group", [(80, GROUP)] * 4, group=80, size=3),
    Case("group beats early", [(60, GROUP)] * 3, group=60, size=3, early=70, until=SOON),
    Case("early beats group", [(50, EARLY), (60, GROUP), (60, GROUP)], group=60, size=3, early=50, first=1),
    Case("a group of members", [(60, MEMBER)] * 3, group=80, size=3, member=60),
    Case("a coupon lowers the lowest", [(63, EARLY)], early=70, until=SOON, coupon=TEN_PERCENT),
    Case(
        "a coupon lowers each place's own price",
        [(63, EARLY), (90, USUAL)],
        early=70,
        first=1,
        coupon=TEN_PERCENT,
    ),
]


def quote_of(case: Case):
    session = Session(
        pk=1,
        project=Project(pk=1, title="Grafting", tax_rule=TaxRule(name="VAT", rate=Decimal("8.1"))),
        base_price=Decimal(100),
        member_price=case.member,
        early_price=case.early,
        early_until_at=case.until,
        early_places=case.first,
        group_price=case.group,
        group_places=case.size,
    )
    session.places_sold = case.sold
    membership = Membership.MEMBER if case.is_member else ""
    return price_cart([Wanted(session, len(case.expected))], case.coupon, membership=membership, at=NOW)


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_the_lowest_price_that_applies_counts(case):
    quote = quote_of(case)

    assert [place.price for place in quote.places] == [price for price, _reason in case.expected]
    for place, (_price, reason) in zip(quote.places, case.expected, strict=True):
        assert place.reason.startswith(reason)
        assert bool(place.reason) == bool(reason)
        assert place.list_price == 100


def test_a_reason_names_the_end_on_the_sessions_own_clock():
    midnight = datetime(2027, 5, 3, 22, tzinfo=UTC)  # midnight in Zurich
    session = Session(base_price=100, early_price=70, early_until_at=midnight, early_places=10)
    session.places_sold = 4

    reason = price_for(session, "", at=midnight - timedelta(days=9)).reason

    assert reason == "Early bird, until 3 May 2027, first 10 places"
    assert price_notes(session, at=midnight - timedelta(days=9)) == [
        "Early bird, until 3 May 2027, first 10 places: CHF\N{NO-BREAK SPACE}70 (6 left)"
    ]
    session.early_until_at -= timedelta(hours=1)
    assert "until 3 May 2027, 23:00" in price_for(session, "", at=midnight - timedelta(days=9)).reason


@pytest.mark.parametrize(
    ("fields", "sold", "words"),
    [
        ({"early_until_at": SOON}, 0, ""),
        ({"early_places": 1, "group_price": 60, "group_places": 3}, 0, ""),
        ({"early_places": 5}, 2, ""),
        ({"early_places": 5}, 3, "Only 2 places are left at the early-bird price."),
        ({"early_places": 5}, 4, "Only 1 place is left at the early-bird price."),
        ({"early_places": 5}, 5, "The places at the early-bird price are taken."),
        ({"early_until_at": BEFORE}, 0, "The early-bird price was valid until"),
    ],
)
def test_why_three_places_do_not_all_have_the_early_price(fields, sold, words):
    project = Project(tax_rule=TaxRule(name="VAT", rate=8))
    session = Session(pk=1, project=project, base_price=Decimal(100), early_price=Decimal(70), **fields)
    session.places_sold = sold
    places = price_cart([Wanted(session, 3)], None, membership="", at=NOW).places

    told = why_dearer(places, at=NOW)

    assert told.startswith(words)
    assert bool(told) == bool(words)


# What the database allows


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"early_price": 70},
        {"early_price": -1, "early_places": 3},
        {"group_price": 70},
        {"group_price": 70, "group_places": 1},
        {"group_price": -1, "group_places": 3},
    ],
)
def test_an_offer_without_an_end_or_a_size_is_refused(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        SessionFactory(**wrong)


# What is counted as sold


def early_session(**fields) -> Session:
    return SessionFactory(
        **{"base_price": 100, "early_price": 70, "early_places": 3, "capacity": 12} | fields
    )


@pytest.mark.django_db
def test_places_in_carts_are_not_sold_yet_and_cancelled_ones_no_longer():
    session = early_session()
    cart_with((session, 2))
    kept = order_for((session, 1), email="kept@example.org")
    gone = paid_order_for((session, 1), email="gone@example.org")
    orders.cancel(gone)

    fresh = Session.objects.get(pk=session.pk)

    assert fresh.places_sold == 1
    assert Session.objects.with_places_sold().get(pk=session.pk).places_sold == 1
    assert kept.lines.get().price_reason == "Early bird, first 3 places"


@pytest.mark.django_db
@pytest.mark.parametrize("membership", ["", Membership.MEMBER])
def test_lists_filters_and_cards_name_the_same_price(membership):
    early_session(early_until_at=SOON)
    early_session(early_until_at=BEFORE)
    taken = early_session(early_places=1)
    order_for((taken, 1))
    early_session(early_places=1, member_price=60)
    early_session(early_price=150)
    early_session(early_price=None, group_price=10, group_places=3)
    sessions = Session.objects.for_cards()
    for session in sessions:
        price = price_for(session, membership, at=timezone.now()).price
        assert session in sessions.costing_at_most(price, membership)
        assert session not in sessions.costing_at_most(price - Decimal("0.01"), membership)
        project = Project.objects.with_next_dates(membership).get(pk=session.project_id)
        assert project.lowest_price == price


# What visitors are told


@pytest.fixture
def session(db) -> Session:
    return early_session(group_price=80, group_places=3)


def test_the_page_of_a_session_tells_all_that_lowers_the_price(client, session):
    order_for((session, 1))

    page = client.get(session.get_absolute_url()).text

    assert "Early bird, first 3 places" in page
    assert "(2 left)" in page
    assert "From 3 places in one order: CHF\N{NO-BREAK SPACE}80 each" in page
    assert "Early bird<" in client.get("/sessions/").text


def test_search_engines_read_the_price_that_everybody_pays_now(session):
    session = Session.objects.for_page().get(pk=session.pk)
    session.early_until_at = SOON

    offer = event_of(session, availability_of(session, at=NOW), at=NOW)["offers"]

    assert offer["price"] == "70.00"
    assert offer["priceValidUntil"] == SOON.isoformat()


def test_programs_read_every_price(client, session):
    order_for((session, 1))

    [row] = client.get("/api/v1/sessions/").json()["results"]

    assert row["prices"]["now"] == "70.00"
    assert row["prices"]["early_bird"] == {
        "price": "70.00",
        "until": None,
        "places": 3,
        "places_left": 2,
        "is_over": False,
    }
    assert row["prices"]["group"] == {"price": "80.00", "from_places": 3}


def test_a_cart_whose_places_cost_differently_says_so(client, session):
    order_for((session, 2))
    holding(client, (session, 2))

    cart, checkout = client.get("/cart/").text, client.get("/checkout/").text

    assert "1 × Early bird, first 3 places" in cart
    assert "Only 1 place is left at the early-bird price." in cart
    assert "CHF\N{NO-BREAK SPACE}170" in cart
    assert "1 × CHF\N{NO-BREAK SPACE}70: Early bird, first 3 places" in checkout
    assert "1 × CHF\N{NO-BREAK SPACE}100" in checkout


def test_the_order_its_page_and_its_mail_keep_the_reason(client, session):
    order_for((session, 2))
    cart = holding(client, (session, 2))
    order = orders.place_order(cart, purchase_for(cart, email="other@example.org"))
    payments.mark_paid_at_desk(order, actor=None)
    Session.objects.update(early_price=None, early_places=None)

    prices = [(line.unit_price, line.price_reason) for line in order.lines.all()]
    letter = mails.order_paid(order.pk)

    assert prices == [(70, "Early bird, first 3 places"), (100, "")]
    for text in (client.get(link(order)).text, letter.text, letter.html):
        assert "1 × Early bird, first 3 places" in text


def test_the_group_price_comes_with_the_last_place_of_the_group(client, session):
    Session.objects.update(early_price=None, early_places=None)
    two, three = cart_with((session, 2)), cart_with((session, 3))

    totals = [carts.quote_cart(cart, at=timezone.now(), membership="").total for cart in (two, three)]

    assert totals == [200, 240]


# When the early bird ends while somebody makes up their mind


def test_what_ended_between_cart_and_order_is_told_and_confirmed_anew(client, session):
    holding(client, (session, 2))
    filled = filled_in(client)
    order_for((session, 3), email="quicker@example.org")

    refused = client.post("/checkout/", filled)

    told = " ".join(errors_of(refused)["__all__"])
    assert "The places at the early-bird price are taken." in told
    assert "The total has changed to CHF\N{NO-BREAK SPACE}200" in told
    assert submit(client).status_code == 303


def test_an_early_bird_that_is_over_is_not_sold_however_fast_the_page(session):
    cart = cart_with((session, 1))
    Session.objects.update(early_until_at=BEFORE)

    with pytest.raises(PriceChanged, match="was valid until"):
        orders.place_order(cart, purchase_for(cart, expected_total=Decimal(70)))


def test_a_place_that_comes_back_has_the_early_price_again(session):
    first = order_for((session, 3), email="first@example.org")
    assert price_for(Session.objects.get(), "", at=NOW).price == 100
    orders.cancel(paid(first))

    assert price_for(Session.objects.get(), "", at=NOW).price == 70


def paid(order):
    payments.mark_paid_at_desk(order, actor=None)
    return order


def test_members_and_coupons_stand_beside_an_early_bird_in_a_real_order(session):
    Session.objects.update(member_price=75)
    cart = cart_with((session, 2), user=member(), coupon=CouponFactory())
    order_for((session, 2), email="others@example.org")

    order = orders.place_order(cart, purchase_for(cart), user=cart.user)

    lines = [(line.unit_price, line.price_reason, line.discount, line.price) for line in order.lines.all()]
    assert lines == [
        (70, "Early bird, first 3 places", 7, 63),
        (75, "Member price", Decimal("7.50"), Decimal("67.50")),
    ]


# How many one buyer may have


def test_a_session_may_let_one_buyer_have_more_places(client, session):
    Session.objects.update(most_per_buyer=6)

    assert "At most 6 places per person" in client.get(session.get_absolute_url()).text
    client.post("/cart/add/", {"session": session.slug, "quantity": 6})
    assert client.get("/cart/").context["rows"][0].line.quantity == 6
    client.post("/cart/set/", {"session": session.slug, "quantity": 7})
    assert client.get("/cart/").context["rows"][0].line.quantity == 6
