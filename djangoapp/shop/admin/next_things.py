"""What a member of staff may do next: first what waits for a person, then what keeps the shop full."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Profile
from core.models import Mail
from shop.admin.orders import open_at_desk
from shop.enums import OrderStatus, PaymentStatus, RefundStatus
from shop.models import (
    Dispute,
    Finding,
    Order,
    Payment,
    Project,
    Refund,
    RefundRequest,
    Session,
    SessionCancellation,
)

STUCK_AFTER = timedelta(minutes=15)
MOST_COUNTED = 100  # beyond that the exact number helps nobody


@dataclass(frozen=True)
class NextThing:
    """Something to do, and where. ``is_waiting`` tells what somebody waits for from what is merely a good idea."""

    text: str
    address: str
    is_waiting: bool = True


def next_things(user, least: int = 3) -> list[NextThing]:
    """All that waits for this user, as the studio's first page tells it, and ideas until there are so many things."""
    found = list(waiting(user))
    return found + list(islice(ideas(user), max(least - len(found), 0)))


def waiting(user) -> Iterator[NextThing]:
    """All that waits for a person and that this user may see to."""
    for permission, look in WAITING:
        if user.has_perm(permission) and (thing := look()):
            yield thing


def ideas(user) -> Iterator[NextThing]:
    """What keeps the shop full, the most useful first."""
    has_projects = Project.objects.exists()
    if user.has_perm("shop.add_project") and not has_projects:
        yield _idea(_("Create your first project"), "admin:shop_project_add")
    has_sessions = Session.objects.filter(starts_at__gt=timezone.now()).exists()
    if user.has_perm("shop.add_session") and not has_sessions:
        yield _idea(_("Add a session: none is to come"), "admin:shop_session_add")
    if user.has_perm("shop.change_session") and (thing := _hidden_sessions()):
        yield thing
    if user.has_perm("shop.add_session") and has_sessions:
        yield _idea(_("Add another session"), "admin:shop_session_add")
    if user.has_perm("shop.add_project") and has_projects:
        yield _idea(_("Create another project"), "admin:shop_project_add")
    if user.has_perm("shop.add_coupon"):
        yield _idea(_("Make a coupon"), "admin:shop_coupon_add")
    if user.has_perm("shop.view_session") or user.has_perm("shop.lead_session"):
        yield _idea(_("See who comes this week"), "admin:shop_session_changelist", "?when=week")


def _payments_to_look_at() -> NextThing | None:
    mismatched = _count(Payment.objects.filter(status=PaymentStatus.MISMATCHED))
    text = ngettext(
        "%(many)s payment is not what was asked for",
        "%(many)s payments are not what was asked for",
        mismatched,
    )
    return _waiting(text, mismatched, "admin:shop_payment_changelist", "?look=mismatched")


def _failed_refunds() -> NextThing | None:
    failed = _count(Refund.objects.filter(status=RefundStatus.FAILED))
    text = ngettext("%(many)s refund has failed", "%(many)s refunds have failed", failed)
    return _waiting(text, failed, "admin:shop_refund_changelist", f"?status__exact={RefundStatus.FAILED}")


def _refunds_at_desk() -> NextThing | None:
    waiting = _count(Refund.objects.at_desk())
    text = ngettext(
        "%(many)s refund is to be paid out at the desk",
        "%(many)s refunds are to be paid out at the desk",
        waiting,
    )
    return _waiting(text, waiting, "admin:shop_refund_changelist", "?hand=desk")


def _refund_requests() -> NextThing | None:
    open_ = _count(RefundRequest.objects.open())
    text = ngettext(
        "%(many)s refund request waits for your answer",
        "%(many)s refund requests wait for your answer",
        open_,
    )
    return _waiting(text, open_, "admin:shop_refundrequest_changelist", "?status__exact=open")


def _open_disputes() -> NextThing | None:
    open_ = _count(Dispute.objects.open())
    text = ngettext("%(many)s payment is disputed", "%(many)s payments are disputed", open_)
    return _waiting(text, open_, "admin:shop_dispute_changelist", "?status__exact=open")


def _paid_too_late() -> NextThing | None:
    late = _count(Order.objects.filter(status=OrderStatus.UNFULFILLABLE))
    text = ngettext(
        "%(many)s order was paid too late for a place", "%(many)s orders were paid too late for a place", late
    )
    return _waiting(text, late, "admin:shop_order_changelist", "?hand=late")


