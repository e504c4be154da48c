"""Tickets on paper: one page of postcard size for each, which prints on A4 as well."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from attendance.models import Ticket
from attendance.qr import address_of
from core.templatetags.when import when_text
from shop.models import Order

if TYPE_CHECKING:
    from core.pdf import Paper

CONTENT_TYPE = "application/pdf"
QR_SIZE = 50  # millimetres: read from an arm's length


def tickets_pdf(tickets: Iterable[Ticket], *, title: str) -> bytes:
    """Print tickets (fetched ``for_door()``), a page for each."""
    from core.pdf import (
        Paper,
    )  # at first use: it brings two hundred modules, and most processes print nothing

    paper = Paper(title, size="A6", margin=10)
    for ticket in tickets:
        _page(paper, ticket)
    return paper.content()


def order_pdf(order: Order) -> bytes:
    """Print the tickets of an order that are good; ``b""`` when none is."""
    tickets = Ticket.objects.valid().of_order(order).for_door()
    title = _("Tickets of order %(code)s") % {"code": order.code}
    return tickets_pdf(tickets, title=title) if tickets else b""


def _page(paper: "Paper", ticket: Ticket) -> None:
    line, session = ticket.line, ticket.line.session
    paper.add_page()
    paper.words(session.title, size=_size_for(session.title, 14, 11), bold=True)
    paper.ln(1)
    paper.words(when_text(session), size=9)
    paper.words(session.where, size=9, soft=True)
    paper.ln(2)
    paper.words(line.attendee_name, size=_size_for(line.attendee_name, 13, 10), bold=True)
    # At the foot of the page, wherever the words above end.
    top = paper.h - paper.b_margin - QR_SIZE - 9
    paper.qr(address_of(ticket), x=(paper.w - QR_SIZE) / 2, y=top, size=QR_SIZE)
    paper.set_xy(paper.l_margin, top + QR_SIZE)
    paper.words(_("Show this code at the door."), size=8, align="C")
    number = _("Order %(order)s · ticket %(code)s") % {
        "order": line.order.code,
        "code": ticket.short_code,
    }
    paper.words(number, size=7, soft=True, align="C")


def _size_for(text: str, usual: float, small: float) -> float:
    """Long titles and names are printed smaller, so that the code stays where it is."""
    return usual if len(text) <= 60 else small
