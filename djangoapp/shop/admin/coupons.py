"""Coupons, and who used which."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import exports
from core.admin import ReadOnlyAdmin, StudioAdmin, badge, of_address, studio_time
from core.exceptions import DomainError
from shop.admin.forms import CouponForm, ManyCouponsForm
from shop.admin.order_export import on_paper
from shop.admin.words import link_to, money
from shop.enums import CouponKind
from shop.models import Coupon, CouponBatch, CouponRedemption
from shop.services.coupons import make_many

LATEST_USES = 20


class BatchFilter(admin.SimpleListFilter):
    """The latest batches; older ones are found by the link in a coupon's row."""

    title = gettext_lazy("made together")
    parameter_name = "batch"
    SHOWN = 8

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[int, str]]:
        return list(CouponBatch.objects.order_by("-pk").values_list("pk", "name")[: self.SHOWN])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value() or ""
        return queryset.filter(batch=chosen) if chosen.isascii() and chosen.isdecimal() else queryset


@admin.register(Coupon)
class CouponAdmin(StudioAdmin):
    """Codes and their limits. How often one was used is counted by orders and never typed."""

    form = CouponForm
    list_display = [
        "code",
        "worth",
        "covers",
        "valid_from_shown",
        "valid_until_shown",
        "used",
        "state",
        "together",
    ]
    list_filter = ["is_active", "kind", BatchFilter]
    sortable_by = ["code", "worth", "valid_from_shown", "valid_until_shown", "used"]
    list_select_related = ["project", "session__project", "batch"]
    search_fields = ["code"]
    search_help_text = gettext_lazy("A code, or how it begins.")
    autocomplete_fields = ["project", "session"]
    readonly_fields = ["used", "together", "latest_uses"]
    actions = ["switch_off", "export_csv"]
    fieldsets = [
        (None, {"fields": ["code", ("kind", "value"), "is_active", "together"]}),
        (gettext_lazy("When"), {"fields": [("valid_from", "valid_until")]}),
        (gettext_lazy("How often"), {"fields": [("max_uses", "max_uses_per_buyer"), "used"]}),
        (gettext_lazy("For what"), {"fields": ["min_total", "project", "session"]}),
        (gettext_lazy("Latest uses"), {"fields": ["latest_uses"]}),
    ]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Coupon | None:
        if request.method == "POST" and object_id.isascii() and object_id.isdecimal():
            # From here to the commit nobody uses it: the counter that is compared and saved is true.
            Coupon.objects.select_for_update(no_key=True).filter(pk=int(object_id)).first()
        return super().get_object(request, object_id, from_field)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        begins = search_term.strip().upper()
        return (queryset.filter(code__startswith=begins) if begins else queryset), False

    def has_delete_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        if obj is not None and obj.redemptions.exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.many_view)
        return [path("many/", view, name="shop_coupon_many"), *super().get_urls()]

    def many_view(self, request: HttpRequest) -> HttpResponse:
        """Make many coupons at once; the list of them follows, with the way to take them along as a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ManyCouponsForm(request.POST or None, admin_site=self.admin_site)
        if form.is_bound and form.is_valid():
            told = form.cleaned_data
            like = form.save(commit=False)
            try:
                with transaction.atomic():
                    made = make_many(like, told["how_many"], prefix=told["prefix"], batch=told["batch_name"])
            except DomainError as refusal:
                form.add_error("batch_name", str(refusal))
            else:
                words = _("%(many)d coupons are made. Choose all of them to export them as CSV.")
                self.message_user(request, words % {"many": told["how_many"]}, messages.SUCCESS)
                listed = reverse("admin:shop_coupon_changelist")
                return HttpResponseRedirect(f"{listed}?batch={made.pk}")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Make many coupons"),
            "form": form,
            "media": self.media + form.media,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/shop/coupon/many.html", context, status=status)

    @admin.action(description=gettext_lazy("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet) -> None:
        many = queryset.filter(is_active=True).update(is_active=False, updated_at=timezone.now())
        words = ngettext("%(many)d coupon is off.", "%(many)d coupons are off.", many) % {"many": many}
        self.message_user(request, words, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet) -> StreamingHttpResponse:
        return exports.download(f"coupons-{timezone.localdate():%Y-%m-%d}.csv", csv_rows(queryset))

    @admin.display(description=gettext_lazy("made together"))
    def together(self, coupon: Coupon) -> SafeString | str:
        if coupon.batch is None:
            return admin.site.empty_value_display
        listed = reverse("admin:shop_coupon_changelist")
        return format_html('<a href="{}?batch={}">{}</a>', listed, coupon.batch_id, coupon.batch)

    @admin.display(description=gettext_lazy("takes off"), ordering="value")
    def worth(self, coupon: Coupon) -> str:
        if coupon.kind == CouponKind.PERCENT:
            return f"{coupon.value.normalize():f} %"
        return money(coupon.value)

    @admin.display(description=gettext_lazy("for"))
    def covers(self, coupon: Coupon) -> str:
        return str(coupon.session or coupon.project or _("Everything"))

    @admin.display(description=gettext_lazy("valid from"), ordering="valid_from")
    def valid_from_shown(self, coupon: Coupon) -> SafeString | str:
        return studio_time(coupon.valid_from)

    @admin.display(description=gettext_lazy("valid until"), ordering="valid_until")
    def valid_until_shown(self, coupon: Coupon) -> SafeString | str:
        return studio_time(coupon.valid_until)

    @admin.display(description=gettext_lazy("used"), ordering="uses")
    def used(self, coupon: Coupon) -> str:
        if coupon.max_uses is None:
            return str(coupon.uses)
        return _("%(uses)d of %(most)d") % {"uses": coupon.uses, "most": coupon.max_uses}

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, coupon: Coupon) -> SafeString:
        if not coupon.is_active:
            return badge(_("Off"), "plain")
        if coupon.max_uses is not None and coupon.uses >= coupon.max_uses:
            return badge(_("Used up"), "bad")
        now = timezone.now()
        if coupon.valid_until is not None and coupon.valid_until <= now:
            return badge(_("Over"), "plain")
        if coupon.valid_from is not None and coupon.valid_from > now:
            return badge(_("Not yet"), "info")
        return badge(_("Active"))

    @admin.display(description=gettext_lazy("uses"))
    def latest_uses(self, coupon: Coupon) -> SafeString | str:
        latest = list(coupon.redemptions.select_related("order")[:LATEST_USES]) if coupon.pk else []
        if not latest:
            return _("Nobody has used it yet.")
        rows = format_html_join(
            "",
            "<li>{} · {} · {} · {}</li>",
            (
                (link_to(use.order), use.buyer_email, money(use.amount), studio_time(use.redeemed_at))
                for use in latest
            ),
        )
        address = reverse("admin:shop_couponredemption_changelist")
        return format_html(
            '<ul>{}</ul><a href="{}?coupon__id__exact={}">{}</a>', rows, address, coupon.pk, _("All uses")
        )


CSV_HEAD = [
    "code",
    "kind",
    "value",
    "for",
    "valid from",
    "valid until",
    "uses in all",
    "per buyer",
    "from a total of",
    "used",
    "active",
    "made together",
]


def csv_rows(coupons: QuerySet) -> Iterator[list[Any]]:
    """One row for each coupon, read in chunks however many there are."""
    yield CSV_HEAD
    for coupon in coupons.select_related("project", "session__project", "batch").iterator(chunk_size=1_000):
        yield [
            coupon.code,
            coupon.kind,
            coupon.value,
            str(coupon.session or coupon.project or ""),
            on_paper(coupon.valid_from),
            on_paper(coupon.valid_until),
            coupon.max_uses,
            coupon.max_uses_per_buyer,
            coupon.min_total,
            coupon.uses,
            coupon.is_active,
            str(coupon.batch or ""),
        ]


@admin.register(CouponRedemption)
class CouponRedemptionAdmin(ReadOnlyAdmin):
    list_display = ["code", "order_link", "buyer_email", "discount", "redeemed", "released"]
    list_display_links = ["code"]
    list_select_related = ["coupon", "order"]
    sortable_by = ["redeemed"]
    fields = ["code", "order_link", "buyer_email", "discount", "redeemed", "released"]
    search_fields = ["coupon__code"]
    search_help_text = gettext_lazy("A coupon’s code, or the buyer’s e-mail address.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if "@" in search_term:
            return of_address(queryset, "buyer_email", search_term), False
        return (queryset.filter(coupon__code=search_term.upper()) if search_term else queryset), False

    @admin.display(description=gettext_lazy("coupon"))
    def code(self, use: CouponRedemption) -> str:
        return use.coupon.code

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, use: CouponRedemption) -> SafeString | str:
        return link_to(use.order)

    @admin.display(description=gettext_lazy("discount"))
    def discount(self, use: CouponRedemption) -> str:
        return money(use.amount, use.order.currency)

    @admin.display(description=gettext_lazy("used"), ordering="pk")
    def redeemed(self, use: CouponRedemption) -> SafeString | str:
        return studio_time(use.redeemed_at)

    @admin.display(description=gettext_lazy("given back"))
    def released(self, use: CouponRedemption) -> SafeString | str:
        return studio_time(use.released_at)
