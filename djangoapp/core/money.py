"""Money: ``Decimal`` amounts in the shop's one currency, rounded half up to its smallest coin."""

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.utils import formats

# ISO 4217 currencies without a minor unit, and those with three decimals.
ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())

ZERO = Decimal("0")


def exponent(currency: str) -> int:
    """Return how many decimals the currency has (CHF 2, JPY 0)."""
    currency = currency.upper()
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def smallest_coin(currency: str | None = None) -> Decimal:
    """Return the smallest amount of the currency: ``Decimal("0.01")`` for CHF."""
    return Decimal(1).scaleb(-exponent(currency or settings.SHOP_CURRENCY))


def rounded(amount: Decimal, currency: str | None = None) -> Decimal:
    """Round half up to the currency's smallest coin."""
    return amount.quantize(smallest_coin(currency), rounding=ROUND_HALF_UP)


def to_minor(amount: Decimal, currency: str) -> int:
    """Convert to whole minor units, as payment providers count (CHF 12.50 is 1250, JPY 500 is 500).

    Raises ``ValueError`` if the amount has fractions of the smallest coin.
    """
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError("The amount has fractions of the smallest coin.")
    return int(minor)


def from_minor(amount_minor: int, currency: str) -> Decimal:
    """Convert whole minor units to an amount, the inverse of ``to_minor``."""
    return Decimal(amount_minor).scaleb(-exponent(currency))


def tax_included(gross: Decimal, rate: Decimal) -> Decimal:
    """Return the tax contained in a gross amount, for a rate in percent, rounded once."""
    return rounded(gross * rate / (Decimal(100) + rate))


def shares(total: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Split ``total`` in proportion to ``weights`` so that the parts add up to the last coin.

    What rounding leaves over goes, coin by coin, to the heaviest weights. No part exceeds its weight when
    ``total`` does not exceed the sum of the weights.
    """
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO for _ in weights]
    coin = smallest_coin()
    parts = [(total * weight / whole) // coin * coin for weight in weights]
    left = int((total - sum(parts, ZERO)) / coin)
    heaviest = sorted(range(len(weights)), key=lambda index: (-weights[index], index))
    for index in heaviest[:left]:
        parts[index] += coin
    return parts


def display(amount: Decimal, currency: str | None = None, *, is_exact: bool = False) -> str:
    """Write an amount with its currency: ``CHF 85``, ``CHF 85.50``, ``CHF −17``; ``is_exact``: ``CHF 85.00``."""
    currency = currency or settings.SHOP_CURRENCY
    amount = rounded(Decimal(amount), currency)
    is_whole = amount == amount.to_integral_value() and not is_exact
    places = 0 if is_whole else exponent(currency)
    number = formats.number_format(abs(amount), decimal_pos=places, force_grouping=True)
    sign = "−" if amount < 0 else ""
    return f"{currency}\N{NO-BREAK SPACE}{sign}{number}"
