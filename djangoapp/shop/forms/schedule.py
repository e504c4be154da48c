"""A weekly rule, as staff types it."""

import re
from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.models import Session
from shop.services.schedule import MOST_DATES, WeeklyRule

LONGEST_SPAN = timedelta(days=366)  # of days that are left out
DAY = r"(\d{4}-\d{2}-\d{2})"
SPAN = re.compile(rf"^{DAY}(?:\s*(?:-|–|to|until)\s*{DAY})?$", re.ASCII)


class DaysField(forms.CharField):
    """Days and spans of days, one on a line or separated by commas: ``2026-12-24, 2026-12-27 - 2027-01-03``."""

    widget = forms.Textarea(attrs={"rows": 2})

    def clean(self, value: str) -> frozenset[date]:
        days: set[date] = set()
        for text in filter(None, (part.strip() for part in re.split(r"[,;\n]", super().clean(value)))):
            days.update(self._span(text))
        return frozenset(days)

    @staticmethod
    def _span(text: str) -> list[date]:
        found = SPAN.match(text)
        try:
            first = date.fromisoformat(found[1])
            last = date.fromisoformat(found[2] or found[1])
        except (TypeError, ValueError) as problem:
            raise ValidationError(
                _("“%(text)s” is not a day such as 2026-12-24, nor a span such as 2026-12-24 - 2027-01-03."),
                params={"text": text[:40]},
            ) from problem
        if not timedelta() <= last - first <= LONGEST_SPAN:
            raise ValidationError(
                _("“%(text)s”: a span ends after it begins, within a year."), params={"text": text[:40]}
            )
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]


class WeeklyRuleForm(forms.Form):
    """It begins as the session that is repeated, a week later."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    every_weeks = forms.TypedChoiceField(
        label=gettext_lazy("In"),
        choices=[
            (1, gettext_lazy("every week")),
            (2, gettext_lazy("every second week")),
            (3, gettext_lazy("every third week")),
            (4, gettext_lazy("every fourth week")),
        ],
        coerce=int,
    )
    starts = forms.TimeField(label=gettext_lazy("Starts"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(
        label=gettext_lazy("Ends"),
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=gettext_lazy("Not later than the start: on the next day."),
    )
    first = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    count = forms.IntegerField(
        label=gettext_lazy("or so many dates"), required=False, min_value=1, max_value=MOST_DATES
    )
    exceptions = DaysField(
        label=gettext_lazy("Except on"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy(
            "Days or spans, separated by commas: 2026-12-24, 2026-12-27 - 2027-01-03. Holidays are not known here."
        ),
    )

    @classmethod
    def beginning_like(cls, session: Session) -> dict:
        start, end = session.local_start, session.local_end
        return {
            "weekdays": [start.weekday()],
            "every_weeks": 1,
            "starts": f"{start:%H:%M}",
            "ends": f"{end:%H:%M}",
            "first": start.date() + timedelta(days=7),
            "count": 6,
        }

    def clean(self) -> dict:
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and not 1970 <= first.year <= 2900:
            self.add_error("first", _("That is not a day for a workshop."))
        if first and last and last < first:
            self.add_error("last", _("The last day comes before the first."))
        if not self.errors and not last and not cleaned.get("count"):
            self.add_error("last", _("Say until when, or how many dates."))
        return cleaned

    @property
    def rule(self) -> WeeklyRule:
        told = self.cleaned_data
        return WeeklyRule(
            weekdays=frozenset(told["weekdays"]),
            starts=told["starts"],
            ends=told["ends"],
            first=told["first"],
            last=told["last"],
            count=told["count"],
            every_weeks=told["every_weeks"],
            exceptions=told["exceptions"],
        )

    @property
    def in_words(self) -> str:
        """The rule, for the log."""
        days = ", ".join(str(WEEKDAYS[number]) for number in sorted(self.cleaned_data["weekdays"]))
        first = formats.date_format(self.cleaned_data["first"], "j M Y")
        return f"{days}, {self.cleaned_data['starts']:%H:%M}, from {first}"
