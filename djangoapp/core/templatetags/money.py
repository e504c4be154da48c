"""``{{ amount|money }}`` writes an amount with its currency."""

from decimal import Decimal

from django import template

from core.money import display

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str = "") -> str:
    """Write ``CHF 85`` or ``CHF 85.50``; nothing for ``None``."""
    return "" if amount is None else display(amount, currency or None)


@register.filter
def percent(rate: Decimal) -> str:
    """Write a rate without idle zeros: ``8.1 %``, ``10 %``."""
    return f"{rate.normalize():f}\N{NO-BREAK SPACE}%"
