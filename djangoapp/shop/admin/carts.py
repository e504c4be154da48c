"""Carts, to look at only: they belong to their visitors."""

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin, ReadOnlyInline, badge, studio_time
from shop.admin.words import link_to, session_time
from shop.enums import CartStatus
from shop.models import Cart, CartLine


class CartLineInline(ReadOnlyInline):
    model = CartLine
    fields = ["session_link", "time", "quantity", "is_held", "held_until_shown"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("session__project")

    @admin.display(description=gettext_lazy("session"))
    def session_link(self, line: CartLine) -> SafeString | str:
        return link_to(line.session, line.session.title)

    @admin.display(description=gettext_lazy("when"))
    def time(self, line: CartLine) -> SafeString:
        return session_time(line.session)

    @admin.display(description=gettext_lazy("held until"))
    def held_until_shown(self, line: CartLine) -> SafeString | str:
        return studio_time(line.held_until)


@admin.register(Cart)
class CartAdmin(ReadOnlyAdmin):
    """Nobody sees a cart's token: with it one could act as the visitor."""

    secret_fields = ("token",)
    list_display = ["pk", "user", "state", "places", "held", "coupon", "changed"]
    list_filter = ["status"]
    list_select_related = ["user", "coupon", "order"]
    fields = ["user", "state", "held", "coupon", "order_link", "changed"]
    inlines = [CartLineInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        lines = CartLine.objects.filter(cart=OuterRef("pk")).order_by().values("cart")
        places = lines.annotate(places=Sum("quantity")).values("places")
        return super().get_queryset(request).annotate(places=Coalesce(Subquery(places), 0))

    @admin.display(description=gettext_lazy("state"))
    def state(self, cart: Cart) -> SafeString:
        if cart.status == CartStatus.ORDERED:
            return badge(cart.get_status_display())
        if cart.held_until and cart.held_until > timezone.now():
            return badge(_("Holds its places"), "info")
        return badge(_("Holds nothing"), "plain")

    @admin.display(description=gettext_lazy("places"))
    def places(self, cart: Cart) -> int:
        return cart.places

    @admin.display(description=gettext_lazy("held until"))
    def held(self, cart: Cart) -> SafeString | str:
        return studio_time(cart.held_until)

    @admin.display(description=gettext_lazy("changed"))
    def changed(self, cart: Cart) -> SafeString | str:
        return studio_time(cart.updated_at)

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, cart: Cart) -> SafeString | str:
        return link_to(getattr(cart, "order", None))
