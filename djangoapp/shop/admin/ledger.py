"""The books, to look at and to take along. Services add entries; nobody changes them."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from core import exports
from core.admin import studio_time
from shop.admin.of_orders import OfOrderAdmin
from shop.admin.words import link_to, money
from shop.models import LedgerEntry

HEAD = [
    "booked",
    "kind",
    "order",
    "sold",
    "amount",
    "currency",
    "tax",
    "tax rate",
    "tax included",
    "provider",
]
CHUNK = 1_000


def rows_of(entries: QuerySet[LedgerEntry]) -> Iterator[list[Any]]:
    """One row for each entry, read in chunks however many there are."""
    yield HEAD
    for entry in entries.select_related("order", "line").iterator(chunk_size=CHUNK):
        yield [
            timezone.localtime(entry.booked_at),
            entry.kind,
            entry.order.code,
            entry.line.description if entry.line else "",
            entry.amount,
            entry.currency,
            entry.tax_name,
            entry.tax_rate,
            entry.tax,
            entry.provider,
        ]


@admin.register(LedgerEntry)
class LedgerAdmin(OfOrderAdmin):
    list_display = ["booked", "kind", "order_link", "what", "amount_shown", "tax_shown", "provider"]
    list_display_links = ["booked"]
    list_filter = ["kind"]
    sortable_by = ["booked"]
    ordering = ["-pk"]
    list_select_related = ["order", "line"]
    fields = [
        "booked",
        "kind",
        "order_link",
        "what",
        "amount_shown",
        "tax_shown",
        "provider",
        "payment_link",
        "refund_link",
    ]
    actions = ["export_csv", "export_xlsx"]

    @admin.action(description=gettext_lazy("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet) -> StreamingHttpResponse:
        return exports.download(f"ledger-{timezone.localdate():%Y-%m-%d}.csv", rows_of(queryset))

    @admin.action(description=gettext_lazy("Export as XLSX"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet) -> FileResponse:
        name = f"ledger-{timezone.localdate():%Y-%m-%d}.xlsx"
        return exports.download_workbook(name, rows_of(queryset), sheet="Ledger")

    @admin.display(description=gettext_lazy("booked"), ordering="pk")
    def booked(self, entry: LedgerEntry) -> SafeString | str:
        return studio_time(entry.booked_at)

    @admin.display(description=gettext_lazy("what was sold"))
    def what(self, entry: LedgerEntry) -> str:
        return entry.line.description if entry.line else admin.site.empty_value_display

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, entry: LedgerEntry) -> str:
        return money(entry.amount, entry.currency)

    @admin.display(description=gettext_lazy("tax included"))
    def tax_shown(self, entry: LedgerEntry) -> str:
        if entry.tax_rate is None:
            return admin.site.empty_value_display
        return f"{money(entry.tax, entry.currency)} ({entry.tax_rate.normalize():f} %)"

    @admin.display(description=gettext_lazy("payment"))
    def payment_link(self, entry: LedgerEntry) -> SafeString | str:
        return link_to(entry.payment)

    @admin.display(description=gettext_lazy("refund"))
    def refund_link(self, entry: LedgerEntry) -> SafeString | str:
        return link_to(entry.refund)
