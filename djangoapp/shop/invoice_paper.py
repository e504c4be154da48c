"""Invoices on paper, drawn of what was written down when they were issued: the same file each time."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from core.money import ZERO, display
from core.templatetags.money import percent
from shop.enums import InvoiceKind
from shop.forms.checkout import country_name
from shop.models import Invoice

CONTENT_TYPE = "application/pdf"


def invoice_pdf(invoice: Invoice) -> bytes:
    """Print an invoice or a cancellation. Asks nothing but, for a cancellation, which invoice it cancels."""
    content = invoice.content
    seller = content["seller"]
    issued_at = _issued_at(invoice)
    from core.pdf import (
        Paper,
    )  # at first use: it brings two hundred modules, and most processes print nothing

    paper = Paper(invoice.title)
    paper.studio_name, paper.studio_address = seller["name"], seller["address"]
    paper.set_author(seller["name"])
    paper.set_creator(seller["name"])
    paper.set_creation_date(issued_at)
    paper.add_page()
    paper.ln(6)
    for text in _address(content["buyer"]):
        paper.words(text, size=11)
    paper.ln(12)
    paper.heading(invoice.title)
    paper.facts(_facts(invoice, content, issued_at.date()))
    paper.ln(4)
    currency = invoice.currency
    rows = [
        (
            _what(line, currency),
            f"{percent(Decimal(line['tax_rate']))} {line['tax_name']}",
            display(Decimal(line["amount"]), currency, is_exact=True),
        )
        for line in content["lines"]
    ]
    paper.table([_("What"), _("Tax included"), _("Price")], rows, widths=(5.5, 2, 1.7), align="LLR")
    paper.ln(4)
    paper.amounts(_taxes(content["lines"]), total=(_("Total"), invoice.total), currency=currency, width=110)
    paper.ln(6)
    paper.words(_closing(invoice, content), size=9, soft=True)
    return paper.content()


def _issued_at(invoice: Invoice) -> datetime:
    """On the studio's clock, whoever looks at it."""
    return invoice.issued_at.astimezone(timezone.get_default_timezone())


def _address(buyer: dict[str, str]) -> Iterable[str]:
    town = f"{buyer['postcode']} {buyer['city']}".strip()
    return filter(
        None, [buyer["company"], buyer["name"], buyer["street"], town, country_name(buyer["country"])]
    )


def _facts(invoice: Invoice, content: dict[str, Any], issued_on: date) -> Iterable[tuple[str, str]]:
    yield _("Date"), formats.date_format(issued_on, "j F Y")
    if invoice.kind == InvoiceKind.CANCELLATION:
        cancelled = invoice.cancels
        words = {"number": cancelled.number, "day": formats.date_format(_issued_at(cancelled), "j F Y")}
        yield _("Cancels"), _("Invoice %(number)s of %(day)s") % words
    ordered_on = formats.date_format(date.fromisoformat(content["ordered_on"]), "j F Y")
    yield _("Order"), _("%(code)s of %(day)s") % {"code": content["order"], "day": ordered_on}
    yield _("VAT number"), content["seller"]["vat_number"]


def _what(line: dict[str, Any], currency: str) -> str:
    """``Grafting apple trees, 2026-11-28 09:30``, below it who comes and why it costs less."""
    told = [line["text"], line["attendee"], line["reason"]]
    if Decimal(line["discount"]):
        words = {
            "usual": display(Decimal(line["usual"]), currency),
            "less": display(Decimal(line["discount"]), currency),
        }
        told.append(_("%(usual)s less %(less)s by coupon") % words)
    if taken_off := Decimal(line.get("taken_off", 0)):
        told.append(_("%(amount)s taken off") % {"amount": display(taken_off, currency)})
    return "\n".join(filter(None, told))


def _taxes(lines: list[dict[str, Any]]) -> Iterable[tuple[str, Decimal]]:
    """Net and tax of each rate, so that they add up to the total."""
    rates: dict[tuple[Decimal, str], tuple[Decimal, Decimal]] = {}
    for line in lines:
        key = (Decimal(line["tax_rate"]), line["tax_name"])
        gross, tax = rates.get(key, (ZERO, ZERO))
        rates[key] = (gross + Decimal(line["amount"]), tax + Decimal(line["tax"]))
    for (rate, name), (gross, tax) in sorted(rates.items(), reverse=True):
        if rate:
            words = {"rate": percent(rate), "name": name}
            yield _("Net at %(rate)s %(name)s") % words, gross - tax
            yield _("%(rate)s %(name)s") % words, tax
        else:
            yield _("Without tax: %(name)s") % {"name": name}, gross


def _closing(invoice: Invoice, content: dict[str, Any]) -> str:
    seller = content["seller"]
    if invoice.kind == InvoiceKind.CANCELLATION:
        text = _(
            "This document takes the invoice back in full. What was paid too much goes back the way it came."
        )
    else:
        paid_on = formats.date_format(date.fromisoformat(content["paid_on"]), "j F Y")
        text = _("Paid on %(day)s, with thanks.") % {"day": paid_on}
    return f"{text} {_('Questions?')} {seller['email']}"
