"""The studio's first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from app.studio.access import for_staff
from app.studio.figures import charts_for, money_so_far
from app.studio.first_steps import first_steps
from app.studio.week import week_of
from attendance.rights import may_work_at_door
from shop.admin.next_things import waiting


@require_safe
@never_cache
@for_staff
def dashboard(request: HttpRequest) -> HttpResponse:
    """For whoever works here: today and this week, money, what needs a hand. Each sees what their role may see."""
    user = request.user
    context = {
        "now": timezone.localtime(timezone.now(), timezone.get_default_timezone()),
        "waiting": list(waiting(user)),
        "ideas": first_steps(user),
        "week": week_of(user),
        "has_door": may_work_at_door(user),
        "money": money_so_far() if user.has_perm("shop.view_ledgerentry") else [],
        "charts": charts_for(user),
    }
    return render(request, "studio/dashboard.html", context)
