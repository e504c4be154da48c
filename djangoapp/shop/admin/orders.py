"""Orders: found by code, address or name, shown with all that happened, moved by actions only."""

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import exports, mail
from core.admin import ChoiceFilter, ReadOnlyAdmin, of_address, studio_time
from core.admin_actions import ask_first, came_from, for_each, is_confirmed
from core.exceptions import DomainError
from core.models import Mail
from core.money import ZERO
from shop.admin.behalf import BookingPage
from shop.admin.of_orders import order_code
from shop.admin.order_export import csv_rows
from shop.admin.order_pages import OrderPages
from shop.admin.order_rows import HistoryInline, LineInline, PaymentInline
from shop.admin.words import dispute_state, link_to, money, order_state, refund_state
from shop.enums import OrderStatus
from shop.exceptions import OrderNotCancellable
from shop.models import Dispute, Order, OrderLine, Payment, Refund
from shop.services import changes, payments


class NoConfirmation(DomainError):
    """The order was never paid, so no confirmation was written."""

    def __init__(self) -> None:
        super().__init__(_("There is no confirmation to send: the order has not been paid."))


def open_at_desk(queryset: QuerySet) -> QuerySet:
    """Orders that somebody is expected to pay in the studio."""
    open_payment = Payment.objects.live().filter(order=OuterRef("pk"), provider="desk")
    return queryset.filter(Exists(open_payment), status=OrderStatus.PENDING)


class AttentionFilter(ChoiceFilter):
    title = gettext_lazy("task")
    parameter_name = "hand"
    answers = {
        "desk": (gettext_lazy("To be paid at the desk"), open_at_desk),
        "disputed": (gettext_lazy("Disputed"), lambda queryset: queryset.disputed()),
        "late": (
            gettext_lazy("Paid too late"),
            lambda queryset: queryset.filter(status=OrderStatus.UNFULFILLABLE),
        ),
    }


