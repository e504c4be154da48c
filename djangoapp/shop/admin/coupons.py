"""Coupons, and who used which."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin, StudioAdmin, badge, of_address, studio_time
from shop.admin.forms import CouponForm
from shop.admin.words import link_to, money
from shop.enums import CouponKind
from shop.models import Coupon, CouponRedemption

LATEST_USES = 20


@admin.register(Coupon)
class CouponAdmin(StudioAdmin):
    """Codes and their limits. How often one was used is counted by orders and never typed."""

    form = CouponForm
    list_display = ["code", "worth", "covers", "valid_from_shown", "valid_until_shown", "used", "state"]
    list_filter = ["is_active", "kind"]
    sortable_by = ["code", "worth", "valid_from_shown", "valid_until_shown", "used"]
    list_select_related = ["project", "session__project"]
    search_fields = ["code"]
    search_help_text = gettext_lazy("A code, or how it begins.")
    autocomplete_fields = ["project", "session"]
    readonly_fields = ["used", "latest_uses"]
    fieldsets = [
        (None, {"fields": ["code", ("kind", "value"), "is_active"]}),
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
            Coupon.objects.select_for_update().filter(pk=int(object_id)).first()
        return super().get_object(request, object_id, from_field)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return queryset.filter(code__startswith=search_term.strip().upper()), False

    def has_delete_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        if obj is not None and obj.redemptions.exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

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
