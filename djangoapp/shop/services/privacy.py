"""Taking people's names out of what the shop keeps: when they ask for it, and when its time is over.

The books stay whole: amounts, places, dates and the moves of orders are never touched. The law wants vouchers kept for
ten years, so an order for which money moved keeps the name and address of its bill until then, and loses the rest.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from shop.enums import HOLDING, RECEIVED, UNSETTLED_REFUNDS, DisputeStatus
from shop.models import (
    CouponRedemption,
    Dispute,
    Order,
    OrderLine,
    Payment,
    Refund,
    RefundRequest,
    Transition,
    WaitingEntry,
)

FORGOTTEN = "forgotten@invalid"  # no address that anybody could type
NO_BILL = {
    "billing_name": "",
    "billing_company": "",
    "billing_street": "",
    "billing_postcode": "",
    "billing_city": "",
}
BATCH = 500


def with_money(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Orders for which money came in, whatever became of it."""
    received = Payment.objects.filter(order=OuterRef("pk"), status__in=RECEIVED)
    return orders.filter(Exists(received))


def still_to_come(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Orders with a place in a session that is not over."""
    lines = OrderLine.objects.kept().filter(order=OuterRef("pk"), session__ends_at__gt=timezone.now())
    return orders.filter(Exists(lines), status__in=HOLDING)


def with_money_under_way(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Orders whose money somebody still waits for or quarrels about."""
    payments = Payment.objects.filter(order=OuterRef("pk"))
    refunds = Refund.objects.filter(payment__order=OuterRef("pk"), status__in=UNSETTLED_REFUNDS)
    disputes = Dispute.objects.filter(payment__order=OuterRef("pk"), status=DisputeStatus.OPEN)
    asked = RefundRequest.objects.open().filter(order=OuterRef("pk"))
    return orders.filter(Exists(payments.live()) | Exists(refunds) | Exists(disputes) | Exists(asked))


def anonymise(order_ids: Iterable[int], *, at: datetime | None = None) -> int:
    """Take names and addresses out of orders, as far as the law lets us. Safe to repeat. Returns how many orders.

    Their links stop working: whoever had one no longer is anybody.
    """
    pks = list(order_ids)
    orders = Order.objects.filter(pk__in=pks)
    orders.exclude(email=FORGOTTEN).update(link_version=F("link_version") + 1)
    orders.update(email=FORGOTTEN, customer=None)
    for_the_books = with_money(orders).filter(created_at__gt=_bills_end(at or timezone.now()))
    orders.exclude(pk__in=list(for_the_books.values_list("pk", flat=True))).update(**NO_BILL)
    OrderLine.objects.filter(order__in=pks).update(attendee_first_name="", attendee_last_name="")
    # What people wrote in passing ("broke a leg") is nobody's business any more; what the shop notes by itself stays.
    Transition.objects.filter(order__in=pks, actor__isnull=False).update(note="")
    RefundRequest.objects.filter(order__in=pks).update(reason="–", answer="")
    Refund.objects.filter(payment__order__in=pks, requested_by__isnull=False).update(reason="–")
    # Nobody buys with that address, so it uses up no buyer's share of a coupon.
    CouponRedemption.objects.filter(order__in=pks).update(buyer_email=FORGOTTEN)
    return len(pks)


def forget_attendees() -> int:
    """Take the names of attendees out of sessions that are long over. Returns how many lines had one."""
    before = timezone.now() - timedelta(days=settings.SHOP_KEEP_ATTENDEES_DAYS)
    named = OrderLine.objects.filter(session__ends_at__lt=before).exclude(
        attendee_first_name="", attendee_last_name=""
    )
    return _in_batches(named, lambda lines: lines.update(attendee_first_name="", attendee_last_name=""))


def forget_unpaid_orders() -> int:
    """Anonymise orders that came to nothing long ago: no money moved, so no voucher is lost."""
    before = timezone.now() - timedelta(days=settings.SHOP_KEEP_UNPAID_DAYS)
    received = Payment.objects.filter(order=OuterRef("pk"), status__in=RECEIVED)
    orders = Order.objects.filter(~Exists(received), created_at__lt=before, total__gt=0)
    orders = orders.exclude(email=FORGOTTEN).exclude(status__in=HOLDING)
    return _in_batches(orders, lambda found: anonymise(found.values_list("pk", flat=True)))


def forget_old_bills() -> int:
    """Anonymise orders altogether once the law no longer wants their bills."""
    orders = Order.objects.filter(created_at__lt=_bills_end(timezone.now())).exclude(billing_name="")
    return _in_batches(orders, lambda found: anonymise(found.values_list("pk", flat=True)))


def forget_waiting_lists() -> int:
    """Take the names out of the waiting lists of sessions that are over for a while."""
    before = timezone.now() - timedelta(days=settings.SHOP_KEEP_WAITING_DAYS)
    entries = WaitingEntry.objects.filter(session__ends_at__lt=before).exclude(email=FORGOTTEN)
    nobody = {"user": None, "email": FORGOTTEN, "first_name": "", "last_name": ""}
    return _in_batches(
        entries.exclude(Q(status="waiting") | Q(status="offered")), lambda found: found.update(**nobody)
    )


def _bills_end(at: datetime) -> datetime:
    return at - timedelta(days=settings.SHOP_KEEP_BILLS_DAYS)


def _in_batches(rows: QuerySet, change) -> int:
    """Change rows a few hundred at a time, each lot in a transaction of its own, so that nobody waits long."""
    changed = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            change(rows.model._base_manager.filter(pk__in=pks))
        changed += len(pks)
    return changed
