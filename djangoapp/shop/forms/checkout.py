"""What a buyer fills in to turn a cart into an order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.text import one_line
from shop.models import Session
from shop.providers import Offer
from shop.services.orders import Attendee, BillingAddress, Purchase

COUNTRIES = [
    ("CH", gettext_lazy("Switzerland")),
    ("LI", gettext_lazy("Liechtenstein")),
    ("AT", gettext_lazy("Austria")),
    ("DE", gettext_lazy("Germany")),
    ("FR", gettext_lazy("France")),
    ("IT", gettext_lazy("Italy")),
    ("BE", gettext_lazy("Belgium")),
    ("CZ", gettext_lazy("Czechia")),
    ("DK", gettext_lazy("Denmark")),
    ("ES", gettext_lazy("Spain")),
    ("FI", gettext_lazy("Finland")),
    ("GB", gettext_lazy("United Kingdom")),
    ("IE", gettext_lazy("Ireland")),
    ("LU", gettext_lazy("Luxembourg")),
    ("NL", gettext_lazy("Netherlands")),
    ("NO", gettext_lazy("Norway")),
    ("PL", gettext_lazy("Poland")),
    ("PT", gettext_lazy("Portugal")),
    ("SE", gettext_lazy("Sweden")),
    ("US", gettext_lazy("United States")),
]
# Countries whose postcodes are so many digits and nothing else.
POSTCODE_DIGITS = {"CH": 4, "LI": 4, "AT": 4, "BE": 4, "DK": 4, "LU": 4, "NO": 4} | dict.fromkeys(
    ("DE", "FR", "IT", "ES", "FI"), 5
)
NOT_REMEMBERED = ("terms", "expected_total")


def country_name(code: str) -> str:
    return str(dict(COUNTRIES).get(code, code))


class OneLineField(forms.CharField):
    """Text that is kept on one line."""

    def to_python(self, value):
        return one_line(super().to_python(value))


@dataclass(frozen=True)
class PlaceFields:
    """The two fields that name who takes one place."""

    number: int
    first_name: BoundField
    last_name: BoundField

    @property
    def has_errors(self) -> bool:
        return bool(self.first_name.errors or self.last_name.errors)


@dataclass(frozen=True)
class SessionFields:
    """The places of one session."""

    session: Session
    places: list[PlaceFields]


class CheckoutForm(forms.Form):
    """Buyer, attendees, billing address, way to pay and terms.

    ``wanted`` are the cart's sessions with their numbers of places; without ``offers`` nothing is to be paid.
    What is required is told by our own words after sending, and not by the browser's beforehand.
    """

    use_required_attribute = False
    mark_optional = False

    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("Your confirmation goes there."),
        error_messages={
            "required": gettext_lazy("Write the e-mail address to which we send the confirmation."),
            "invalid": gettext_lazy("This address is not complete. It looks like name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    first_name = OneLineField(
        label=gettext_lazy("First name"),
        max_length=59,
        error_messages={"required": gettext_lazy("Write your first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = OneLineField(
        label=gettext_lazy("Last name"),
        max_length=60,
        error_messages={"required": gettext_lazy("Write your last name.")},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    company = OneLineField(
        label=gettext_lazy("Company (optional)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    street = OneLineField(
        label=gettext_lazy("Street and number"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write the street and number for the receipt.")},
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postcode = OneLineField(
        label=gettext_lazy("Postcode"),
        max_length=20,
        error_messages={"required": gettext_lazy("Write the postcode.")},
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    city = OneLineField(
        label=gettext_lazy("Town"),
        max_length=100,
        error_messages={"required": gettext_lazy("Write the town.")},
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        choices=COUNTRIES,
        initial="CH",
        error_messages={"invalid_choice": gettext_lazy("Choose a country from the list.")},
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    is_coming = forms.BooleanField(
        label=gettext_lazy("I come myself: the first place is mine"), required=False, initial=True
    )
    provider = forms.ChoiceField(
        label=gettext_lazy("Way to pay"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose how you want to pay."),
            "invalid_choice": gettext_lazy("Choose one of these ways to pay."),
        },
    )
    terms = forms.BooleanField(
        label=gettext_lazy("I have read the terms and agree to them."),
        error_messages={"required": gettext_lazy("Please agree to the terms; without them we cannot book.")},
    )
    # What the buyer saw: if the price has changed since then, it is shown again before anything is booked.
    expected_total = forms.DecimalField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Please look at the total again and confirm it.")
        ),
    )

    def __init__(
        self, *args, wanted: Iterable[tuple[Session, int]], offers: Iterable[Offer], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = list(wanted)
        offers = list(offers)
        if offers:
            self.fields["provider"].choices = [(offer.name, offer.label) for offer in offers]
            self.fields["provider"].initial = offers[0].name
        else:
            del self.fields["provider"]
        for session, quantity in self.wanted:
            for number in range(1, quantity + 1):
                self._add_place(session, number)

    def _add_place(self, session: Session, number: int) -> None:
        for name, label in zip(_names(session, number), (_("First name"), _("Last name")), strict=True):
            # Whether it may stay empty is decided in ``clean``: the buyer's own place may.
            self.fields[name] = OneLineField(
                label=label,
                max_length=80,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip()

    def clean(self) -> dict:
        cleaned = super().clean()
        country, postcode = cleaned.get("country"), cleaned.get("postcode")
        digits = POSTCODE_DIGITS.get(country)
        if digits and postcode and not re.fullmatch(rf"\d{{{digits}}}", postcode, re.ASCII):
            problem = _("A postcode in %(country)s has %(digits)d digits.") % {
                "country": country_name(country),
                "digits": digits,
            }
            self.add_error("postcode", problem)
        buyer = cleaned.get("first_name", ""), cleaned.get("last_name", "")
        for session, quantity in self.wanted:
            for number in range(1, quantity + 1):
                is_buyers = number == 1 and cleaned.get("is_coming")
                self._check_place(session, number, buyer if is_buyers else None)
        return cleaned

    def _check_place(self, session: Session, number: int, buyer: tuple[str, str] | None) -> None:
        """Ask for a name, or write the buyer's where the place is theirs and no name was written."""
        names = _names(session, number)
        if any(name in self.errors for name in names):
            return
        written = tuple(self.cleaned_data[name] for name in names)
        if buyer and not any(written):
            self.cleaned_data.update(zip(names, buyer, strict=True))
            return
        if buyer and all(buyer) and written != buyer:
            self.add_error(
                names[0],
                _("Somebody else is written here. Clear the name, or take away the tick at “I come myself”."),
            )
            return
        words = {"number": number, "title": session.title}
        if not any(written):
            both = _("Write a first and a last name for place %(number)d in “%(title)s”.")
            self.add_error(names[0], both % words)
        elif not written[0]:
            first = _("Write the first name for place %(number)d in “%(title)s”.")
            self.add_error(names[0], first % words)
        elif not written[1]:
            last = _("Write the last name for place %(number)d in “%(title)s”.")
            self.add_error(names[1], last % words)

    def sessions(self) -> list[SessionFields]:
        """The fields of the attendees, session by session, for the template."""
        return [
            SessionFields(
                session,
                [
                    PlaceFields(number, *(self[name] for name in _names(session, number)))
                    for number in range(1, quantity + 1)
                ],
            )
            for session, quantity in self.wanted
        ]

    def purchase(self) -> Purchase:
        """What was filled in, once the form is valid."""
        filled = self.cleaned_data
        return Purchase(
            email=filled["email"],
            billing=BillingAddress(
                name=f"{filled['first_name']} {filled['last_name']}",
                company=filled["company"],
                street=filled["street"],
                postcode=filled["postcode"],
                city=filled["city"],
                country=filled["country"],
            ),
            attendees={
                session.pk: [
                    Attendee(*(filled[name] for name in _names(session, number)))
                    for number in range(1, quantity + 1)
                ]
                for session, quantity in self.wanted
            },
            provider=filled.get("provider", ""),
            expected_total=filled["expected_total"],
        )

    def typed(self) -> dict[str, str | bool]:
        """Everything that was typed, right or wrong, so that it can be shown again later."""
        typed = {name: self.data[name] for name in self.fields if name in self.data}
        for name in NOT_REMEMBERED:
            typed.pop(name, None)
        return typed | {"is_coming": "is_coming" in self.data}


def _names(session: Session, number: int) -> tuple[str, str]:
    """The names of the fields for one place; the same for as long as the cart holds the session."""
    return f"first_name_{session.pk}_{number}", f"last_name_{session.pk}_{number}"
