"""Invoices: to look at, print and take along. Nobody edits one; a wrong address is put right by another invoice."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import exports
from core.admin import badge, studio_time
from shop.admin.of_orders import OfOrderAdmin
from shop.admin.words import money
from shop.enums import InvoiceKind
from shop.forms.invoices import AddressForm
from shop.models import Invoice, InvoiceCounter
from shop.services import invoices
from shop.views.invoices import printed

HEAD = [
    "number",
    "issued",
    "kind",
    "cancels",
    "order",
    "name",
    "company",
    "country",
    "currency",
    "net",
    "tax",
    "total",
]
CHUNK = 1_000


def rows_of(found: QuerySet[Invoice]) -> Iterator[list[Any]]:
    """One row for each document, read in chunks however many there are."""
    yield HEAD
    for invoice in found.select_related("order", "cancels").iterator(chunk_size=CHUNK):
        buyer = invoice.content["buyer"]
        yield [
            invoice.number,
            timezone.localtime(invoice.issued_at),
            invoice.kind,
            invoice.cancels.number if invoice.cancels else "",
            invoice.order.code,
            buyer["name"],
            buyer["company"],
            buyer["country"],
            invoice.currency,
            invoice.total - invoice.tax,
            invoice.tax,
            invoice.total,
        ]


class YearFilter(admin.SimpleListFilter):
    title = gettext_lazy("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        years = InvoiceCounter.objects.order_by("-year").values_list("year", flat=True)
        return [(str(year), str(year)) for year in years]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        year = self.value() or ""
        return (
            queryset.filter(year=int(year))
            if year.isascii() and year.isdecimal() and len(year) == 4
            else queryset
        )


@admin.register(Invoice)
class InvoiceAdmin(OfOrderAdmin):
    change_form_template = "admin/shop/invoice/change_form.html"
    list_display = ["number", "state", "issued", "order_link", "buyer", "total_shown", "tax_shown", "pdf"]
    list_filter = [YearFilter, "kind"]
    sortable_by = ()
    ordering = ["-year", "-sequence"]
    list_select_related = ["order", "cancelled_by", "cancels"]
    references = ("number",)
    search_help_text = gettext_lazy("An invoice’s number, or an order’s code.")
    fields = [
        "number",
        "state",
        "issued",
        "order_link",
        "address",
        "lines",
        "total_shown",
        "tax_shown",
        "pdf",
    ]
    actions = ["export_csv", "export_xlsx"]

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path("<int:pk>/pdf/", self.admin_site.admin_view(self.pdf_view), name="shop_invoice_pdf"),
            path(
                "<int:pk>/address/",
                self.admin_site.admin_view(self.address_view),
                name="shop_invoice_address",
            ),
        ]
        return ours + super().get_urls()

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The document itself, for whoever may see invoices."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return printed(get_object_or_404(Invoice.objects.select_related("cancels"), pk=pk))

    def address_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put the buyer's address right, for whoever may change orders: a cancellation and another invoice follow."""
        if not may_correct(request):
            raise PermissionDenied
        invoice = get_object_or_404(Invoice.objects.select_related("order"), pk=pk)
        form = AddressForm(request.POST or None, initial=AddressForm.of(invoice.order))
        if request.method == "POST" and form.is_valid():
            issued = invoices.correct_address(invoice.order, form.billing())
            self.log_change(request, invoice.order, "Address of the invoice corrected")
            told = ", ".join(document.title for document in issued)
            messages.success(
                request,
                _("Issued: %(told)s.") % {"told": told} if told else _("The invoice says that already."),
            )
            newest = invoice.order.invoices.order_by("-pk").first()
            return HttpResponseRedirect(reverse("admin:shop_invoice_change", args=[newest.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Correct the address of order %(code)s") % {"code": invoice.order.code},
            "invoice": invoice,
            "form": form,
        }
        return TemplateResponse(request, "admin/shop/invoice/address.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        context = {"may_correct": may_correct(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    @admin.action(description=gettext_lazy("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet) -> StreamingHttpResponse:
        return exports.download(f"invoices-{timezone.localdate():%Y-%m-%d}.csv", rows_of(queryset))

    @admin.action(description=gettext_lazy("Export as XLSX"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet) -> FileResponse:
        name = f"invoices-{timezone.localdate():%Y-%m-%d}.xlsx"
        return exports.download_workbook(name, rows_of(queryset), sheet="Invoices")

    @admin.display(description=gettext_lazy("state"))
    def state(self, invoice: Invoice) -> SafeString:
        if invoice.kind == InvoiceKind.CANCELLATION:
            return badge(_("Cancels %(number)s") % {"number": invoice.cancels.number}, "plain")
        by = getattr(invoice, "cancelled_by", None)
        return (
            badge(_("Cancelled by %(number)s") % {"number": by.number}, "plain") if by else badge(_("Valid"))
        )

    @admin.display(description=gettext_lazy("issued"))
    def issued(self, invoice: Invoice) -> SafeString | str:
        return studio_time(invoice.issued_at)

    @admin.display(description=gettext_lazy("buyer"))
    def buyer(self, invoice: Invoice) -> str:
        buyer = invoice.content["buyer"]
        return buyer["company"] or buyer["name"]

    @admin.display(description=gettext_lazy("address"))
    def address(self, invoice: Invoice) -> str:
        buyer = invoice.content["buyer"]
        town = f"{buyer['postcode']} {buyer['city']}".strip()
        return ", ".join(
            filter(None, [buyer["company"], buyer["name"], buyer["street"], town, buyer["country"]])
        )

    @admin.display(description=gettext_lazy("lines"))
    def lines(self, invoice: Invoice) -> SafeString:
        rows = ((line["text"], line["attendee"], line["amount"]) for line in invoice.content["lines"])
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} · {} · {}</li>", rows))

    @admin.display(description=gettext_lazy("total"))
    def total_shown(self, invoice: Invoice) -> str:
        return money(invoice.total, invoice.currency)

    @admin.display(description=gettext_lazy("tax included"))
    def tax_shown(self, invoice: Invoice) -> str:
        return money(invoice.tax, invoice.currency)

    @admin.display(description="PDF")
    def pdf(self, invoice: Invoice) -> SafeString:
        words = _("Print %(number)s") % {"number": invoice.number}
        return format_html('<a href="{}">{}</a>', reverse("admin:shop_invoice_pdf", args=[invoice.pk]), words)


def may_correct(request: HttpRequest) -> bool:
    return request.user.has_perms(["shop.view_invoice", "shop.change_order"])
