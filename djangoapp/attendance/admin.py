"""Tickets and entries, to look at. Sales and the door make them; here an entry is at most taken back."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attendance.models import CODE_LENGTH, Entry, Ticket
from attendance.services import code_of, undo
from core.admin import ChoiceFilter, ReadOnlyAdmin, badge, studio_time
from core.admin_actions import for_each
from shop.admin.of_orders import order_code
from shop.admin.words import link_to

SHORTEST_CODE = 4  # letters of a ticket's code that are worth looking for
SHOWN_OF_CODE = 8  # letters that the list shows: a search by more would tell the next one


def of_ticket(queryset: QuerySet, ticket: str, words: str) -> QuerySet | None:
    """Rows of an order's tickets, or of those whose code is or begins like this; ``None`` if no code can be meant.

    ``ticket`` leads from a row to its ticket, such as ``ticket__``.
    """
    if code := order_code(words):
        return queryset.filter(**{f"{ticket}line__order__code": code})
    typed = code_of(words)
    if len(typed) == CODE_LENGTH:
        return queryset.filter(**{f"{ticket}code": typed})
    begins = typed[:SHOWN_OF_CODE]
    return queryset.filter(**{f"{ticket}code__startswith": begins}) if len(begins) >= SHORTEST_CODE else None


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    secret_fields = ("code",)  # it opens the door
    list_display = ["short_code", "attendee", "session", "order_link", "state", "issued"]
    list_select_related = ["line__order", "line__session__project"]
    search_fields = ["line__order__code"]
    search_help_text = gettext_lazy("An order’s code, or how a ticket’s code begins.")
    fields = ["short_code", "attendee", "session", "order_link", "state", "issued", "voided"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        found = of_ticket(queryset, "", search_term)
        return (queryset.none() if found is None else found), False

    @admin.display(description=gettext_lazy("for"))
    def attendee(self, ticket: Ticket) -> str:
        return ticket.line.attendee_name

    @admin.display(description=gettext_lazy("session"))
    def session(self, ticket: Ticket) -> SafeString | str:
        return link_to(ticket.line.session)

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, ticket: Ticket) -> SafeString | str:
        return link_to(ticket.line.order)

    @admin.display(description=gettext_lazy("state"))
    def state(self, ticket: Ticket) -> SafeString:
        return badge(_("Good")) if ticket.is_valid else badge(_("Voided"), "plain")

    @admin.display(description=gettext_lazy("issued"), ordering="pk")
    def issued(self, ticket: Ticket) -> SafeString | str:
        return studio_time(ticket.issued_at)

    @admin.display(description=gettext_lazy("voided"))
    def voided(self, ticket: Ticket) -> SafeString | str:
        return studio_time(ticket.voided_at)


class EntryFilter(ChoiceFilter):
    title = gettext_lazy("problem")
    parameter_name = "look"
    answers = {
        "conflicts": (gettext_lazy("Let in twice, or without a place"), lambda entries: entries.conflicts()),
    }


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["name", "session_shown", "gate", "came", "recorded_by", "state"]
    list_filter = [EntryFilter]
    sortable_by = ["came"]
    list_select_related = ["session__project", "recorded_by"]
    search_fields = ["last_name"]
    search_help_text = gettext_lazy("How a last name begins, an order’s code, or how a ticket’s code begins.")
    fields = [
        "name",
        "session_shown",
        "gate",
        "came",
        "recorded",
        "recorded_by",
        "state",
        "undone",
        "undone_by",
        "ticket_shown",
    ]
    actions = ["take_back"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        named = queryset.filter(last_name__startswith=search_term)
        if named.exists():
            return named, False
        found = of_ticket(queryset, "ticket__", search_term)
        return (named if found is None else found), False

    @admin.action(description=gettext_lazy("Take back: not in"), permissions=["act"])
    def take_back(self, request: HttpRequest, queryset: QuerySet) -> None:
        def deed(entry: Entry) -> str:
            undo(entry, by=request.user)
            self.log_change(request, entry, "Taken back")
            return _("is not in any more.")

        for_each(self, request, queryset, deed)

    @admin.display(description=gettext_lazy("session"))
    def session_shown(self, entry: Entry) -> SafeString | str:
        return link_to(entry.session)

    @admin.display(description=gettext_lazy("came"), ordering="arrived_at")
    def came(self, entry: Entry) -> SafeString | str:
        return studio_time(entry.arrived_at)

    @admin.display(description=gettext_lazy("recorded"))
    def recorded(self, entry: Entry) -> SafeString | str:
        return studio_time(entry.recorded_at)

    @admin.display(description=gettext_lazy("undone"))
    def undone(self, entry: Entry) -> SafeString | str:
        return studio_time(entry.undone_at)

    @admin.display(description=gettext_lazy("state"))
    def state(self, entry: Entry) -> SafeString:
        if entry.undone_at:
            return badge(_("Undone"), "plain")
        return badge(_("Conflict"), "bad") if entry.is_conflict else badge(_("In"))

    @admin.display(description=gettext_lazy("ticket"))
    def ticket_shown(self, entry: Entry) -> SafeString | str:
        return link_to(entry.ticket)
