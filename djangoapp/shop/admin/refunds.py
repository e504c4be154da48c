"""Money that goes back, and disputes: to look at, and to say that a refund was paid out at the desk."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ChoiceFilter, studio_time
from core.admin_actions import ask_first, came_from, for_each, is_confirmed
from shop.admin.of_orders import OfOrderAdmin
from shop.admin.words import dispute_state, link_to, money, refund_state
from shop.models import Dispute, Refund
from shop.services import refunds


class DeskFilter(ChoiceFilter):
    title = gettext_lazy("task")
    parameter_name = "hand"
    answers = {"desk": (gettext_lazy("To be paid out at the desk"), lambda queryset: queryset.at_desk())}


@admin.register(Refund)
class RefundAdmin(OfOrderAdmin):
    list_display = [
        "amount_shown",
        "order_link",
        "way_shown",
        "state",
        "reason",
        "requested_by",
        "created",
        "done",
    ]
    list_display_links = ["amount_shown"]
    list_filter = [DeskFilter, "status"]
    sortable_by = ["created"]
    list_select_related = ["payment__order", "requested_by"]
    search_fields = ["payment__order__code"]
    search_help_text = gettext_lazy("An order’s code, or a reference of the provider’s.")
    references = ("reference",)
    actions = ["pay_out"]
    fields = [
        "order_link",
        "way_shown",
        "state",
        "amount_shown",
        "places",
        "reason",
        "requested_by",
        "reference",
        "error",
        "created",
        "done",
        "settled_by",
    ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        context = {"deeds": self._deeds(request, object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _deeds(self, request: HttpRequest, object_id: str) -> list[dict[str, str]]:
        """The button of a refund that waits at the desk."""
        may = self.has_act_permission(request) and object_id.isdecimal()
        if not may or not Refund.objects.at_desk().filter(pk=object_id).exists():
            return []
        return [{"name": "pay_out", "label": RefundAdmin.pay_out.short_description}]

    @admin.action(description=gettext_lazy("Paid out at the desk"), permissions=["act"])
    def pay_out(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if not is_confirmed(request):
            return ask_first(
                self,
                request,
                queryset,
                action="pay_out",
                title=_("Has the money been handed over?"),
                question=_("These amounts count as paid out from now on, and there is no way back:"),
                button=_("Yes, it is paid out"),
                describe=describe,
            )

        def deed(refund: Refund) -> str:
            refunds.pay_out(refund, actor=request.user)
            return _("paid out at the desk.")

        for_each(self, request, queryset.select_related("payment__order"), deed)
        address = came_from(self, request)
        return HttpResponseRedirect(address) if address else None

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, refund: Refund) -> str:
        return money(refund.amount, refund.payment.currency)

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, refund: Refund) -> SafeString | str:
        return link_to(refund.payment.order)

    @admin.display(description=gettext_lazy("way"))
    def way_shown(self, refund: Refund) -> str:
        return refund.way.capitalize()

    @admin.display(description=gettext_lazy("state"))
    def state(self, refund: Refund) -> SafeString:
        return refund_state(refund)

    @admin.display(description=gettext_lazy("for"))
    def places(self, refund: Refund) -> SafeString | str:
        shares = refund.shares.select_related("line").order_by("line__position")
        rows = [(share.line, money(share.amount, refund.payment.currency)) for share in shares]
        if not rows:
            return _("No place: the money came twice, or too late.")
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", rows))

    @admin.display(description=gettext_lazy("asked for"), ordering="pk")
    def created(self, refund: Refund) -> SafeString | str:
        return studio_time(refund.created_at)

    @admin.display(description=gettext_lazy("refunded"))
    def done(self, refund: Refund) -> SafeString | str:
        return studio_time(refund.done_at)


def describe(refund: Refund) -> str:
    order = refund.payment.order
    return f"{money(refund.amount, refund.payment.currency)} · {order.code} · {order.billing_name} · {refund.reason}"


@admin.register(Dispute)
class DisputeAdmin(OfOrderAdmin):
    """Payments that a bank has taken back. They are answered at the provider; here is how they stand."""

    list_display = ["amount_shown", "order_link", "state", "reason", "begun", "answer_until", "closed"]
    list_display_links = ["amount_shown"]
    list_filter = ["status"]
    sortable_by = ["begun"]
    list_select_related = ["payment__order"]
    search_fields = ["payment__order__code"]
    search_help_text = gettext_lazy("An order’s code, or a reference of the provider’s.")
    references = ("reference",)
    fields = [
        "order_link",
        "payment_link",
        "state",
        "amount_shown",
        "reason",
        "reference",
        "begun",
        "answer_until",
        "closed",
    ]

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, dispute: Dispute) -> str:
        return money(dispute.amount, dispute.payment.currency)

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, dispute: Dispute) -> SafeString | str:
        return link_to(dispute.payment.order)

    @admin.display(description=gettext_lazy("payment"))
    def payment_link(self, dispute: Dispute) -> SafeString | str:
        return link_to(dispute.payment)

    @admin.display(description=gettext_lazy("state"))
    def state(self, dispute: Dispute) -> SafeString:
        return dispute_state(dispute.status)

    @admin.display(description=gettext_lazy("begun"), ordering="pk")
    def begun(self, dispute: Dispute) -> SafeString | str:
        return studio_time(dispute.created_at)

    @admin.display(description=gettext_lazy("to be answered by"))
    def answer_until(self, dispute: Dispute) -> SafeString | str:
        return studio_time(dispute.answer_by)

    @admin.display(description=gettext_lazy("closed"))
    def closed(self, dispute: Dispute) -> SafeString | str:
        return studio_time(dispute.closed_at)