@admin.register(Order)
class OrderAdmin(OrderPages, BookingPage, ReadOnlyAdmin):
    list_display = ["code", "placed", "state", "billing_name", "total_shown", "places", "provider", "email"]
    list_filter = [AttentionFilter, "status"]
    sortable_by = ["placed"]
    search_fields = ["code"]
    search_help_text = gettext_lazy("An order’s code, an e-mail address, or a name.")
    inlines = [LineInline, PaymentInline, HistoryInline]
    actions = ["mark_paid_at_desk", "cancel", "resend_confirmation", "export_csv"]
    view_on_site = False  # whoever has the link is the buyer: it is among the ``ways``, for those who may act
    fieldsets = [
        (None, {"fields": ["code", "state", "placed", "to_be_paid_by", "paid", "closed"]}),
        (
            gettext_lazy("Buyer"),
            {
                "fields": [
                    "billing_name",
                    "billing_company",
                    "address",
                    "email",
                    "customer_link",
                    "membership",
                    "terms",
                ]
            },
        ),
        (
            gettext_lazy("Money"),
            {
                "fields": [
                    "subtotal_shown",
                    "discount_shown",
                    "coupon_code",
                    "total_shown",
                    "tax_shown",
                    "refunds",
                    "disputes",
                    "invoices",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
        attempts = Payment.objects.filter(order=OuterRef("pk")).order_by("-pk")
        return (
            super()
            .get_queryset(request)
            .annotate(
                places=Coalesce(Subquery(lines.annotate(places=Count("pk")).values("places")), 0),
                provider=Subquery(attempts.values("provider")[:1]),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Ask the indexes: a whole code, an address or how it begins, or words of a name or how they begin."""
        words = search_term.strip()
        if not words:
            return queryset, False
        if "@" in words:
            return of_address(queryset, "email", words), False
        if code := order_code(words):
            by_code = queryset.filter(code=code)
            if by_code.exists():
                return by_code, False
        found = queryset.naming(words)
        if found.exists():
            return found, False
        return queryset.filter(Q(email__startswith=words.lower()) | Q(code__startswith=words.upper())), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        order = Order.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        context = {
            "deeds": self._deeds(request, order),
            "ways": self.ways(request, order),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def _deeds(self, request: HttpRequest, order: Order | None) -> list[dict[str, str]]:
        """The actions that make sense for this order, as buttons of its page."""
        if order is None or not self.has_act_permission(request):
            return []
        names = {
            OrderStatus.PENDING: ["mark_paid_at_desk", "cancel"],
            OrderStatus.PAID: ["resend_confirmation"],
        }.get(order.status, [])
        return [{"name": name, "label": getattr(self, name).short_description} for name in names]

    def _back(self, request: HttpRequest) -> HttpResponse | None:
        """Return to the order's own page if the action was asked for there."""
        address = came_from(self, request)
        return HttpResponseRedirect(address) if address else None

    # Actions

    @admin.action(description=gettext_lazy("Mark paid at the desk"), permissions=["act"])
    def mark_paid_at_desk(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if not is_confirmed(request):
            return ask_first(
                self,
                request,
                queryset,
                action="mark_paid_at_desk",
                title=_("Has the money been received?"),
                question=_("These orders become confirmed, and each buyer gets the confirmation by mail:"),
                button=_("Yes, the money is here"),
                describe=describe,
            )

        def deed(order: Order) -> str:
            payments.mark_paid_at_desk(order, actor=request.user)
            return _("confirmed, %(total)s received at the desk.") % {
                "total": money(order.total, order.currency)
            }

        for_each(self, request, queryset, deed)
        return self._back(request)

    @admin.action(description=gettext_lazy("Cancel"), permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if not is_confirmed(request):
            return ask_first(
                self,
                request,
                queryset,
                action="cancel",
                title=_("Cancel these orders?"),
                question=_(
                    "Their places become free at once, and somebody else may book them. What was paid goes back in "
                    "full, and each buyer gets a mail. To keep a fee, cancel the places on the page of the order."
                ),
                button=_("Yes, cancel and refund"),
                describe=describe,
                note_label=_("Reason, for the history"),
            )
        note = request.POST.get("note", "").strip() or _("Cancelled by the studio")

        def deed(order: Order) -> str:
            if order.status == OrderStatus.PENDING:
                payments.cancel_unpaid(order, actor=request.user, is_told=True)
                return _("cancelled; nothing had been paid.")
            if order.status == OrderStatus.CANCELLED:
                return _("was cancelled already.")
            if order.status != OrderStatus.PAID:
                raise OrderNotCancellable(_("This order is over already."))
            if not self.may_refund(request):
                raise OrderNotCancellable(_("It is paid, and you may not refund."))
            refund = changes.cancel_and_refund(order, actor=request.user, note=note)
            return _("cancelled. %(amount)s goes back.") % {
                "amount": money(refund.amount if refund else ZERO, order.currency)
            }

        for_each(self, request, queryset, deed)
        return self._back(request)

    @admin.action(description=gettext_lazy("Send the confirmation again"), permissions=["act"])
    def resend_confirmation(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        def deed(order: Order) -> str:
            confirmation = Mail.objects.filter(dedupe_key=f"order-paid:{order.pk}").first()
            if confirmation is None:
                raise NoConfirmation
            mail.resend(confirmation)
            return _("the confirmation goes to %(email)s once more.") % {"email": confirmation.to}

        for_each(self, request, queryset, deed)
        return self._back(request)

    @admin.action(description=gettext_lazy("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet) -> StreamingHttpResponse:
        return exports.download(f"orders-{timezone.localdate():%Y-%m-%d}.csv", csv_rows(queryset))

    # Columns and fields

    @admin.display(description=gettext_lazy("placed"), ordering="pk")
    def placed(self, order: Order) -> SafeString | str:
        return studio_time(order.created_at)

    @admin.display(description=gettext_lazy("state"))
    def state(self, order: Order) -> SafeString:
        return order_state(order.status)

    @admin.display(description=gettext_lazy("places"))
    def places(self, order: Order) -> int:
        return order.places

    @admin.display(description=gettext_lazy("payment"))
    def provider(self, order: Order) -> str:
        return (order.provider or _("nothing to pay")).capitalize()

    @admin.display(description=gettext_lazy("to be paid by"))
    def to_be_paid_by(self, order: Order) -> SafeString | str:
        return studio_time(order.expires_at if order.is_pending else None)

    @admin.display(description=gettext_lazy("paid"))
    def paid(self, order: Order) -> SafeString | str:
        return studio_time(order.paid_at)

    @admin.display(description=gettext_lazy("closed"))
    def closed(self, order: Order) -> SafeString | str:
        return studio_time(order.closed_at)

    @admin.display(description=gettext_lazy("terms accepted"))
    def terms(self, order: Order) -> SafeString | str:
        return studio_time(order.terms_accepted_at)

    @admin.display(description=gettext_lazy("address"))
    def address(self, order: Order) -> str:
        town = f"{order.billing_postcode} {order.billing_city}".strip()
        return ", ".join(filter(None, [order.billing_street, town, order.billing_country]))

    @admin.display(description=gettext_lazy("account"))
    def customer_link(self, order: Order) -> SafeString | str:
        return link_to(order.customer) if order.customer_id else _("Booked as a guest")

    @admin.display(description=gettext_lazy("before discount"))
    def subtotal_shown(self, order: Order) -> str:
        return money(order.subtotal, order.currency)

    @admin.display(description=gettext_lazy("discount"))
    def discount_shown(self, order: Order) -> str:
        return money(order.discount, order.currency)

    @admin.display(description=gettext_lazy("total"))
    def total_shown(self, order: Order) -> str:
        return money(order.total, order.currency)

    @admin.display(description=gettext_lazy("tax included"))
    def tax_shown(self, order: Order) -> str:
        return money(order.tax, order.currency)

    @admin.display(description=gettext_lazy("refunds"))
    def refunds(self, order: Order) -> SafeString | str:
        found = Refund.objects.filter(payment__order=order).select_related("payment").order_by("pk")
        rows = [
            (
                link_to(refund, money(refund.amount, refund.payment.currency)),
                refund_state(refund),
                refund.reason,
                studio_time(refund.done_at or refund.created_at),
            )
            for refund in found
        ]
        if not rows:
            return _("None")
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} {} · {} · {}</li>", rows))

    @admin.display(description=gettext_lazy("disputes"))
    def disputes(self, order: Order) -> SafeString | str:
        found = Dispute.objects.filter(payment__order=order).select_related("payment").order_by("pk")
        rows = [
            (link_to(dispute, money(dispute.amount, dispute.payment.currency)), dispute_state(dispute.status))
            for dispute in found
        ]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} {}</li>", rows)) if rows else _("None")

    @admin.display(description=gettext_lazy("invoices"))
    def invoices(self, order: Order) -> SafeString | str:
        found = order.invoices.order_by("pk")
        rows = [
            (link_to(invoice, invoice.title), money(invoice.total, invoice.currency)) for invoice in found
        ]
        return (
            format_html("<ul>{}</ul>", format_html_join("", "<li>{} · {}</li>", rows)) if rows else _("None")
        )


def describe(order: Order) -> str:
    """An order as it stands on the page that asks before something happens to it."""
    total = money(order.total, order.currency)
    return f"{order.code} · {order.billing_name} · {order.email} · {total} · {order.get_status_display()}"
