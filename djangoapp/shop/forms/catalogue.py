"""What a visitor may ask of the list of sessions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from core.addresses import with_query
from core.money import display
from shop.models import Category
from shop.querysets import SessionQuerySet

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
IN_ROOM, ONLINE = "studio", "online"


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address of the list without it."""

    label: str
    url: str


class DayField(forms.DateField):
    """A day that a shop may have something to say about."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    default_validators = [
        MinValueValidator(FIRST_DAY, _("Choose a day of this century.")),
        MaxValueValidator(LAST_DAY, _("Choose a day of this century.")),
    ]


class SessionFilter(forms.Form):
    """Filters as they stand in the address. What cannot be understood is said and left out; the rest counts."""

    mark_optional = False
    use_required_attribute = False
    names_in_address = {"date_from": "from", "date_to": "to"}

    q = forms.CharField(
        label=_("What"),
        max_length=100,
        required=False,
        widget=forms.SearchInput(
            attrs={"placeholder": _("Grafting, clay, a name …"), "enterkeyhint": "search"}
        ),
    )
    category = forms.ChoiceField(label=_("Kind"), required=False)
    where = forms.ChoiceField(
        label=_("Where"),
        choices=[("", _("Anywhere")), (IN_ROOM, _("In the studio")), (ONLINE, _("Online"))],
        required=False,
    )
    price = forms.DecimalField(
        error_messages={
            "invalid": _("Give a number, such as 80."),
            "min_value": _("A price is zero or more."),
            "max_value": _("Nothing here is that dear."),
            "max_decimal_places": _("Give a number with two decimals at most."),
        },
        min_value=Decimal(0),
        max_value=Decimal(99999),
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    date_from = DayField(label=_("From"), required=False)
    date_to = DayField(label=_("Until"), required=False)
    free = forms.BooleanField(label=_("With places left"), required=False)

    def __init__(self, data, *, categories: Iterable[Category], has_days: bool = True) -> None:
        super().__init__(data)
        if not has_days:  # the month says it
            del self.fields["date_from"], self.fields["date_to"]
        self.categories = {category.slug: category for category in categories}
        self.fields["price"].label = _("Up to %(currency)s") % {"currency": settings.SHOP_CURRENCY}
        self.fields["category"].choices = [
            ("", _("All kinds")),
            *((slug, category.name) for slug, category in self.categories.items()),
        ]
        self.full_clean()

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix(self.names_in_address.get(field_name, field_name))

    def clean(self) -> None:
        first, last = self.cleaned_data.get("date_from"), self.cleaned_data.get("date_to")
        if first and last and first > last:
            self.add_error("date_to", _("This day comes before the first one."))

    @property
    def chosen_category(self) -> Category | None:
        return self.categories.get(self.cleaned_data.get("category", ""))

    @property
    def offer(self) -> list[tuple[str, str]]:
        """What there is to choose from: all that the form shows while nothing is asked, beside the currency."""
        return [*self.fields["category"].choices, ("", self.fields["price"].label)]

    def narrow(self, sessions: SessionQuerySet, *, membership: str, opened=None) -> SessionQuerySet:
        """The sessions that fit all filters in force, at the prices of this membership, with what codes open."""
        asked = self.asked
        if "q" in asked:
            sessions = sessions.matching(asked["q"])
        if self.chosen_category:
            sessions = sessions.filter(project__category=self.chosen_category)
        if "date_from" in asked or "date_to" in asked:
            sessions = sessions.on_days(asked.get("date_from"), asked.get("date_to"))
        if "price" in asked:
            sessions = sessions.costing_at_most(asked["price"], membership)
        if asked.get("where") == ONLINE:
            sessions = sessions.online()
        elif asked.get("where") == IN_ROOM:
            sessions = sessions.in_rooms()
        if "free" in asked:
            sessions = sessions.bookable(opened)
        return sessions

    @property
    def asked(self) -> dict:
        """The filters that count, by field. A price of zero is one of them."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not (value is None or value is False or value == "")
        }

    @property
    def in_force(self) -> dict[str, str]:
        """The filters that count, as the address spells them."""
        return {self.add_prefix(name): self._spelled(value) for name, value in self.asked.items()}

    def address(self, **changes) -> str:
        """The list's address with the filters in force and these changes; ``None`` takes a parameter out."""
        return with_query(reverse("shop:session_list"), self.in_force | changes)

    def chips(self, **kept: str | None) -> list[Chip]:
        """The filters in force, each with the address that keeps all but itself."""
        return [
            Chip(self._told(name), self.address(**kept, **{self.add_prefix(name): None}))
            for name in self.asked
        ]

    @property
    def complaints(self) -> list[tuple[str, str]]:
        """What could not be understood: the field's label and why."""
        return [(self[name].label, errors[0]) for name, errors in self.errors.items()]

    @staticmethod
    def _spelled(value) -> str:
        if value is True:
            return "1"
        return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)

    def _told(self, name: str) -> str:
        value = self.cleaned_data[name]
        if name == "q":
            return f"“{value}”"
        if name == "category":
            return self.chosen_category.name
        if name == "date_from":
            return _("from %(day)s") % {"day": formats.date_format(value, "j F Y")}
        if name == "date_to":
            return _("until %(day)s") % {"day": formats.date_format(value, "j F Y")}
        if name == "price":
            return _("up to %(price)s") % {"price": display(value)}
        if name == "where":
            return dict(self.fields["where"].choices)[value]
        return self.fields[name].label
