"""The address on an invoice, as staff puts it right."""

from dataclasses import fields

from django import forms
from django.utils.translation import gettext_lazy

from shop.forms.checkout import COUNTRIES, OneLineField
from shop.models import Order
from shop.services.orders import BillingAddress


class AddressForm(forms.Form):
    """Whom the bill is made out to."""

    name = OneLineField(label=gettext_lazy("Name"), max_length=120)
    company = OneLineField(label=gettext_lazy("Company"), max_length=120, required=False)
    street = OneLineField(label=gettext_lazy("Street and number"), max_length=200)
    postcode = OneLineField(label=gettext_lazy("Postcode"), max_length=20)
    city = OneLineField(label=gettext_lazy("Town"), max_length=100)
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=COUNTRIES)

    @staticmethod
    def of(order: Order) -> dict[str, str]:
        return {part.name: getattr(order, f"billing_{part.name}") for part in fields(BillingAddress)}

    def billing(self) -> BillingAddress:
        return BillingAddress(**self.cleaned_data)
