"""Checklists in the admin. Lists themselves are not here: they are seen by those who share them, and nobody else."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.admin import StudioAdmin
from todos.models import ChecklistItem, ChecklistTemplate


class ChecklistItemInline(admin.TabularInline):
    model = ChecklistItem
    fields = ["position", "title", "days_before", "note"]

    def get_extra(self, request: HttpRequest, obj: ChecklistTemplate | None = None, **kwargs) -> int:
        return 0 if obj is not None else 4

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "note":
            field.widget.attrs = {"rows": 2, "cols": 28}
        return field


@admin.register(ChecklistTemplate)
class ChecklistTemplateAdmin(StudioAdmin):
    """What is to be done each time. An app above adds what a checklist is used for."""

    inlines = [ChecklistItemInline]
    list_display = ["title", "owner", "lines", "used"]
    list_select_related = ["owner"]
    search_fields = ["title"]
    filter_horizontal = ["people"]
    fields = ["title", "owner", "people"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        counted = {"lines_count": Count("items", distinct=True), "uses_count": Count("uses", distinct=True)}
        return super().get_queryset(request).annotate(**counted)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    @admin.display(description=gettext_lazy("lines"), ordering="lines_count")
    def lines(self, template: ChecklistTemplate) -> int:
        return template.lines_count

    @admin.display(description=gettext_lazy("used for"), ordering="uses_count")
    def used(self, template: ChecklistTemplate) -> int:
        return template.uses_count
