"""What people write on lists."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.wallclock import SENSIBLE_YEARS
from todos.models import TodoItem, TodoList
from todos.services.sharing import people_of


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day of a year that calendars know."""

    widget = DayInput
    default_error_messages = {"invalid": _("Write a day, such as 2026-11-28.")}

    def clean(self, value) -> date | None:
        day = super().clean(value)
        if day is not None and day.year not in SENSIBLE_YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class ListForm(forms.Form):
    title = forms.CharField(
        label=_("Name of the list"),
        max_length=TodoList._meta.get_field("title").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class LineForm(forms.Form):
    """One line, as one would write it on paper."""

    title = forms.CharField(
        label=_("What is to be done?"),
        max_length=TodoItem._meta.get_field("title").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "done"}),
        error_messages={"required": _("Write what is to be done.")},
    )
    due_on = DayField(label=_("Due on"), required=False)


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person: User) -> str:
        return str(person)


class ItemForm(forms.Form):
    """Everything about one item.

    Carries what each field said when the form was opened: others may have changed the item since.
    """

    title = forms.CharField(
        label=_("What"),
        max_length=TodoItem._meta.get_field("title").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=TodoItem._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = DayField(label=_("Due on"), required=False)
    due_time = forms.TimeField(
        label=_("At"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Write a time, such as 14:30.")},
    )
    assignee = PersonField(
        label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("Anybody")
    )

    mark_optional = False

    def __init__(self, item: TodoItem, *data, is_in_place: bool = False) -> None:
        names = ("title", "note", "due_on", "due_time", "assignee")
        initial = {name: getattr(item, name) for name in names}
        # Several rows of one page may be open at once.
        super().__init__(*data, initial=initial, auto_id=f"item-{item.pk}-%s")
        for field in self.fields.values():
            field.show_hidden_initial = True
        self.fields["assignee"].queryset = people_of(item.todo_list)
        if is_in_place:
            self.fields["title"].widget.attrs["autofocus"] = True

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("due_time") and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("A time needs a day."))
        return cleaned

    def changes(self) -> dict:
        """What this person changed, and nothing else."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class MorningForm(forms.Form):
    wants_morning_mail = forms.BooleanField(
        label=_("Write to me in the morning when something is due"), required=False
    )
