"""What buyers send from the pages on which they change their order."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

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
