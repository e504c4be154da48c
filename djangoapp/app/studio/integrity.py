"""What does not add up: a page that says so loudly, and calmly when there is nothing."""

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from app.studio.access import for_staff_with
from attendance.rights import may_work_at_door
from core.jobs import enqueue
from core.limits import Limit, limited
from shop.models import Finding
from shop.services import books, inspection

CHECKS = Limit("inspect", times=10, minutes=10)
STALE = timedelta(hours=25)  # the nightly command looks in any case

# What each kind means, and what somebody can do about it.
ADVICE: dict[str, tuple[Promise, Promise]] = {
    "places": (
        gettext_lazy("The counter of a session is not what carts hold and orders keep."),
        gettext_lazy("Compare the list of attendees. Until it agrees, sell this session with care."),
    ),
    "money without a place": (
        gettext_lazy("Money is here, and nobody got a place for it."),
        gettext_lazy("Open the order: give the buyer a place, or the money back."),
    ),
    "place without money": (
        gettext_lazy("Somebody has a place that was not paid, or keeps one for too long."),
        gettext_lazy("Open the order: look for the payment at the provider, or cancel it."),
    ),
    "amounts": (
        gettext_lazy("An order’s total is not the sum of its lines, or not what was received."),
        gettext_lazy("Compare the order with the payment at the provider, and write to the buyer."),
    ),
    "refunds": (
        gettext_lazy("More goes back than came in, or not for the places that were given up."),
        gettext_lazy("Stop further refunds of this order, and compare with the provider."),
    ),
    "coupon": (
        gettext_lazy("A coupon was used more or less often than its counter says."),
        gettext_lazy("Look at its uses. No money is at risk; the coupon may end too early or too late."),
    ),
    "books": (
        gettext_lazy("The ledger says something else of an order than the order itself."),
        gettext_lazy("Compare both. The reports follow the ledger, so tell whoever keeps the accounts."),
    ),
    "invoices": (
        gettext_lazy("A number is missing, or an invoice says something else than the ledger."),
        gettext_lazy("Open the order’s invoices. The worker should have issued them: is it running?"),
    ),
    "statement": (
        gettext_lazy("The payment service’s statement says something else than our books."),
        gettext_lazy("Look at the payment there and here; Reports, Statement lists everything that differs."),
    ),
    "place without a ticket": (
        gettext_lazy("Somebody has booked and could not come in."),
        gettext_lazy("Tell the door to let them in by name."),
    ),
    "ticket without a place": (
        gettext_lazy("A ticket opens the door though nobody keeps the place."),
        gettext_lazy("Tell the door, and compare the order."),
    ),
}
UNKNOWN = (
    gettext_lazy("Something does not agree."),
    gettext_lazy("Show this page to whoever looks after the shop."),
)


@dataclass(frozen=True)
class Row:
    finding: Finding
    url: str


@dataclass(frozen=True)
class Group:
    kind: str
    meaning: str
    advice: str
    rows: list[Row]


@require_safe
@never_cache
@for_staff_with("shop.view_finding")
def page(request: HttpRequest) -> HttpResponse:
    """For the owner and the accountant: everything that does not add up, when it was looked at, and the books' sums."""
    last = inspection.latest()
    found = Finding.objects.open().order_by("kind", "pk")
    context = {
        "groups": [
            _group(kind, list(rows), request.user) for kind, rows in groupby(found, key=lambda row: row.kind)
        ],
        "last": last,
        "is_stale": last is not None and last.ended_at < timezone.now() - STALE,
        "balances": books.balances_of(last.books) if last else [],
        "gone": Finding.objects.exclude(gone_at=None).order_by("-gone_at")[:10],
        "has_door": may_work_at_door(request.user),
    }
    return render(request, "studio/integrity.html", context)


@require_POST
@never_cache
@for_staff_with("shop.view_finding")
@limited(CHECKS)
def check(request: HttpRequest) -> HttpResponse:
    """Look now: the worker does it, for it may take a while."""
    with transaction.atomic():
        enqueue("shop.services.inspection.inspect")
    messages.info(request, _("It is being looked at. Large tables take a minute; then open this page again."))
    return redirect("studio:integrity")


def _group(kind: str, found: list[Finding], user) -> Group:
    meaning, advice = ADVICE.get(kind, UNKNOWN)
    return Group(
        kind, str(meaning), str(advice), [Row(finding, _address(finding, user)) for finding in found]
    )


def _address(finding: Finding, user) -> str:
    """Where to look at what a finding is about; nowhere, if this user may not."""
    if match := re.fullmatch(r"order ([A-Z0-9-]+)", finding.about):
        return (
            f"{reverse('admin:shop_order_changelist')}?q={match[1]}"
            if user.has_perm("shop.view_order")
            else ""
        )
    if match := re.fullmatch(r"session ([-\w]+)", finding.about):
        return reverse("shop:session_detail", args=[match[1]])
    if match := re.fullmatch(r"coupon ([A-Z0-9-]+)", finding.about):
        return (
            f"{reverse('admin:shop_coupon_changelist')}?q={match[1]}"
            if user.has_perm("shop.view_coupon")
            else ""
        )
    return ""
