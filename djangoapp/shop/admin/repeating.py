"""Repeating a session by a weekly rule: what is typed, what it gives, and then the sessions, all at once."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.when import zone_label
from shop.admin.session_pages import SessionPages
from shop.forms.schedule import WeeklyRuleForm
from shop.models import Session
from shop.services import schedule


class RepeatPage(SessionPages):
    """Mixed into the admin of sessions."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.repeat_view)
        return [path("<int:pk>/repeat/", view, name="shop_session_repeat"), *super().get_urls()]

    def _ways(self, request: HttpRequest, object_id: str) -> list[dict[str, str]]:
        ways = super()._ways(request, object_id)
        if object_id.isascii() and object_id.isdecimal() and self.has_add_permission(request):
            address = reverse("admin:shop_session_repeat", args=[object_id])
            ways.insert(0, {"url": address, "label": _("Repeat it weekly")})
        return ways

    def repeat_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the rule, show the dates it gives, and make those that stay ticked."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        session = self._session(request, pk)
        form = WeeklyRuleForm(request.POST or None, initial=WeeklyRuleForm.beginning_like(session))
        planned = schedule.plan(session, form.rule) if form.is_bound and form.is_valid() else []
        if planned and "make" in request.POST:
            return self._make(request, session, form)
        context = {
            "title": _("Repeat this session"),
            "form": form,
            "planned": planned,
            "makeable": sum(one.can_be_made for one in planned),
            "has_looked": form.is_bound and form.is_valid(),
            "most": schedule.MOST_DATES,
            "zone": session.tz,
            "clock": zone_label(session.local_start),
        }
        return self._page(request, session, "repeat", context, status=422 if form.errors else 200)

    def _make(self, request: HttpRequest, like: Session, form: WeeklyRuleForm) -> HttpResponse:
        is_published = "publish" in request.POST and self.has_change_permission(request)
        made = schedule.make(like, form.rule, _days(request.POST.getlist("day")), is_published=is_published)
        for session in made:
            self.log_addition(request, session, f"Repeated: {form.in_words}")
        listed = f"{reverse('admin:shop_session_changelist')}?project__id__exact={like.project_id}"
        if not made:
            messages.warning(request, _("Nothing was made: no date was ticked, or all were there already."))
        else:
            told = ngettext("%(many)d session is new.", "%(many)d sessions are new.", len(made))
            told %= {"many": len(made)}
            if not is_published:
                told = format_html(
                    '{} {} <a href="{}&is_published__exact=0">{}</a>',
                    told,
                    _("Nobody sees what is new before it is published."),
                    listed,
                    _("Choose what to publish"),
                )
            messages.success(request, told)
        return HttpResponseRedirect(listed)


def _days(given: list[str]) -> set[date]:
    days = set()
    for text in given[: schedule.MOST_DATES]:
        try:
            days.add(date.fromisoformat(text))
        except ValueError:
            continue  # what nobody could have ticked
    return days
