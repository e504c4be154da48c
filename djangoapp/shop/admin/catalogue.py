"""What is offered: categories, tax rules, and projects with their sessions."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import StudioAdmin, badge
from core.admin_actions import for_each
from core.templatetags.when import zone_label
from shop.admin.forms import ProjectForm, SessionRowForm, SessionRows
from shop.admin.words import fill, link_to
from shop.models import CancellationPolicy, Category, Project, Session, TaxRule
from shop.services import places
from shop.services.catalogue import Take, copy_project, forget_picture
from shop.services.policy import in_general


@admin.register(Category)
class CategoryAdmin(StudioAdmin):
    list_display = ["name", "slug", "position"]
    sortable_by = ["name", "position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(TaxRule)
class TaxRuleAdmin(StudioAdmin):
    """Orders keep the rate they were sold at, so a change counts for future orders only."""

    list_display = ["name", "percent"]
    search_fields = ["name"]

    @admin.display(description=gettext_lazy("rate"), ordering="rate")
    def percent(self, rule: TaxRule) -> str:
        return f"{rule.rate.normalize():f} %"


@admin.register(CancellationPolicy)
class CancellationPolicyAdmin(StudioAdmin):
    """Lines of orders keep what was promised with them, so a change counts for future orders only."""

    list_display = ["name", "in_words"]
    search_fields = ["name"]
    fields = ["name", "free_days", "fee_percent", "fee_fixed", "last_days", "move_days"]

    @admin.display(description=gettext_lazy("what buyers read"))
    def in_words(self, policy: CancellationPolicy) -> str:
        return " ".join(in_general(policy))


class Publishing(StudioAdmin):
    """The two actions of everything that is shown to the public or not, and deleting only what nothing hangs on."""

    @admin.display(description=gettext_lazy("state"), ordering="is_published")
    def published(self, thing: Model) -> SafeString:
        if not thing.is_published:
            return badge(_("Hidden"), "plain")
        return (
            badge(_("With a code"), "info") if getattr(thing, "needs_code", False) else badge(_("Published"))
        )

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._set_published(request, queryset, True)

    @admin.action(description=gettext_lazy("Unpublish"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._set_published(request, queryset, False)

    def _set_published(self, request: HttpRequest, queryset: QuerySet, is_published: bool) -> None:
        def deed(thing: Model) -> str:
            thing.is_published = is_published
            thing.save(update_fields=["is_published", "updated_at"])
            self.log_change(request, thing, "Published" if is_published else "Unpublished")
            return _("published.") if is_published else _("hidden from the public.")

        for_each(self, request, queryset, deed)

    @admin.action(description=gettext_lazy("Copy, a week later and unpublished"), permissions=["add"])
    def copy(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._copy_each(request, queryset, self.make_copy)

    def _copy_each(
        self, request: HttpRequest, queryset: QuerySet, make_copy: Callable[[Model], Model]
    ) -> HttpResponse | None:
        copies = []

        def deed(thing: Model) -> str:
            copied = make_copy(thing)
            copies.append(copied)
            self.log_addition(request, copied, f"Copied from {thing}")
            return _("copied to “%(copy)s”.") % {"copy": copied}

        for_each(self, request, queryset, deed)
        if len(copies) != 1:
            return None
        opts = self.opts
        return HttpResponseRedirect(
            reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[copies[0].pk])
        )

    def make_copy(self, thing: Model) -> Model:
        raise NotImplementedError

    def get_actions(self, request: HttpRequest) -> dict:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # it would gather everything that hangs on them, however much
        return actions


class SessionInline(admin.TabularInline):
    """The sessions to come; a new row begins as the project's latest session."""

    model = Session
    form = SessionRowForm
    formset = SessionRows
    extra = 0
    can_delete = False
    classes = ["shown-only"]
    fields = [
        "starts_at",
        "ends_at",
        "capacity",
        "base_price",
        "is_published",
        "now",
        "place_name",
        "place_address",
    ]
    readonly_fields = ["now"]
    verbose_name_plural = gettext_lazy("sessions to come")

    def get_formset(self, request: HttpRequest, obj: Project | None = None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.host = request.user
        return formset

    @admin.display(description=gettext_lazy("now"))
    def now(self, session: Session) -> SafeString | str:
        if session.pk is None:
            return session.time_zone
        clock = zone_label(session.local_start)
        return format_html("{}<br>{}<br>{}", clock, fill(session), link_to(session, _("All fields")))


@admin.register(Project)
class ProjectAdmin(Publishing):
    """Projects, each with the sessions to come."""

    form = ProjectForm
    list_display = ["title", "category", "next_date", "dates_to_come", "published", "sessions_link"]
    list_filter = ["is_published", "category"]
    sortable_by = ["title", "category", "next_date", "published"]
    list_select_related = ["category"]
    search_fields = ["title"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["publisher"]
    readonly_fields = ["picture_shown", "sessions_link"]
    inlines = [SessionInline]
    actions = ["publish", "unpublish", "copy", "copy_with_all", "copy_without"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "description", "is_published"]}),
        (gettext_lazy("Picture"), {"fields": ["picture_shown", "picture", "picture_alt"]}),
        (
            gettext_lazy("Where it belongs"),
            {"fields": ["category", "tax_rule", "policy", "publisher", "sessions_link"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_next_dates()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        return {"publisher": request.user.pk, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        if obj is not None and obj.sessions.exists():
            return False
        return super().has_delete_permission(request, obj)

    def view_on_site(self, project: Project) -> str:
        return project.get_absolute_url()

    def make_copy(self, project: Project) -> Project:
        return copy_project(project)

    @admin.action(
        description=gettext_lazy("Copy with all sessions to come, a week later"), permissions=["add"]
    )
    def copy_with_all(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._copy_each(request, queryset, lambda project: copy_project(project, take=Take.UPCOMING))

    @admin.action(description=gettext_lazy("Copy without sessions"), permissions=["add"])
    def copy_without(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._copy_each(request, queryset, lambda project: copy_project(project, take=Take.NONE))

    def save_model(self, request: HttpRequest, obj: Project, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "picture" in form.changed_data:
            forget_picture(form.initial["picture"])

    def delete_model(self, request: HttpRequest, obj: Project) -> None:
        super().delete_model(request, obj)
        forget_picture(obj.picture)

    def save_formset(self, request: HttpRequest, form, formset, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        places.lock([row.instance.pk for row in getattr(formset, "initial_forms", [])], at=timezone.now())
        for row in getattr(formset, "initial_forms", []):
            if row.instance.pk and row.has_changed():
                warn(self, request, row)

    @admin.display(description=gettext_lazy("next date"), ordering="next_starts_at")
    def next_date(self, project: Project) -> str:
        if project.next_starts_at is None:
            return admin.site.empty_value_display
        return formats.date_format(timezone.localtime(project.next_starts_at), "D j M Y")

    @admin.display(description=gettext_lazy("dates to come"))
    def dates_to_come(self, project: Project) -> int:
        return project.upcoming_count

    @admin.display(description=gettext_lazy("all sessions"))
    def sessions_link(self, project: Project) -> SafeString | str:
        if project.pk is None:
            return admin.site.empty_value_display
        listed = reverse("admin:shop_session_changelist")
        add = reverse("admin:shop_session_add")
        return format_html(
            '<a href="{}?project__id__exact={}&amp;when=all">{}</a> · <a href="{}?project={}">{}</a>',
            listed,
            project.pk,
            _("Show"),
            add,
            project.pk,
            _("Add"),
        )

    @admin.display(description=gettext_lazy("picture now"))
    def picture_shown(self, project: Project) -> SafeString | str:
        if not project.picture:
            return _("None yet: the shop shows a drawing.")
        return format_html('<img src="{}" width="240" height="160" alt="">', project.picture.url)


def warn(page: admin.ModelAdmin, request: HttpRequest, form: forms.ModelForm) -> None:
    """Say what follows from a change to a session."""
    for warning in form.warnings():
        page.message_user(request, format_html("{}: {}", form.instance, warning), messages.WARNING)
