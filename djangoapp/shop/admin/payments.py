"""Payments and the history of all moves: to look at. Services write them, nobody edits them."""

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ChoiceFilter, badge, studio_time
from shop.admin.of_orders import OfOrderAdmin
from shop.admin.words import money, payment_state
from shop.enums import MOVES, RECEIVED, PaymentStatus, RefundStatus, Subject
from shop.models import Payment, Refund, Transition


def failed_refunds(payments: QuerySet) -> QuerySet:
    return payments.filter(Exists(Refund.objects.filter(payment=OuterRef("pk"), status=RefundStatus.FAILED)))


class AttentionFilter(ChoiceFilter):
    title = gettext_lazy("problem")
    parameter_name = "look"
    answers = {
        "mismatched": (
            gettext_lazy("Not what was asked"),
            lambda payments: payments.filter(status=PaymentStatus.MISMATCHED),
        ),
        "stranded": (gettext_lazy("Paid for nothing"), lambda payments: payments.stranded()),
        "refund": (gettext_lazy("Refund failed"), failed_refunds),
    }


class ProviderFilter(admin.SimpleListFilter):
    """The providers of the settings, instead of a search through all rows for those that occur."""

    title = gettext_lazy("provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in settings.SHOP_PAYMENT_PROVIDERS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(provider=self.value()) if self.value() else queryset


class PaymentColumns:
    """Columns of payments, for their own list and for that on an order's page."""

    @admin.display(description=gettext_lazy("state"))
    def state(self, payment: Payment) -> SafeString:
        return payment_state(payment.status)

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, payment: Payment) -> str:
        return money(payment.amount, payment.currency)

    @admin.display(description=gettext_lazy("received"))
    def received(self, payment: Payment) -> str:
        return money(payment.received_amount, payment.received_currency) if payment.received_currency else "–"

    @admin.display(description=gettext_lazy("begun"), ordering="pk")
    def begun(self, payment: Payment) -> SafeString | str:
        return studio_time(payment.created_at)

    @admin.display(description=gettext_lazy("paid"))
    def paid(self, payment: Payment) -> SafeString | str:
        return studio_time(payment.paid_at)


@admin.register(Payment)
class PaymentAdmin(PaymentColumns, OfOrderAdmin):
    secret_fields = ("redirect_url",)  # the buyer's own page at the provider
    list_display = [
        "amount_shown",
        "order_link",
        "provider",
        "state",
        "received",
        "purpose",
        "begun",
        "paid",
    ]
    list_display_links = ["amount_shown"]
    list_filter = [AttentionFilter, "status", ProviderFilter]
    sortable_by = ["begun"]
    list_select_related = ["order"]
    search_help_text = gettext_lazy("An order’s code, or a reference of the provider’s.")
    references = ("reference", "charge_reference")
    fields = [
        "order_link",
        "attempt",
        "provider",
        "state",
        "amount_shown",
        "received",
        "purpose",
        "reference",
        "charge_reference",
        "begun",
        "open_until",
        "paid",
        "checked",
    ]

    @admin.display(description=gettext_lazy("paid for the places"))
    def purpose(self, payment: Payment) -> SafeString | str:
        if payment.status not in RECEIVED:
            return admin.site.empty_value_display
        return _("Yes") if payment.is_fulfilling else badge(_("No"), "bad")

    @admin.display(description=gettext_lazy("open until"))
    def open_until(self, payment: Payment) -> SafeString | str:
        return studio_time(payment.expires_at)

    @admin.display(description=gettext_lazy("last checked"))
    def checked(self, payment: Payment) -> SafeString | str:
        return studio_time(payment.checked_at)


LABELS = {(subject, status.value): status.label for subject, moves in MOVES.items() for status in moves}


def step(transition: Transition) -> SafeString | str:
    """``Waiting for payment → Confirmed``, in the words of the machine that moved."""
    subject = Subject(transition.subject)
    after = LABELS.get((subject, transition.to_status), transition.to_status)
    if not transition.from_status:
        return badge(after, "plain")
    before = LABELS.get((subject, transition.from_status), transition.from_status)
    return f"{before} → {after}"


@admin.register(Transition)
class TransitionAdmin(OfOrderAdmin):
    """What moved when, and who moved it."""

    list_display = ["when", "subject", "subject_id", "order_link", "move", "actor", "note"]
    list_display_links = ["when"]
    list_filter = ["subject"]
    sortable_by = ["when"]
    list_select_related = ["order", "actor"]
    ordering = ["-pk"]
    fields = ["when", "subject", "subject_id", "order_link", "move", "actor", "note"]

    @admin.display(description=gettext_lazy("when"), ordering="pk")
    def when(self, transition: Transition) -> SafeString | str:
        return studio_time(transition.at)

    @admin.display(description=gettext_lazy("move"))
    def move(self, transition: Transition) -> SafeString | str:
        return step(transition)
