"""What somebody fills in who wants to wait for places."""

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.forms.checkout import OneLineField
from shop.models import Session
from shop.services.waiting import Wish


class WaitingForm(forms.Form):
    """Name, address and number of places. Of somebody signed in the address is known and not asked for."""

    use_required_attribute = False

    first_name = OneLineField(
        label=_("First name"),
        max_length=59,
        error_messages={"required": _("Write your first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = OneLineField(
        label=_("Last name"),
        max_length=60,
        error_messages={"required": _("Write your last name.")},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        max_length=254,
        label=_("E-mail"),
        help_text=_("We write to you as soon as places are free, and for nothing else."),
        error_messages={
            "required": _("Write the e-mail address to which we may write."),
            "invalid": _("This address is not complete. It looks like name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    quantity = forms.TypedChoiceField(label=_("Places you want"), coerce=int)
    takes_fewer = forms.BooleanField(
        label=_("I would also take fewer, if not all of them become free"), required=False
    )

    def __init__(self, *args, session: Session, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        numbers = range(1, session.most_places + 1)
        self.fields["quantity"].choices = [(number, str(number)) for number in numbers]
        if user is not None:
            del self.fields["email"]

    def wish(self) -> Wish:
        told = self.cleaned_data
        return Wish(
            email=self.user.email if self.user else told["email"],
            first_name=told["first_name"],
            last_name=told["last_name"],
            quantity=told["quantity"],
            takes_fewer=told["takes_fewer"],
        )
