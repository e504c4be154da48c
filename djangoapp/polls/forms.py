"""What a voter fills in."""

from django import forms
from django.core import signing
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from polls.exceptions import NotAChoice, TooManyChoices
from polls.models import Choice, Poll
from polls.services import most_choices, new_token

FORM_SALT = "polls.form"
FORM_SECONDS = 7 * 24 * 3600  # how long a page may lie open before its form names no browser any more


class BallotForm(forms.Form):
    """The answers of one poll, to choose one or several of.

    ``token`` names a browser that has no cookie yet, so that clicking twice votes once. ``back`` is the page within
    which the poll was shown; ``part`` says that it is shown within another page.
    """

    choice = forms.MultipleChoiceField(error_messages={"required": _("Please choose an answer.")})
    token = forms.CharField(required=False, max_length=200)
    back = forms.CharField(required=False, max_length=2000)
    part = forms.BooleanField(required=False)

    def __init__(self, poll: Poll, choices: list[Choice], *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.most = most_choices(poll, len(choices))
        self.fields["choice"].choices = [(str(choice.pk), choice.text) for choice in choices]
        self.fields["choice"].error_messages["invalid_choice"] = str(NotAChoice())

    def clean_choice(self) -> set[int]:
        chosen = {int(value) for value in self.cleaned_data["choice"]}
        if len(chosen) > self.most:
            raise forms.ValidationError(str(TooManyChoices(self.most)), code="too_many")
        return chosen

    def clean_token(self) -> str:
        """The browser's name as the form's page gave it; a new one if it is no such name."""
        try:
            return signing.loads(self.cleaned_data["token"], salt=FORM_SALT, max_age=FORM_SECONDS)
        except signing.BadSignature:
            return new_token()

    def clean_back(self) -> str:
        """A page of ours, or nothing."""
        back = self.cleaned_data["back"]
        is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
        return back.partition("#")[0] if is_ours else ""

    @property
    def fresh_token(self) -> str:
        return signing.dumps(new_token(), salt=FORM_SALT)
