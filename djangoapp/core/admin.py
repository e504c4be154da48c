"""What all admin pages share, and the pages of the mails.

Lists stay fast on a million rows: they count no further than ``BoundedPaginator`` does, and select what they show in
one query. What money depends on is shown and never edited; actions call services and report object by object.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import django_q.admin  # noqa: F401 - registers its pages, which are then taken in hand here
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import mail
from core.admin_actions import for_each
from core.models import Mail, MailStatus
from core.pagination import BoundedPaginator

admin.site.site_header = settings.SITE_NAME
admin.site.site_title = settings.SITE_NAME
admin.site.index_title = gettext_lazy("The studio")
admin.site.empty_value_display = "–"


class ChosenByName(AutocompleteSelect):
    """Django's own, which breaks when what was sent is no key at all: here that shows as nothing chosen."""

    LONGEST_KEY = 18

    def optgroups(self, name: str, value: list, attrs: dict | None = None) -> list:
        keys = [key for key in value if str(key).isdecimal() and len(str(key)) <= self.LONGEST_KEY]
        return super().optgroups(name, keys, attrs)


class StudioAdmin(admin.ModelAdmin):
    """Pages for a model of which there may be very many.

    ``secret_fields`` are those that nobody reads here: neither shown nor, letter by letter, found out by a filter.
    """

    secret_fields: tuple[str, ...] = ()

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    sortable_by = ()  # sorting a million rows takes an index, and few columns have one
    show_facets = admin.ShowFacets.NEVER  # each would count its rows
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ChosenByName(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        is_secret = lookup.partition(LOOKUP_SEP)[0] in self.secret_fields
        return not is_secret and super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})


class ReadOnlyAdmin(StudioAdmin):
    """Pages that show and never edit. ``has_act_permission`` guards actions that call services."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_act_permission(request)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether this member of staff may do what the actions do: whoever may change these rows in principle."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


class ReadOnlyInline(admin.TabularInline):
    """Rows that belong to the page's object, with ``fields`` to show; whoever may see the page sees them."""

    extra = 0
    can_delete = False
    classes = ["shown-only"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True


class ChoiceFilter(admin.SimpleListFilter):
    """A filter whose answers are written down: ``answers`` maps each to its label and a step on the queryset.

    An answer ``None`` holds unless another is chosen; without it, everything is shown at first.
    """

    answers: dict[str | None, tuple[str, Callable[[QuerySet], QuerySet]]] = {}

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str | None, str]]:
        return [(name, label) for name, (label, _step) in self.answers.items()]

    def choices(self, changelist: ChangeList) -> Iterator[dict]:
        if None not in self.answers:
            yield from super().choices(changelist)
            return
        for name, label in self.lookup_choices:
            yield {
                "selected": self.value() == name,
                "query_string": changelist.get_query_string({self.parameter_name: name}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in self.answers:
            return queryset
        _label, step = self.answers[self.value()]
        return step(queryset)


def for_superusers_only(models: Iterable[type[Model]]) -> None:
    """Hide the admin pages of these models, which are registered already, from everybody but superusers."""

    def is_superuser(request: HttpRequest, *args) -> bool:
        return request.user.is_active and request.user.is_superuser

    for model in models:
        page = admin.site.get_model_admin(model)
        # Each keeps the refusals of its own: nobody adds an event of Stripe's, for example.
        page.has_module_permission = is_superuser
        for permission in ("view", "add", "change", "delete"):
            name = f"has_{permission}_permission"
            setattr(page, name, _both(is_superuser, getattr(page, name)))


def _both(first: Callable[..., bool], second: Callable[..., bool]) -> Callable[..., bool]:
    return lambda *args, **kwargs: first(*args) and second(*args, **kwargs)


def studio_time(instant: datetime | None) -> SafeString | str:
    """An instant on the studio's clock, with its zone: ``28 Nov 2026, 09:30 CET``."""
    if instant is None:
        return admin.site.empty_value_display
    iso = timezone.localtime(instant).isoformat()
    return format_html('<time datetime="{}" class="nowrap">{}</time>', iso, studio_time_text(instant))


def studio_time_text(instant: datetime) -> str:
    """The same in plain words, for messages."""
    local = timezone.localtime(instant)
    return f"{formats.date_format(local, 'j M Y, H:i')} {local.tzname()}"


def badge(label: str, tone: str = "") -> SafeString:
    """A state in a word. The tone (``few``, ``bad``, ``info``, ``plain``; empty is good) only adds colour to it."""
    return format_html('<span class="{}">{}</span>', f"badge {tone}".strip(), label)


def of_address(queryset: QuerySet, field: str, address: str) -> QuerySet:
    """The rows of an e-mail address; where there is none, rows whose address begins like this.

    Addresses are kept in small letters, so an index finds both.
    """
    address = address.strip().lower()
    exact = queryset.filter(**{field: address})
    return exact if exact.exists() else queryset.filter(**{f"{field}__startswith": address})


class KindFilter(admin.SimpleListFilter):
    """The kinds that the code knows, instead of a search through all rows for those that occur."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(kind, in_words(kind)) for kind in mail.kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=self.value()) if self.value() else queryset


def in_words(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


for_superusers_only(model for model in list(admin.site._registry) if model._meta.app_label == "django_q")


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """The outbox. What a mail is made from may hold secret links, so nobody sees that."""

    secret_fields = ("context",)
    list_display = ["to", "kind_in_words", "subject", "state", "attempts", "error", "created", "sent"]
    list_filter = ["status", KindFilter]
    sortable_by = ["created"]
    search_fields = ["to"]
    search_help_text = gettext_lazy("An e-mail address, or how it begins.")
    fields = [
        "to",
        "kind_in_words",
        "subject",
        "state",
        "attempts",
        "error",
        "created",
        "next_attempt",
        "sent",
        "request_id",
    ]
    actions = ["send_again"]

    @admin.display(description=gettext_lazy("kind"))
    def kind_in_words(self, mail_row: Mail) -> str:
        return in_words(mail_row.kind)

    @admin.display(description=gettext_lazy("state"))
    def state(self, mail_row: Mail) -> SafeString:
        tones = {
            MailStatus.FAILED: "bad",
            MailStatus.QUEUED: "info",
            MailStatus.SENDING: "info",
            MailStatus.DROPPED: "plain",
        }
        return badge(mail_row.get_status_display(), tones.get(mail_row.status, ""))

    @admin.display(description=gettext_lazy("written"), ordering="pk")
    def created(self, mail_row: Mail) -> SafeString | str:
        return studio_time(mail_row.created_at)

    @admin.display(description=gettext_lazy("sent"))
    def sent(self, mail_row: Mail) -> SafeString | str:
        return studio_time(mail_row.sent_at)

    @admin.display(description=gettext_lazy("next attempt"))
    def next_attempt(self, mail_row: Mail) -> SafeString | str:
        return studio_time(mail_row.next_attempt_at if mail_row.status == MailStatus.QUEUED else None)

    @admin.action(description=gettext_lazy("Send again"), permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        def deed(mail_row: Mail) -> str:
            mail.resend(mail_row)
            self.log_change(request, mail_row, "Sent again")
            return _("on its way again.")

        for_each(self, request, queryset, deed)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return (of_address(queryset, "to", search_term) if search_term else queryset), False
