"""The mails about changes to an order after it was paid, each rendered at the moment it is sent."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from core.addresses import absolute
from core.letters import letter
from core.mail import Attachment, Letter, attachments_for, mail_kind
from core.money import ZERO
from shop.calendars import CONTENT_TYPE, order_calendar
from shop.models import Order, Refund, RefundRequest
from shop.order_page import booked_sessions


@mail_kind("places_given_up")
def places_given_up(order_id: int, line_ids: list[int], refund_id: int | None) -> Letter:
    """Which places are gone, what was kept of them, what goes back and how; with what is left for the calendar."""
    order = Order.objects.for_display().get(pk=order_id)
    gone = [line for line in order.lines.all() if line.pk in set(line_ids)]
    refund = refund_id and Refund.objects.select_related("payment").get(pk=refund_id)
    context = _facts(order) | {
        "booked": booked_sessions(order, gone),
        "fees": sum((line.fee for line in gone), ZERO),
        "back": refund.amount if refund else ZERO,
        "how": how_it_comes_back(refund),
        "is_everything": not order.is_paid,
    }
    return letter("shop/email/places_given_up", context, _files(order, "places_given_up"))


@mail_kind("places_moved")
def places_moved(order_id: int, line_ids: list[int], refund_id: int | None) -> Letter:
    """From which date to which places have moved, and what goes back; with the new date for the calendar."""
    order = Order.objects.for_display().get(pk=order_id)
    lines = {line.pk: line for line in order.lines.all()}
    moved = [lines[pk] for pk in line_ids]
    refund = refund_id and Refund.objects.select_related("payment").get(pk=refund_id)
    context = _facts(order) | {
        "booked": booked_sessions(order, moved),
        "before": booked_sessions(order, [lines[line.moved_from_id] for line in moved]),
        "back": refund.amount if refund else ZERO,
        "how": how_it_comes_back(refund),
    }
    return letter("shop/email/places_moved", context, _files(order, "places_moved"))


@mail_kind("refund_asked")
def refund_asked(request_id: int) -> Letter:
    """Tell the studio that somebody asks for money back, and why."""
    request = RefundRequest.objects.select_related("order").get(pk=request_id)
    lines = request.lines.select_related("session__project")
    context = {
        "request": request,
        "order": request.order,
        "booked": [(line, line.session) for line in lines.order_by("position")],
        "admin_url": absolute(reverse("admin:shop_refundrequest_change", args=[request.pk])),
    }
    return letter("shop/email/refund_asked", context)


@mail_kind("refund_decided")
def refund_decided(request_id: int) -> Letter:
    """The answer to somebody who asked for money back."""
    request = RefundRequest.objects.select_related("order").get(pk=request_id)
    order = Order.objects.for_display().get(pk=request.order_id)
    refund = Refund.objects.filter(shares__line__in=request.lines.all()).order_by("-pk").first()
    context = _facts(order) | {
        "request": request,
        "is_accepted": bool(request.granted),
        "how": how_it_comes_back(refund) if request.granted else "",
    }
    return letter("shop/email/refund_decided", context)


@mail_kind("refund_made")
def refund_made(refund_id: int) -> Letter:
    """Money goes back that the buyer did not ask for on a page of ours."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    order = Order.objects.for_display().get(pk=refund.payment.order_id)
    context = _facts(order) | {"refund": refund, "how": how_it_comes_back(refund)}
    return letter("shop/email/refund_made", context)


def how_it_comes_back(refund: Refund | None) -> str:
    """In which way the buyer gets the money, in a sentence."""
    if refund is None:
        return ""
    if refund.is_at_desk:
        return _("You get it at our desk. Please come by, or write to us if you cannot.")
    return _("It goes back the way you paid. It takes some days until your bank shows it.")


def _facts(order: Order) -> dict:
    return {
        "order": order,
        "order_url": absolute(order.get_absolute_url()),
        "contact_email": settings.SHOP_CONTACT_EMAIL,
        "studio_address": settings.SHOP_STUDIO_ADDRESS,
    }


def _files(order: Order, kind: str) -> list[Attachment]:
    """What is left of the booking, for the calendar; and what apps above the shop attach to such a letter."""
    calendar = Attachment(
        f"{order.code}.ics",
        order_calendar(order),
        CONTENT_TYPE,
        note=_("The attached file brings your calendar up to date."),
    )
    return [*attachments_for(kind, order_id=order.pk), calendar]
