"""How the admin writes times, places, money and states of the shop."""

from datetime import datetime
from decimal import Decimal

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.admin import badge
from core.money import display
from core.templatetags.when import zone_label
from shop.enums import (
    UNSETTLED_REFUNDS,
    DisputeStatus,
    OrderStatus,
    PaymentStatus,
    RefundStatus,
    RequestStatus,
)
from shop.models import Refund, Session

TONES = {
    OrderStatus.PENDING: "info",
    OrderStatus.EXPIRED: "plain",
    OrderStatus.CANCELLED: "plain",
    OrderStatus.UNFULFILLABLE: "bad",
    OrderStatus.REFUNDED: "plain",
}
PAYMENT_TONES = {
    PaymentStatus.CREATED: "info",
    PaymentStatus.OPEN: "info",
    PaymentStatus.PROCESSING: "few",
    PaymentStatus.FAILED: "bad",
    PaymentStatus.EXPIRED: "plain",
    PaymentStatus.MISMATCHED: "bad",
}
REFUND_TONES = {
    RefundStatus.CREATED: "info",
    RefundStatus.PENDING: "info",
    RefundStatus.FAILED: "bad",
}


def session_time(session: Session) -> SafeString:
    """``Sat 28 Nov 2026, 09:30–12:30 (Zurich time)``, on the session's own clock."""
    start, end = session.local_start, session.local_end
    until = f"{end:%H:%M}"
    if start.date() != end.date():
        until = f" {formats.date_format(end, 'D j M')}, {until}"
    return format_html(
        '<time datetime="{}">{}–{}</time> <span class="zone">({})</span>',
        start.isoformat(),
        formats.date_format(start, "D j M Y, H:i"),
        until,
        zone_label(start),
    )


def on_its_clock(session: Session, instant: datetime) -> str:
    """An instant in plain words, on the session's own clock: ``28 Nov 2026, 09:30 (Zurich time)``."""
    local = instant.astimezone(session.tz)
    return f"{formats.date_format(local, 'j M Y, H:i')} ({zone_label(local)})"


def fill(session: Session) -> SafeString:
    """How many places are taken: a bar, and the same in figures. Lapsed holds count as free."""
    taken = session.capacity - session.seats_left
    if session.seats_left <= 0:
        tone = "none"
    elif taken * 4 >= session.capacity * 3:
        tone = "few"
    else:
        tone = ""
    words = _("%(taken)d of %(capacity)d") % {"taken": taken, "capacity": session.capacity}
    return format_html(
        '<meter class="{}" min="0" max="{}" value="{}" aria-hidden="true"></meter> <span class="nowrap">{}</span>',
        f"fill {tone}".strip(),
        max(session.capacity, 1),
        taken,
        words,
    )


def money(amount: Decimal | None, currency: str | None = None) -> str:
    if amount is None:
        return admin.site.empty_value_display
    return display(amount, currency or None)


def order_state(status: str) -> SafeString:
    return badge(OrderStatus(status).label, TONES.get(status, ""))


def payment_state(status: str) -> SafeString:
    return badge(PaymentStatus(status).label, PAYMENT_TONES.get(status, ""))


def dispute_state(status: str) -> SafeString:
    tone = {DisputeStatus.OPEN: "few", DisputeStatus.LOST: "bad"}.get(status, "")
    return badge(DisputeStatus(status).label, tone)


def request_state(status: str) -> SafeString:
    tone = {RequestStatus.OPEN: "few", RequestStatus.ACCEPTED: ""}.get(status, "plain")
    return badge(RequestStatus(status).label, tone)


def refund_state(refund: Refund) -> SafeString:
    if refund.is_at_desk and refund.status in UNSETTLED_REFUNDS:
        return badge(_("To be paid out"), "few")
    return badge(RefundStatus(refund.status).label, REFUND_TONES.get(refund.status, ""))


def link_to(thing: Model | None, words: str = "") -> SafeString | str:
    """A link to the admin's page of an object."""
    if thing is None:
        return admin.site.empty_value_display
    opts = thing._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[thing.pk])
    return format_html('<a href="{}">{}</a>', address, words or thing)
