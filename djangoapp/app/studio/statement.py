"""The payment service's statement beside our books: what agrees, what does not, and what it cost."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from app.studio import report_tables as tables
from app.studio.access import for_staff_with
from app.studio.integrity import STALE
from app.studio.reports import asked, presets
from attendance.rights import may_work_at_door
from core.jobs import enqueue
from core.limits import Limit, limited
from shop.models import ProviderStatement
from shop.order_page import provider_label
from shop.services import matching
from shop.services.matching import ALARMING, Match

FETCHES = Limit("statement", times=10, minutes=10)
MOST = 100  # rows on the page, of each side; the file has all


@require_safe
@never_cache
@for_staff_with("shop.view_ledgerentry")
def page(request: HttpRequest) -> HttpResponse:
    """For the owner and the accountant: whether Stripe's statement of these days is what the books say."""
    form = asked(request)
    statements = [
        (provider_label(statement.provider), statement, statement.fetched_until < timezone.now() - STALE)
        for statement in ProviderStatement.objects.order_by("provider")
    ]
    context: dict[str, Any] = {
        "form": form,
        "presets": presets(),
        "statements": statements,
        "has_door": may_work_at_door(request.user),
    }
    if form.is_valid():
        span, step = form.span, form.cleaned_data["step"]
        counts = matching.counts(span)
        context |= {
            "span": span,
            "counts": [(match, many, match in ALARMING) for match, many in counts.items() if many],
            "wrong": sum(counts[match] for match in ALARMING),
            "agreeing": counts[Match.AGREES],
            "rows": [
                (row, provider_label(row.provider), _address(row.order_code, request.user))
                for row in (
                    matching.differences(span, MOST) if any(counts[match] for match in ALARMING) else ()
                )
            ],
            "account": tables.of_account(span, step),
            "query": urlencode({"first": span.first, "last": span.last, "step": step}),
        }
    return render(request, "studio/statement.html", context, status=200 if form.is_valid() else 422)


@require_POST
@never_cache
@for_staff_with("shop.view_ledgerentry")
@limited(FETCHES)
def fetch(request: HttpRequest) -> HttpResponse:
    """Fetch what is new: the worker does it, for the provider may be slow."""
    with transaction.atomic():
        enqueue("shop.services.statements.fetch_all")
    messages.info(request, _("What is new is being fetched. Open this page again in a moment."))
    return redirect("studio:statement")


def _address(order_code: str, user) -> str:
    if not order_code or not user.has_perm("shop.view_order"):
        return ""
    return f"{reverse('admin:shop_order_changelist')}?q={order_code}"
