"""Amounts are rounded once, counted in coins, and written with their currency."""

from decimal import Decimal

import pytest
from django.template import Context, Template

from core import money


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("0.005", "CHF", "0.01"), ("0.015", "CHF", "0.02"), ("2.5", "JPY", "3"), ("1.0005", "KWD", "1.001")],
)
def test_halves_are_rounded_up_to_the_smallest_coin(amount, currency, rounded):
    assert money.rounded(Decimal(amount), currency) == Decimal(rounded)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.50", "CHF", 1250), ("500", "JPY", 500), ("1.234", "KWD", 1234), ("0", "CHF", 0)],
)
def test_minor_units_go_there_and_back(amount, currency, minor):
    assert money.to_minor(Decimal(amount), currency) == minor
    assert money.from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("0.005", "CHF"), ("1.5", "JPY")])
def test_fractions_of_a_coin_have_no_minor_units(amount, currency):
    with pytest.raises(ValueError, match="fractions"):
        money.to_minor(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("gross", "rate", "tax"), [("108.10", "8.1", "8.10"), ("85", "8.1", "6.37"), ("85", "0", "0")]
)
def test_the_tax_within_a_price(gross, rate, tax):
    assert money.tax_included(Decimal(gross), Decimal(rate)) == Decimal(tax)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("85", "CHF\xa085"),
        ("85.00", "CHF\xa085"),
        ("85.5", "CHF\xa085.50"),
        ("-17", "CHF\xa0−17"),
        ("0", "CHF\xa00"),
    ],
)
def test_an_amount_is_written_with_its_currency(amount, text):
    assert money.display(Decimal(amount)) == text


def test_the_template_filter_writes_nothing_for_nothing():
    page = Template("{% load money %}[{{ none|money }}] {{ amount|money }} {{ amount|money:'JPY' }}")

    assert page.render(Context({"none": None, "amount": Decimal(500)})) == "[] CHF\xa0500 JPY\xa0500"
