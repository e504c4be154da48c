"""Sessions: dates of projects. Whoever leads some, and may not see all, sees those alone, and who comes to them."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ChoiceFilter, badge
from core.admin_actions import ask_first, for_each, is_confirmed
from shop.admin.behalf import may_book
from shop.admin.catalogue import Publishing, warn
from shop.admin.forms import SessionForm, a_week_after
from shop.admin.repeating import RepeatPage
from shop.admin.words import fill, link_to, money, on_its_clock, order_state, session_time
from shop.enums import WaitingStatus
from shop.forms.behalf import bookable_by_staff
from shop.forms.sales import SalesWindowForm
from shop.models import AccessCode, Project, Session
from shop.services import places
from shop.services.catalogue import COPIED, copy_session, latest_session
from shop.services.sales import set_window

LONGEST = timedelta(days=62)  # a session that lasts longer is found among the past ones while it runs
MOST_ATTENDEES = 300  # that a page names
MOST_CODES = 20


def on_coming_days(sessions: QuerySet, days: int) -> QuerySet:
    """Sessions from the beginning of today, on the studio's clock, for so many days."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return sessions.filter(starts_at__gte=midnight, starts_at__lt=midnight + timedelta(days=days))


def not_over(sessions: QuerySet) -> QuerySet:
    """Sessions that run or are to come. The second condition lets the database begin in its index near today."""
    now = timezone.now()
    return sessions.filter(ends_at__gte=now, starts_at__gte=now - LONGEST)


class WhenFilter(ChoiceFilter):
    title = gettext_lazy("date")
    parameter_name = "when"
    answers = {
        None: (gettext_lazy("To come"), not_over),
        "today": (gettext_lazy("Today"), lambda sessions: on_coming_days(sessions, 1)),
        "week": (gettext_lazy("The next 7 days"), lambda sessions: on_coming_days(sessions, 7)),
        "past": (gettext_lazy("Past"), lambda sessions: sessions.filter(starts_at__lt=timezone.now())),
        "all": (gettext_lazy("All"), lambda sessions: sessions),
    }


class ToldFilter(ChoiceFilter):
    title = gettext_lazy("change")
    parameter_name = "told"
    answers = {
        "no": (
            gettext_lazy("Moved, nobody told"),
            lambda sessions: sessions.filter(told_as__isnull=False, cancelled_at__isnull=True),
        ),
    }


