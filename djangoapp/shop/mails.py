"""The mails about orders, each rendered at the moment it is sent."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import absolute
from core.letters import letter
from core.mail import Attachment, Letter, NoLongerNeeded, attachments_for, mail_kind
from shop.calendars import CONTENT_TYPE, order_calendar
from shop.models import Finding, Order, Payment, WaitingEntry
from shop.order_page import OrderPage, booked_sessions, provider_label
from shop.providers import offered
from shop.services.links import orders_of_use
from shop.services.waiting import position_of

MOST_TOLD = 20  # of what does not add up; the page has all


@mail_kind("order_paid")
def order_paid(order_id: int) -> Letter:
    """The one confirmation, with the calendar file, and what apps above the shop attach."""
    order = _order(order_id)
    calendar = Attachment(
        f"{order.code}.ics",
        order_calendar(order),
        CONTENT_TYPE,
        note=_("The sessions are attached for your calendar."),
    )
    files = [*attachments_for("order_paid", order_id=order_id), calendar]
    return letter("shop/email/order_paid", _facts(order), files)


@mail_kind("order_reserved")
def order_reserved(order_id: int) -> Letter:
    """What is to be paid in person, and until when."""
    return letter("shop/email/order_reserved", _facts(_order(order_id)))


@mail_kind("order_links")
def order_links(email: str) -> Letter:
    """The links of the orders of an address that are still of use, for whoever has lost them."""
    orders = [
        {
            "order": order,
            "sessions": [booked for booked in booked_sessions(order) if not booked.is_cancelled],
            "until": timezone.localtime(order.expires_at) if order.is_pending and order.expires_at else None,
            "url": absolute(order.get_absolute_url()),
        }
        for order in orders_of_use(email)
    ]
    if not orders:
        raise NoLongerNeeded("This address has no order that is still of use.")
    return letter("shop/email/order_links", {"orders": orders})


@mail_kind("payment_returned")
def payment_returned(payment_id: int) -> Letter:
    """Money that came too late, or twice, goes back."""
    payment = Payment.objects.get(pk=payment_id)
    order = _order(payment.order_id)
    context = {"payment": payment, "was_paid_before": order.is_paid}
    return letter("shop/email/payment_returned", _facts(order) | context)


@mail_kind("payment_alarm")
def payment_alarm(payment_id: int, kind: str) -> Letter:
    """Tell the studio of money that needs a person's look."""
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    context = {
        "payment": payment,
        "order": payment.order,
        "way": provider_label(payment.provider),
        "problem": _problem(kind),
        "admin_url": absolute(reverse("admin:shop_order_change", args=[payment.order_id])),
    }
    return letter("shop/email/payment_alarm", context)


@mail_kind("integrity_alarm")
def integrity_alarm(finding_ids: list[int]) -> Letter:
    """Tell the studio what does not add up. What is gone by now is told as well: it was so."""
    found = Finding.objects.filter(pk__in=finding_ids)
    context = {
        "findings": found[:MOST_TOLD],
        "many": len(finding_ids),
        "more": max(0, len(finding_ids) - MOST_TOLD),
        "page_url": absolute(reverse("studio:integrity")),
    }
    return letter("shop/email/integrity_alarm", context)


@mail_kind("waiting_joined")
def waiting_joined(entry_id: int) -> Letter:
    """Where somebody stands on the waiting list, and how to leave it."""
    return letter("shop/email/waiting_joined", waiting_facts(entry_id))


@mail_kind("waiting_offer")
def waiting_offer(entry_id: int) -> Letter:
    """Places are free: until when they are kept, and where to book them."""
    return letter("shop/email/waiting_offer", waiting_facts(entry_id))


@mail_kind("waiting_lapsed")
def waiting_lapsed(entry_id: int) -> Letter:
    """Nobody answered the offer, and it went on."""
    return letter("shop/email/waiting_lapsed", waiting_facts(entry_id))


def waiting_facts(entry_id: int) -> dict:
    """What every letter about a waiting list may tell."""
    entry = WaitingEntry.objects.select_related("session__project").get(pk=entry_id)
    session = entry.session
    return {
        "entry": entry,
        "session": session,
        "position": position_of(entry) if entry.is_waiting else None,
        "until": entry.offer_until and entry.offer_until.astimezone(session.tz),
        "entry_url": absolute(entry.get_absolute_url()),
        "offer_url": absolute(entry.get_offer_url()),
        "session_url": absolute(session.get_absolute_url()),
        "studio_address": settings.SHOP_STUDIO_ADDRESS,
    }


def _order(order_id: int) -> Order:
    return Order.objects.for_page().get(pk=order_id)


def _facts(order: Order) -> dict:
    """What every letter about an order may tell."""
    page = OrderPage(order)
    return {
        "order": order,
        "page": page,
        "order_url": absolute(order.get_absolute_url()),
        "ways_paid": [(payment, provider_label(payment.provider)) for payment in page.received],
        "contact_email": settings.SHOP_CONTACT_EMAIL,
        "studio_address": settings.SHOP_STUDIO_ADDRESS,
        "is_booked_for_them": order.terms_accepted_at is None,
        "pays_online": any(offer.provider.is_online for offer in offered()),
        "terms_url": absolute(reverse("terms")),
    }


def _problem(kind: str) -> str:
    """What an alarm is about. Kinds may carry a number: ``refund-12-failed``."""
    if kind == "mismatch":
        return _("The amount or the currency received is not what was asked. The order is not confirmed.")
    if kind == "returned":
        return _("Money came twice, or too late for a place. It is on its way back; nothing is to be done.")
    if kind.startswith("refund-") and kind.endswith("-failed"):
        return _("A refund failed. The buyer has not got the money back.")
    if kind.startswith("dispute-"):
        return {
            "open": _("The buyer’s bank has taken this payment back. Answer at the provider in time."),
            "won": _("The dispute is decided for the studio: the money is here again."),
            "lost": _("The dispute is decided for the buyer: the money is gone."),
        }[kind.rpartition("-")[2]]
    return kind
