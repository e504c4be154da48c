"""Prices: for whom, with which coupon, and rounded so that receipts add up."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Membership
from core.money import rounded, shares, tax_included
from shop.models import Coupon, Project, Session, TaxRule
from shop.services.places import Wanted
from shop.services.pricing import price_cart, price_for

NOW = timezone.now()


def session(price="85.00", *, member=None, nonprofit=None, rate="8.1", pk=1) -> Session:
    """A session that no database knows: prices are pure arithmetic."""
    rule = TaxRule(name=f"VAT {rate}", rate=Decimal(rate))
    project = Project(pk=pk, title="Grafting", tax_rule=rule)
    return Session(
        pk=pk,
        project=project,
        base_price=Decimal(price),
        member_price=member and Decimal(member),
        nonprofit_price=nonprofit and Decimal(nonprofit),
    )


def coupon(**fields) -> Coupon:
    return Coupon(**{"code": "SPRING26", "kind": "percent", "value": Decimal(10)} | fields)


@pytest.mark.parametrize(
    ("membership", "price", "reason"),
    [
        (Membership.BUSINESS, "85.00", ""),
        (Membership.MEMBER, "70.00", "Member price"),
        (Membership.NONPROFIT, "60.00", "Nonprofit price"),
        ("", "85.00", ""),
    ],
)
def test_the_price_follows_the_membership(membership, price, reason):
    offer = price_for(session(member="70.00", nonprofit="60.00"), membership, at=NOW)

    assert (offer.price, offer.reason, offer.list_price) == (Decimal(price), reason, Decimal("85.00"))


@pytest.mark.parametrize("special", [None, "85.00", "99.00"])
def test_a_special_price_that_is_none_changes_nothing(special):
    offer = price_for(session(member=special), Membership.MEMBER, at=NOW)

    assert (offer.price, offer.reason, offer.is_reduced) == (Decimal("85.00"), "", False)


def test_a_free_price_for_members_is_a_price():
    assert price_for(session(member="0"), Membership.MEMBER, at=NOW).price == 0


def test_a_percentage_is_rounded_half_up_once_per_place():
    quote = price_cart([Wanted(session("0.25"), 2)], coupon(), membership="", at=NOW)

    assert [place.discount for place in quote.places] == [Decimal("0.03")] * 2
    assert (quote.subtotal, quote.discount, quote.total) == (
        Decimal("0.50"),
        Decimal("0.06"),
        Decimal("0.44"),
    )


def test_an_amount_is_shared_among_the_places_to_the_last_coin():
    lines = [Wanted(session("10.00", pk=1), 2), Wanted(session("10.00", pk=2), 1)]

    quote = price_cart(lines, coupon(kind="fixed", value=Decimal("10.00")), membership="", at=NOW)

    assert sorted(place.discount for place in quote.places) == [
        Decimal("3.33"),
        Decimal("3.33"),
        Decimal("3.34"),
    ]
    assert quote.total == Decimal("20.00")


def test_a_coupon_never_makes_a_price_negative():
    quote = price_cart(
        [Wanted(session("10.00"), 1)], coupon(kind="fixed", value=Decimal(50)), membership="", at=NOW
    )

    assert quote.total == 0


def test_a_coupon_for_one_project_leaves_the_others_alone():
    lines = [Wanted(session("10.00", pk=1), 1), Wanted(session("20.00", pk=2), 1)]

    quote = price_cart(lines, coupon(project_id=2, value=Decimal(50)), membership="", at=NOW)

    assert [place.price for place in quote.places] == [Decimal("10.00"), Decimal("10.00")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"min_total": Decimal(100)}, "from a total of CHF\xa0100"),
        ({"project_id": 7}, "other sessions"),
        ({"valid_until": NOW - timedelta(seconds=1)}, "not valid"),
    ],
)
def test_a_coupon_that_does_not_fit_lowers_nothing_and_the_quote_says_why(fields, words):
    quote = price_cart([Wanted(session("85.00"), 1)], coupon(**fields), membership="", at=NOW)

    assert (quote.total, quote.coupon) == (Decimal("85.00"), None)
    assert words in quote.coupon_problem


def test_tax_is_told_by_rate():
    lines = [Wanted(session("108.10", pk=1), 1), Wanted(session("102.60", rate="2.6", pk=2), 2)]

    quote = price_cart(lines, None, membership="", at=NOW)

    assert {share.rate: (share.gross, share.tax) for share in quote.taxes} == {
        Decimal("8.1"): (Decimal("108.10"), Decimal("8.10")),
        Decimal("2.6"): (Decimal("205.20"), Decimal("5.20")),
    }
    assert quote.tax == Decimal("13.30")


def test_a_currency_without_small_coins_has_none(settings):
    settings.SHOP_CURRENCY = "JPY"

    quote = price_cart([Wanted(session("1005"), 1)], coupon(), membership="", at=NOW)

    assert quote.discount == Decimal(101)
    assert tax_included(Decimal(1000), Decimal(10)) == Decimal(91)


amounts = st.decimals(min_value=0, max_value=5000, places=2)


@given(total=amounts, weights=st.lists(amounts, min_size=1, max_size=12))
@settings(max_examples=200)
def test_shares_add_up_and_never_exceed_their_weight(total, weights):
    total = min(total, sum(weights))

    parts = shares(total, weights)

    assert sum(parts) == (total if sum(weights) else 0)
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(
    price=amounts, percent=st.decimals(min_value="0.01", max_value=100, places=2), places=st.integers(1, 5)
)
@settings(max_examples=200)
def test_every_quote_adds_up(price, percent, places):
    quote = price_cart([Wanted(session(str(price)), places)], coupon(value=percent), membership="", at=NOW)

    assert quote.total == sum(place.price for place in quote.places)
    assert quote.total == quote.subtotal - quote.discount
    assert all(
        place.price == rounded(place.price) and 0 <= place.tax <= place.price for place in quote.places
    )