@admin.register(Session)
class SessionAdmin(RepeatPage, Publishing):
    """Dates of projects. Times are typed and shown on the session's own clock."""

    form = SessionForm
    list_display = ["project", "when", "published", "taken", "price", "where", "host"]
    list_display_links = ["project", "when"]
    list_filter = [WhenFilter, "is_published", ToldFilter, "project__category"]
    sortable_by = ["when"]
    list_select_related = ["project", "host"]
    search_fields = ["project__title", "place_name"]
    search_help_text = gettext_lazy("Words of the project’s title or the place.")
    autocomplete_fields = ["project", "host"]
    readonly_fields = ["taken", "waiting_list", "attendees", "codes"]
    actions = ["publish", "unpublish", "set_sales_window", "copy"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "project",
                    ("starts_at", "ends_at"),
                    "time_zone",
                    "host",
                    ("is_published", "needs_code"),
                ]
            },
        ),
        (gettext_lazy("Where"), {"fields": ["place_name", "place_address", "online_url"]}),
        (gettext_lazy("Places"), {"fields": [("capacity", "taken", "most_per_buyer"), "waiting_list"]}),
        (
            gettext_lazy("Prices in %(currency)s, tax included") % {"currency": settings.SHOP_CURRENCY},
            {"fields": [("base_price", "member_price", "nonprofit_price")]},
        ),
        (
            gettext_lazy("Offers: the lowest price that applies counts, and a coupon lowers that"),
            {"fields": [("early_price", "early_until_at", "early_places"), ("group_price", "group_places")]},
        ),
        (
            gettext_lazy("Sales window"),
            {"fields": [("sales_start_at", "sales_end_at"), "codes"]},
        ),
        (gettext_lazy("Address on the web"), {"fields": ["slug"], "classes": ["collapse"]}),
        (gettext_lazy("Who comes"), {"fields": ["attendees"], "classes": ["wide-value"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        sessions = super().get_queryset(request).with_seats_left()
        return sessions if self._sees_all(request) else sessions.filter(host=request.user)

    def _sees_all(self, request: HttpRequest) -> bool:
        return super().has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        if super().has_view_permission(request, obj):
            return True
        is_theirs = obj is None or obj.host_id == request.user.pk
        return is_theirs and request.user.has_perm("shop.lead_session")

    def get_fieldsets(self, request: HttpRequest, obj: Session | None = None) -> list:
        """A session that is being added has nobody yet; names of attendees are for hosts and for who sees orders."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not may_see_attendees(request.user, obj):
            fieldsets = fieldsets[:-1]
        if not request.user.has_perm("shop.view_accesscode"):
            fieldsets = [
                (name, {**options, "fields": [field for field in options["fields"] if field != "codes"]})
                for name, options in fieldsets
            ]
        return fieldsets

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        is_choice = request.resolver_match.url_name == "autocomplete"
        return (not_over(found) if is_choice else found), has_duplicates

    def _ways(self, request: HttpRequest, object_id: str) -> list[dict[str, str]]:
        ways = super()._ways(request, object_id)
        if ways and may_book(request.user) and bookable_by_staff().filter(pk=object_id).exists():
            address = f"{reverse('admin:shop_order_book')}?session={object_id}"
            ways.insert(0, {"url": address, "label": _("Book for somebody")})
        return ways

    def get_ordering(self, request: HttpRequest) -> list[str]:
        if request.GET.get("when") in {"past", "all"}:
            return ["-starts_at", "-pk"]
        return ["starts_at", "pk"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Session | None:
        if request.method == "POST" and object_id.isascii() and object_id.isdecimal():
            # From here to the commit nobody books: what the form compares and saves is true.
            places.lock([int(object_id)], at=timezone.now())
        return super().get_object(request, object_id, from_field)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """Begin as the project's latest session, a week later."""
        begin = {"time_zone": settings.TIME_ZONE, "host": request.user.pk}
        asked = request.GET.get("project", "")
        project = Project.objects.filter(pk=asked).first() if asked.isascii() and asked.isdecimal() else None
        if project is None:
            return begin
        like = latest_session(project)
        if like is not None:
            begin = (
                {name: getattr(like, name) for name in COPIED}
                | {"host": like.host_id}
                | a_week_after(like, "early_until_at")
            )
        return begin | {"project": project.pk}

    def has_delete_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        if obj is not None and (obj.seats_taken or obj.order_lines.exists()):
            return False
        return super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Session, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change:
            places.lock([obj.pk], at=timezone.now())  # more capacity goes to the waiting list first
            warn(self, request, form)

    def view_on_site(self, session: Session) -> str:
        return session.get_absolute_url()

    def make_copy(self, session: Session) -> Session:
        return copy_session(session)

    @admin.display(description=gettext_lazy("state"), ordering="is_published")
    def published(self, session: Session) -> SafeString:
        return badge(_("Cancelled"), "bad") if session.is_cancelled else super().published(session)

    @admin.action(description=gettext_lazy("Set the sales window"), permissions=["change"])
    def set_sales_window(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        form = SalesWindowForm(request.POST if is_confirmed(request) else None)
        if not (form.is_bound and form.is_valid()):
            return ask_first(
                self,
                request,
                queryset,
                action="set_sales_window",
                title=_("When are these sessions on sale?"),
                question=_(
                    "The new window takes the place of the present one, on the clock of each session:"
                ),
                button=_("Set the sales window"),
                form=form,
            )

        def deed(session: Session) -> str:
            set_window(session, form.window)
            self.log_change(request, session, "Sales window set")
            start, end = session.sales_start_at, session.sales_end_at or session.starts_at
            return _("on sale from %(start)s to %(end)s.") % {
                "start": on_its_clock(session, start) if start else _("now"),
                "end": on_its_clock(session, end),
            }

        for_each(self, request, queryset, deed)
        return None

    @admin.display(description=gettext_lazy("when"), ordering="starts_at")
    def when(self, session: Session) -> SafeString:
        return session_time(session)

    @admin.display(description=gettext_lazy("where"))
    def where(self, session: Session) -> str:
        return session.place_name or _("Online")

    @admin.display(description=gettext_lazy("places taken"))
    def taken(self, session: Session) -> SafeString | str:
        return fill(session) if session.pk else admin.site.empty_value_display

    @admin.display(description=gettext_lazy("waiting list"))
    def waiting_list(self, session: Session) -> SafeString | str:
        if session.pk is None:
            return admin.site.empty_value_display
        entries = session.waiting.on_the_list().order_by().values_list("status")
        counts = dict(entries.annotate(people=Count("pk")))
        words = _("%(waiting)d waiting for %(wanted)d places, %(offered)d with an offer") % {
            "waiting": counts.get(WaitingStatus.WAITING, 0),
            "wanted": session.seats_wanted,
            "offered": counts.get(WaitingStatus.OFFERED, 0),
        }
        address = reverse("admin:shop_waitingentry_changelist")
        return format_html('<a href="{}?session={}">{}</a>', address, session.pk, words)

    @admin.display(description=gettext_lazy("access codes"))
    def codes(self, session: Session) -> SafeString | str:
        """Codes that open the session, for who may see them: with one, anybody books."""
        if session.pk is None:
            return _("Save the session first; then codes can be made that open it.")
        found = AccessCode.objects.filter(Q(session=session) | Q(project=session.project_id))[:MOST_CODES]
        add = f"{reverse('admin:shop_accesscode_add')}?session={session.pk}"
        links = [link_to(code) for code in found] + [
            format_html('<a href="{}">{}</a>', add, _("Make a code"))
        ]
        return format_html_join(" · ", "{}", ((link,) for link in links))

    @admin.display(description=gettext_lazy("attendees"))
    def attendees(self, session: Session) -> SafeString:
        lines = session.order_lines.places().select_related("order")
        lines = list(lines.order_by("attendee_last_name", "attendee_first_name", "pk")[: MOST_ATTENDEES + 1])
        context = {
            "rows": [(line, order_state(line.order.status)) for line in lines[:MOST_ATTENDEES]],
            "most": MOST_ATTENDEES if len(lines) > MOST_ATTENDEES else None,
        }
        return render_to_string("admin/shop/session/_attendees.html", context)

    @admin.display(description=gettext_lazy("price"))
    def price(self, session: Session) -> str:
        return money(session.base_price)


def may_see_attendees(user, session: Session) -> bool:
    return user.has_perm("shop.view_order") or (
        session.host_id == user.pk and user.has_perm("shop.lead_session")
    )
