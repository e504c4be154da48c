"""What goes with the shop's letters."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from attendance.paper import CONTENT_TYPE, order_pdf
from core.mail import Attachment, attaches_to
from shop.models import Order


@attaches_to("order_paid")
@attaches_to("places_moved")
def tickets(order_id: int) -> Iterator[Attachment]:
    """The tickets of a confirmed order, as one PDF."""
    order = Order.objects.get(pk=order_id)
    if content := order_pdf(order):
        note = _("Your tickets are attached. Show them at the door, on paper or on your telephone.")
        yield Attachment(_("tickets-%(code)s.pdf") % {"code": order.code}, content, CONTENT_TYPE, note=note)
