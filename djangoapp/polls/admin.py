"""Polls in the admin: asking, and reading the results. Votes come from voters alone; nobody edits them here."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import exports
from core.admin import ChoiceFilter, StudioAdmin, badge, studio_time
from core.admin_actions import for_each
from core.wallclock import OnOneClock, WallClockField
from polls.models import Choice, Poll, PollState
from polls.shown import in_words, rows_of

FIXED_BY_VOTES = ["is_multiple", "max_choices"]
CSV_HEAD = ["poll", "answer", "votes", "share in percent", "people who voted", "state"]
TONES = {PollState.UPCOMING: "info", PollState.CLOSED: "plain"}


class PollForm(OnOneClock, forms.ModelForm):
    """A poll, its times on the studio's clock."""

    opens_at = WallClockField(label=gettext_lazy("Opens"))
    closes_at = WallClockField(label=gettext_lazy("Closes"))
    clock_fields = ("opens_at", "closes_at")

    class Meta:
        widgets = {
            "question": forms.TextInput(attrs={"size": 70}),
            "description": forms.Textarea(attrs={"rows": 5, "cols": 72}),
        }

    def clock(self) -> ZoneInfo:
        return ZoneInfo(settings.TIME_ZONE)


class ChoiceRows(forms.BaseInlineFormSet):
    """The answers: at least two, and no two alike."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data.get("text") and not _is_leaving(form)]
        texts = [form.cleaned_data["text"].strip().casefold() for form in kept]
        if len(texts) < 2:
            raise ValidationError(_("A poll needs at least two answers to choose from."))
        if len(set(texts)) < len(texts):
            raise ValidationError(_("Two of the answers say the same."))


def _is_leaving(form: forms.ModelForm) -> bool:
    return bool(form.cleaned_data.get("DELETE"))


class ChoiceInline(admin.TabularInline):
    model = Choice
    formset = ChoiceRows
    fields = ["position", "text", "votes"]
    readonly_fields = ["votes"]
    ordering = ["position", "pk"]

    def get_extra(self, request: HttpRequest, obj: Poll | None = None, **kwargs) -> int:
        return 0 if obj is not None else 4

    def has_delete_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        """Once people have voted, what they could choose from stays as it was."""
        if obj is not None and obj.ballots.exists():
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=gettext_lazy("votes"))
    def votes(self, choice: Choice) -> int | str:
        return choice.votes_count if choice.pk else admin.site.empty_value_display


def _in_state(state: PollState):
    names = {PollState.UPCOMING: "upcoming", PollState.OPEN: "open", PollState.CLOSED: "closed"}
    return lambda polls: getattr(polls, names[state])()


class StateFilter(ChoiceFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    answers = {str(state): (state.label, _in_state(state)) for state in PollState}


@admin.register(Poll)
class PollAdmin(StudioAdmin):
    """Polls with their answers and results."""

    form = PollForm
    inlines = [ChoiceInline]
    list_display = ["question", "state", "published", "audience", "people", "opens", "closes"]
    list_filter = [StateFilter, "is_published", "audience"]
    search_fields = ["question"]
    prepopulated_fields = {"slug": ["question"]}
    readonly_fields = ["results"]
    actions = ["publish", "unpublish", "export_csv"]
    fieldsets = [
        (None, {"fields": ["question", "description", "is_published", "results"]}),
        (gettext_lazy("When, on the studio’s clock"), {"fields": [("opens_at", "closes_at")]}),
        (
            gettext_lazy("How people vote"),
            {"fields": ["audience", ("is_multiple", "max_choices"), "results_visible"]},
        ),
        (gettext_lazy("Address on the web"), {"fields": ["slug"], "classes": ["collapse"]}),
    ]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Poll | None:
        if request.method == "POST" and object_id.isascii() and object_id.isdecimal():
            # From here to the commit nobody votes: what the page allows because of it stays true.
            list(Poll.objects.select_for_update(no_key=True).filter(pk=object_id))
        return super().get_object(request, object_id, from_field)

    def get_readonly_fields(self, request: HttpRequest, obj: Poll | None = None) -> list[str]:
        if obj is not None and obj.ballots_count:
            return [*self.readonly_fields, *FIXED_BY_VOTES]  # people have voted by these rules
        return self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        """What people voted is not deleted with a click: such a poll is unpublished."""
        if obj is not None and obj.ballots.exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # it would gather every vote, and delete them all
        return actions

    def save_formset(self, request: HttpRequest, form, formset, change: bool) -> None:
        reworded = [
            row.instance
            for row in formset.initial_forms
            if "text" in row.changed_data and not _is_leaving(row) and row.instance.votes_count
        ]
        super().save_formset(request, form, formset, change)
        for choice in reworded:
            votes = choice.votes_count
            warning = ngettext(
                "%(votes)d person chose “%(answer)s” when it was worded otherwise.",
                "%(votes)d people chose “%(answer)s” when it was worded otherwise.",
                votes,
            )
            self.message_user(request, warning % {"votes": votes, "answer": choice.text}, messages.WARNING)

    def view_on_site(self, poll: Poll) -> str:
        return poll.get_absolute_url()

    @admin.display(description=gettext_lazy("state"))
    def state(self, poll: Poll) -> SafeString:
        state = poll.state()
        return badge(state.label, TONES.get(state, ""))

    @admin.display(description=gettext_lazy("published"), ordering="is_published")
    def published(self, poll: Poll) -> SafeString:
        return badge(_("Published")) if poll.is_published else badge(_("Hidden"), "plain")

    @admin.display(description=gettext_lazy("people who voted"), ordering="ballots_count")
    def people(self, poll: Poll) -> int:
        return poll.ballots_count

    @admin.display(description=gettext_lazy("opens"), ordering="opens_at")
    def opens(self, poll: Poll) -> SafeString | str:
        return studio_time(poll.opens_at)

    @admin.display(description=gettext_lazy("closes"), ordering="closes_at")
    def closes(self, poll: Poll) -> SafeString | str:
        return studio_time(poll.closes_at)

    @admin.display(description=gettext_lazy("results"))
    def results(self, poll: Poll) -> SafeString | str:
        if poll.pk is None:
            return admin.site.empty_value_display
        choices = list(poll.choices.all())
        lines = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td><meter class="fill" min="0" max="1" value="{}" aria-hidden="true">'
            '</meter></td><td class="number">{}</td><td class="number">{}</td></tr>',
            (
                (row.choice.text, f"{row.share:.4f}", row.percent, row.choice.votes_count)
                for row in rows_of(poll, choices)
            ),
        )
        return format_html("<div><p>{}</p><table>{}</table></div>", in_words(poll, choices), lines)

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._set_published(request, queryset, True)

    @admin.action(description=gettext_lazy("Unpublish"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._set_published(request, queryset, False)

    def _set_published(self, request: HttpRequest, queryset: QuerySet, is_published: bool) -> None:
        def deed(poll: Poll) -> str:
            poll.is_published = is_published
            poll.save(update_fields=["is_published", "updated_at"])
            self.log_change(request, poll, "Published" if is_published else "Unpublished")
            return _("published.") if is_published else _("hidden from the public.")

        for_each(self, request, queryset, deed)

    @admin.action(description=gettext_lazy("Download the results (CSV)"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet) -> StreamingHttpResponse:
        return exports.download(f"polls-{timezone.localdate():%Y-%m-%d}.csv", csv_rows(queryset))


def csv_rows(polls: QuerySet) -> Iterator[list]:
    """One row for each answer of each poll: read from the counters, so it costs the same with many votes."""
    yield CSV_HEAD
    for poll in polls.prefetch_related("choices").iterator(chunk_size=200):
        for row in rows_of(poll, poll.choices.all()):
            yield [
                poll.question,
                row.choice.text,
                row.choice.votes_count,
                f"{row.share * 100:.1f}",
                poll.ballots_count,
                poll.state(),
            ]
