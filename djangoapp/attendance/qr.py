"""The QR code of a ticket: the address of its page and nothing else, which any telephone's camera opens."""

import segno
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from attendance.models import Ticket
from core.addresses import absolute


def address_of(ticket: Ticket) -> str:
    """The whole address of the ticket's page. Whoever has it has the ticket."""
    return absolute(reverse("tickets:ticket", args=[ticket.code]))


def qr_picture(ticket: Ticket) -> SafeString:
    """Draw the code as SVG for a page: dark on white in either scheme, its quiet margin within."""
    code = segno.make(address_of(ticket), error="m", micro=False)
    svg = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308 - drawn by the library
