"""The waiting lists: who waits for which session, who has an offer, and what staff may do about it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ChoiceFilter, ReadOnlyAdmin, badge, of_address, studio_time, studio_time_text
from core.admin_actions import ask_first, for_each, is_confirmed
from shop.admin.words import link_to, session_time
from shop.enums import WaitingStatus
from shop.models import WaitingEntry
from shop.services import waiting

TONES = {
    WaitingStatus.WAITING: "info",
    WaitingStatus.OFFERED: "few",
    WaitingStatus.LAPSED: "plain",
    WaitingStatus.LEFT: "plain",
    WaitingStatus.REMOVED: "plain",
    WaitingStatus.OVER: "plain",
}


class StateFilter(ChoiceFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    answers = {
        None: (gettext_lazy("On the list"), lambda entries: entries.on_the_list()),
        "lapsed": (
            gettext_lazy("Offer lapsed"),
            lambda entries: entries.filter(status=WaitingStatus.LAPSED),
        ),
        "taken": (gettext_lazy("Booked"), lambda entries: entries.filter(status=WaitingStatus.TAKEN)),
        "all": (gettext_lazy("All"), lambda entries: entries),
    }


@admin.register(WaitingEntry)
class WaitingEntryAdmin(ReadOnlyAdmin):
    """Within a session, entries stand in the order in which they are offered places."""

    list_display = ["name", "session_shown", "places_wanted", "state", "until", "joined"]
    list_filter = [StateFilter]
    list_select_related = ["session__project", "user", "order"]
    search_fields = ["email"]
    search_help_text = gettext_lazy("An e-mail address, or how it begins.")
    ordering = ["session__starts_at", "session", "-is_preferred", "pk"]
    fields = [
        "name",
        "email",
        "user",
        "session_link",
        "time",
        "quantity",
        "takes_fewer",
        "state",
        "joined",
        "offers",
        "offered_shown",
        "until",
        "order_link",
    ]
    actions = ["offer_now", "remove"]
    view_on_site = False  # whoever has the link is the person who waits

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "session" or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return (of_address(queryset, "email", search_term) if search_term else queryset), False

    @admin.action(description=gettext_lazy("Offer now, or put first"), permissions=["act"])
    def offer_now(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if not is_confirmed(request):
            return ask_first(
                self,
                request,
                queryset,
                action="offer_now",
                title=_("Prefer somebody?"),
                question=_(
                    "If places are free, they are offered by mail at once, before everybody else on the list; "
                    "otherwise the person comes first when one becomes free:"
                ),
                button=_("Yes, prefer them"),
                describe=describe,
            )

        def deed(entry: WaitingEntry) -> str:
            entry = waiting.offer_now(entry, actor=request.user)
            if not entry.is_offered:
                return _("first on the list from now on.")
            return _("%(places)d places offered until %(until)s.") % {
                "places": entry.offered,
                "until": studio_time_text(entry.offer_until),
            }

        for_each(self, request, queryset, deed)
        return None

    @admin.action(description=gettext_lazy("Remove from the list"), permissions=["act"])
    def remove(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if not is_confirmed(request):
            return ask_first(
                self,
                request,
                queryset,
                action="remove",
                title=_("Remove them from the list?"),
                question=_(
                    "They are not offered places any more, and get no mail about it. "
                    "What is offered to them goes on to the next:"
                ),
                button=_("Yes, remove them"),
                describe=describe,
            )

        def deed(entry: WaitingEntry) -> str:
            waiting.remove(entry, actor=request.user)
            return _("removed.")

        for_each(self, request, queryset, deed)
        return None

    @admin.display(description=gettext_lazy("name"))
    def name(self, entry: WaitingEntry) -> str:
        return entry.name or admin.site.empty_value_display

    @admin.display(description=gettext_lazy("session"))
    def session_link(self, entry: WaitingEntry) -> SafeString | str:
        return link_to(entry.session, entry.session.title)

    @admin.display(description=gettext_lazy("when"))
    def time(self, entry: WaitingEntry) -> SafeString:
        return session_time(entry.session)

    @admin.display(description=gettext_lazy("session"))
    def session_shown(self, entry: WaitingEntry) -> SafeString:
        return format_html(
            "{}<br>{}", link_to(entry.session, entry.session.title), session_time(entry.session)
        )

    @admin.display(description=gettext_lazy("wants"))
    def places_wanted(self, entry: WaitingEntry) -> str:
        if entry.takes_fewer:
            return _("%(places)d or fewer") % {"places": entry.quantity}
        return str(entry.quantity)

    @admin.display(description=gettext_lazy("state"))
    def state(self, entry: WaitingEntry) -> SafeString:
        label = entry.get_status_display()
        if entry.is_offered:
            label = _("Has an offer: %(places)d") % {"places": entry.offered}
        elif entry.is_waiting and entry.is_preferred:
            label = _("Waiting, put first")
        return badge(label, TONES.get(entry.status, ""))

    @admin.display(description=gettext_lazy("offer ends"))
    def until(self, entry: WaitingEntry) -> SafeString | str:
        return studio_time(entry.offer_until)

    @admin.display(description=gettext_lazy("joined"))
    def joined(self, entry: WaitingEntry) -> SafeString | str:
        return studio_time(entry.created_at)

    @admin.display(description=gettext_lazy("places offered last"))
    def offered_shown(self, entry: WaitingEntry) -> str:
        return str(entry.offered or admin.site.empty_value_display)

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, entry: WaitingEntry) -> SafeString | str:
        return link_to(entry.order)


def describe(entry: WaitingEntry) -> str:
    return f"{entry}, {entry.session}"
