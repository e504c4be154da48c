"""Access codes: what opens hidden sessions and early sales."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.addresses import absolute, with_query
from core.admin import StudioAdmin, badge, studio_time
from shop.admin.forms import AccessCodeForm
from shop.models import AccessCode


@admin.register(AccessCode)
class AccessCodeAdmin(StudioAdmin):
    form = AccessCodeForm
    list_display = ["code", "opens_what", "note", "valid_from_shown", "valid_until_shown", "state"]
    list_filter = ["is_active"]
    sortable_by = ["code", "valid_from_shown", "valid_until_shown"]
    list_select_related = ["project", "session__project"]
    search_fields = ["code", "note"]
    autocomplete_fields = ["project", "session"]
    readonly_fields = ["link"]
    fieldsets = [
        (None, {"fields": ["code", "note", "is_active"]}),
        (gettext_lazy("What it opens: one of the two"), {"fields": ["session", "project"]}),
        (gettext_lazy("When"), {"fields": [("valid_from", "valid_until")]}),
        (gettext_lazy("For letters"), {"fields": ["link"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: AccessCode | None = None) -> list:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is not None else fieldsets[:-1]

    @admin.display(description=gettext_lazy("opens"))
    def opens_what(self, code: AccessCode) -> str:
        return str(code.session or code.project)

    @admin.display(description=gettext_lazy("valid from"), ordering="valid_from")
    def valid_from_shown(self, code: AccessCode) -> SafeString | str:
        return studio_time(code.valid_from)

    @admin.display(description=gettext_lazy("valid until"), ordering="valid_until")
    def valid_until_shown(self, code: AccessCode) -> SafeString | str:
        return studio_time(code.valid_until)

    @admin.display(description=gettext_lazy("state"))
    def state(self, code: AccessCode) -> SafeString:
        now = timezone.now()
        if not code.is_active:
            return badge(_("Off"), "plain")
        if code.valid_until is not None and code.valid_until <= now:
            return badge(_("Over"), "plain")
        return badge(_("Active")) if code.is_valid(now) else badge(_("Not yet"), "info")

    @admin.display(description=gettext_lazy("address with the code filled in"))
    def link(self, code: AccessCode) -> SafeString:
        address = absolute(with_query(reverse("shop:unlock"), {"code": code.code}))
        return format_html('<a href="{}">{}</a>', address, address)
