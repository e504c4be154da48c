"""What belongs to an order, as rows of its page: places, payments, history."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyInline, studio_time
from shop.admin.payments import PaymentColumns, step
from shop.admin.words import link_to, money
from shop.models import OrderLine, Payment, Transition


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = ["position", "what", "attendee", "price_shown", "why", "tax_shown", "cancelled", "fee_shown"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("order", "session")

    @admin.display(description=gettext_lazy("what was sold"))
    def what(self, line: OrderLine) -> SafeString | str:
        return link_to(line.session, line.description)

    @admin.display(description=gettext_lazy("for"))
    def attendee(self, line: OrderLine) -> str:
        return line.attendee_name

    @admin.display(description=gettext_lazy("price"))
    def price_shown(self, line: OrderLine) -> str:
        return money(line.price, line.order.currency)

    @admin.display(description=gettext_lazy("why this price"))
    def why(self, line: OrderLine) -> str:
        reasons = [line.price_reason]
        if line.discount:
            reasons.append(
                _("%(amount)s off by coupon") % {"amount": money(line.discount, line.order.currency)}
            )
        return ", ".join(filter(None, reasons)) or admin.site.empty_value_display

    @admin.display(description=gettext_lazy("tax included"))
    def tax_shown(self, line: OrderLine) -> str:
        return f"{money(line.tax, line.order.currency)} ({line.tax_rate.normalize():f} %)"

    @admin.display(description=gettext_lazy("given up"))
    def cancelled(self, line: OrderLine) -> SafeString | str:
        return studio_time(line.cancelled_at)

    @admin.display(description=gettext_lazy("fee kept"))
    def fee_shown(self, line: OrderLine) -> str:
        return money(line.fee, line.order.currency) if line.fee else admin.site.empty_value_display


class PaymentInline(PaymentColumns, ReadOnlyInline):
    model = Payment
    ordering = ["pk"]
    fields = ["attempt_link", "provider", "state", "amount_shown", "received", "begun", "paid"]

    @admin.display(description=gettext_lazy("attempt"))
    def attempt_link(self, payment: Payment) -> SafeString | str:
        return link_to(payment, str(payment.attempt))


class HistoryInline(ReadOnlyInline):
    model = Transition
    fields = ["when", "subject", "move", "actor", "note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("actor")

    @admin.display(description=gettext_lazy("when"))
    def when(self, transition: Transition) -> SafeString | str:
        return studio_time(transition.at)

    @admin.display(description=gettext_lazy("move"))
    def move(self, transition: Transition) -> SafeString | str:
        return step(transition)