def _failed_mails() -> NextThing | None:
    failed = _count(Mail.objects.stuck())
    text = ngettext("%(many)s mail could not be sent", "%(many)s mails could not be sent", failed)
    return _waiting(text, failed, "admin:core_mail_changelist", "?status__exact=failed")


def _memberships() -> NextThing | None:
    waiting = _count(Profile.objects.waiting())
    text = ngettext(
        "%(many)s membership waits for your answer", "%(many)s memberships wait for your answer", waiting
    )
    return _waiting(text, waiting, "admin:accounts_profile_changelist")


def _desk_payments() -> NextThing | None:
    open_ = _count(open_at_desk(Order.objects.all()))
    text = ngettext(
        "%(many)s order is to be paid at the desk", "%(many)s orders are to be paid at the desk", open_
    )
    return _waiting(text, open_, "admin:shop_order_changelist", "?hand=desk")


def _untold_moves() -> NextThing | None:
    untold = Session.objects.filter(
        told_as__isnull=False, starts_at__gt=timezone.now(), cancelled_at__isnull=True, seats_taken__gt=0
    )
    ids = list(untold.order_by("starts_at").values_list("pk", flat=True)[:MOST_COUNTED])
    text = ngettext(
        "%(many)s session has another time or place, and nobody was told",
        "%(many)s sessions have another time or place, and nobody was told",
        len(ids),
    )
    if len(ids) == 1:
        return NextThing(text % {"many": 1}, reverse("admin:shop_session_tell", args=ids))
    return _waiting(text, len(ids), "admin:shop_session_changelist", "?told=no")


def _stuck_cancellations() -> NextThing | None:
    """Sessions whose cancelling does not come to an end: a provider does not answer, or a payment hangs."""
    since = timezone.now() - STUCK_AFTER
    stuck = SessionCancellation.objects.filter(finished_at__isnull=True, created_at__lt=since)
    ids = list(stuck.order_by("pk").values_list("session", flat=True)[:MOST_COUNTED])
    if not ids:
        return None
    text = ngettext(
        "%(many)s cancelled session has orders that are not given up yet",
        "%(many)s cancelled sessions have orders that are not given up yet",
        len(ids),
    )
    return NextThing(text % {"many": len(ids)}, reverse("admin:shop_session_cancel", args=ids[:1]))


def _hidden_sessions() -> NextThing | None:
    hidden = _count(Session.objects.filter(starts_at__gt=timezone.now(), is_published=False))
    text = ngettext(
        "%(many)s session to come is hidden: publish it when it is ready",
        "%(many)s sessions to come are hidden: publish them when they are ready",
        hidden,
    )
    return _waiting(text, hidden, "admin:shop_session_changelist", "?is_published__exact=0")


def _findings() -> NextThing | None:
    found = _count(Finding.objects.open())
    text = ngettext("%(many)s thing does not add up", "%(many)s things do not add up", found)
    return _waiting(text, found, "studio:integrity")


WAITING: list[tuple[str, Callable[[], NextThing | None]]] = [
    ("shop.view_finding", _findings),
    ("shop.view_payment", _payments_to_look_at),
    ("shop.view_dispute", _open_disputes),
    ("shop.view_refund", _failed_refunds),
    ("shop.change_order", _stuck_cancellations),
    ("shop.change_session", _untold_moves),
    ("shop.view_refundrequest", _refund_requests),
    ("shop.view_order", _paid_too_late),
    ("core.view_mail", _failed_mails),
    ("accounts.view_profile", _memberships),
    ("shop.view_order", _desk_payments),
    ("shop.view_refund", _refunds_at_desk),
]


def _count(rows: QuerySet) -> int:
    return rows.order_by()[:MOST_COUNTED].count()


def _waiting(text: str, many: int, address: str, query: str = "") -> NextThing | None:
    if not many:
        return None
    shown = f"{many}+" if many == MOST_COUNTED else str(many)
    return NextThing(text % {"many": shown}, reverse(address) + query)


def _idea(text: str, address: str, query: str = "") -> NextThing:
    return NextThing(text, reverse(address) + query, is_waiting=False)
