"""What buyers send from the pages on which they change their order."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from shop.models import OrderLine
from shop.services.orders import Attendee
from shop.services.own_orders import Choice


def chosen_among(choices: list[Choice], data: QueryDict) -> list[Choice]:
    """The places that a form names by their numbers; what it names besides is none of this order's."""
    named = set(data.getlist("place"))
    return [choice for choice in choices if str(choice.line.position) in named]


class ExpectedForm(forms.Form):
    """What the buyer was told to get back, hidden beside the button that confirms it."""

    expected = forms.DecimalField(max_digits=10, decimal_places=2, min_value=0)


class RefundRequestForm(forms.Form):
    """Why somebody asks for money that the policy does not give back."""

    reason = forms.CharField(
        label=_("What happened?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("A sentence or two is enough. Whoever decides reads it."),
    )
    gives_up = forms.BooleanField(
        label=_("Give my places to others now, whatever you decide"),
        required=False,
        help_text=_("They are gone for you then. Without the tick you keep them until we have answered."),
    )

    def __init__(self, *args, can_give_up: bool = True, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not can_give_up:
            del self.fields["gives_up"]


class NamesForm(forms.Form):
    """A first and a last name for each place, under the number of its line."""

    def __init__(self, *args, lines: list[OrderLine], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        first, last = (
            OrderLine._meta.get_field("attendee_first_name"),
            OrderLine._meta.get_field("attendee_last_name"),
        )
        for line in lines:
            self.fields[f"first_{line.position}"] = forms.CharField(
                label=_("First name"), max_length=first.max_length, initial=line.attendee_first_name
            )
            self.fields[f"last_{line.position}"] = forms.CharField(
                label=_("Last name"), max_length=last.max_length, initial=line.attendee_last_name
            )

    def places(self) -> list[tuple[OrderLine, forms.BoundField, forms.BoundField]]:
        """Each line with its two fields."""
        return [(line, self[f"first_{line.position}"], self[f"last_{line.position}"]) for line in self.lines]

    def names(self) -> dict[int, Attendee]:
        """The names by the lines' primary keys, once the form is valid."""
        return {
            line.pk: Attendee(
                self.cleaned_data[f"first_{line.position}"], self.cleaned_data[f"last_{line.position}"]
            )
            for line in self.lines
        }
