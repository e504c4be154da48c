"""What staff fills in to book for somebody: first who and what, then the names, the address, and the money."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from shop.exceptions import SessionFull
from shop.forms.checkout import COUNTRIES, OneLineField
from shop.models import Order, OrderLine, Session
from shop.services.behalf import DESK
from shop.services.orders import Attendee, BillingAddress, Purchase

ROWS = 4
MOST_PLACES = 60  # in one session of one order
NONCE = re.compile(r"[\w-]{20,32}", re.ASCII)


class How(models.TextChoices):
    """How the money comes."""

    LINK = "link", gettext_lazy("They pay: the letter has a link to pay online, and they may pay at the desk")
    PAID = "paid", gettext_lazy("The money is here: paid at the desk now")
    PRESENT = "present", gettext_lazy("Complimentary: nothing to pay")


def bookable_by_staff() -> QuerySet:
    """Published sessions that have not started, with ``seats_left``: hidden ones, and those not on sale, among them."""
    sessions = Session.objects.all_published().filter(starts_at__gt=timezone.now(), cancelled_at__isnull=True)
    return (
        sessions.with_seats_left()
        .select_related("project__tax_rule", "project__policy")
        .order_by("starts_at", "pk")
    )


class WhoAndWhatForm(forms.Form):
    """The person, by account or by address, and so many places in a few sessions."""

    customer = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label=gettext_lazy("Somebody with an account"),
        required=False,
        widget=AutocompleteSelect(Order._meta.get_field("customer"), admin.site),
        help_text=gettext_lazy("Found by name or e-mail address."),
    )
    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("or an e-mail address"),
        required=False,
        help_text=gettext_lazy("The confirmation goes there. If an account has it, the booking is theirs."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for number in range(ROWS):
            self.fields[f"session_{number}"] = forms.ModelChoiceField(
                bookable_by_staff(),
                label=_("Session"),
                required=False,
                widget=AutocompleteSelect(OrderLine._meta.get_field("session"), admin.site),
            )
            self.fields[f"places_{number}"] = forms.IntegerField(
                label=_("Places"), required=False, min_value=1, max_value=MOST_PLACES
            )

    @property
    def rows(self) -> list[tuple[BoundField, BoundField]]:
        return [(self[f"session_{number}"], self[f"places_{number}"]) for number in range(ROWS)]

    def clean(self) -> dict:
        cleaned = super().clean()
        customer, email = cleaned.get("customer"), (cleaned.get("email") or "").lower()
        if customer is None and email:
            customer = User.objects.filter(email=email, is_active=True).first()
        if customer is None and not email and not self.errors:
            self.add_error("email", _("Choose somebody, or write an e-mail address."))
        cleaned["customer"], cleaned["email"] = customer, email or (customer.email if customer else "")
        wanted: dict[Session, int] = {}
        for number in range(ROWS):
            session, places = cleaned.get(f"session_{number}"), cleaned.get(f"places_{number}")
            if session is not None:
                wanted[session] = wanted.get(session, 0) + (places or 1)
            elif places and f"session_{number}" not in self.errors:
                self.add_error(f"session_{number}", _("Places of which session?"))
        if not wanted and not self.errors:
            self.add_error("session_0", _("Choose a session."))
        self.wanted = wanted
        return cleaned

    def has_places(self) -> bool:
        """Whether so many places are free as is wanted; else the form says where they are not.

        Not part of validating: a booking that is sent twice has taken the places itself.
        """
        for session, places in self.wanted.items():
            if places > session.seats_left:
                number = next(n for n in range(ROWS) if self.cleaned_data.get(f"session_{n}") == session)
                full = SessionFull(session.title, max(session.seats_left, 0))
                self.add_error(f"session_{number}", str(full))
        return not self.errors


@dataclass(frozen=True)
class PlaceFields:
    session: Session
    number: int
    first_name: BoundField
    last_name: BoundField


class DetailsForm(forms.Form):
    """Names, address and money. Only the buyer's name is needed; who has no name of their own comes with the buyer."""

    first_name = OneLineField(label=gettext_lazy("First name"), max_length=59)
    last_name = OneLineField(label=gettext_lazy("Last name"), max_length=60)
    company = OneLineField(label=gettext_lazy("Company"), max_length=120, required=False)
    street = OneLineField(label=gettext_lazy("Street and number"), max_length=200, required=False)
    postcode = OneLineField(label=gettext_lazy("Postcode"), max_length=20, required=False)
    city = OneLineField(label=gettext_lazy("Town"), max_length=100, required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=COUNTRIES, initial="CH")
    how = forms.ChoiceField(label=gettext_lazy("Money"), choices=How.choices, widget=forms.RadioSelect)
    reason = OneLineField(
        label=gettext_lazy("Why it is complimentary"),
        max_length=90,
        required=False,
        help_text=gettext_lazy("The buyer reads it beside the price."),
    )
    expected_total = forms.DecimalField(widget=forms.HiddenInput, max_digits=12, decimal_places=2)
    nonce = forms.RegexField(NONCE, widget=forms.HiddenInput)

    def __init__(self, *args, wanted: dict[Session, int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        for session, quantity in wanted.items():
            for number in range(quantity):
                for name, label in (("first", _("First name")), ("last", _("Last name"))):
                    self.fields[f"{name}_{session.pk}_{number}"] = OneLineField(
                        label=label, max_length=80, required=False
                    )

    @property
    def places(self) -> list[PlaceFields]:
        return [
            PlaceFields(
                session,
                number + 1,
                self[f"first_{session.pk}_{number}"],
                self[f"last_{session.pk}_{number}"],
            )
            for session, quantity in self.wanted.items()
            for number in range(quantity)
        ]

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("how") == How.PRESENT and not cleaned.get("reason"):
            self.add_error("reason", ValidationError(_("Say why."), code="required"))
        return cleaned

    @property
    def complimentary(self) -> str:
        return self.cleaned_data["reason"] if self.cleaned_data["how"] == How.PRESENT else ""

    def purchase(self, email: str) -> Purchase:
        told = self.cleaned_data
        is_present = told["how"] == How.PRESENT
        return Purchase(
            email=email,
            billing=BillingAddress(
                name=f"{told['first_name']} {told['last_name']}",
                company=told["company"],
                street=told["street"],
                postcode=told["postcode"],
                city=told["city"],
                country=told["country"],
            ),
            attendees={
                session.pk: [self._attendee(session, number) for number in range(quantity)]
                for session, quantity in self.wanted.items()
            },
            provider=DESK,
            expected_total=Decimal(0) if is_present else told["expected_total"],
        )

    def _attendee(self, session: Session, number: int) -> Attendee:
        told = self.cleaned_data
        first, last = told[f"first_{session.pk}_{number}"], told[f"last_{session.pk}_{number}"]
        return Attendee(first, last) if first or last else Attendee(told["first_name"], told["last_name"])


def deadline_in_words() -> str:
    """Until when the buyer may pay."""
    hours = settings.SHOP_DESK_DEADLINE_HOURS
    return _("within %(hours)d hours, and at the latest when the first session starts") % {"hours": hours}
