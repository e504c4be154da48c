"""The forms in which staff changes an order after the sale: one row for each place."""

import uuid
from collections.abc import Iterator
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import ZERO
from shop.models import Order, OrderLine, Session
from shop.order_page import provider_label
from shop.services import moving
from shop.services.balance import Balance, LineMoney
from shop.services.own_orders import Choice

AS_PAID = ""  # the way by which the money came


class WayField(forms.ChoiceField):
    """By which way money goes back: as it came, or paid out at the desk."""

    def __init__(self, order: Order) -> None:
        payment = order.payments.filter(is_fulfilling=True).first()
        ways = (
            [(AS_PAID, _("As it was paid: %(way)s") % {"way": provider_label(payment.provider)})]
            if payment
            else []
        )
        if payment and payment.provider != "desk":
            ways.append(("desk", _("Paid out at the desk")))
        super().__init__(
            choices=ways, label=_("Way"), required=False, widget=forms.RadioSelect, initial=AS_PAID
        )


class GiveUpForm(forms.Form):
    """Which places to cancel, and what is kept of each."""

    note = forms.CharField(label=gettext_lazy("Reason, for the history"), required=False, max_length=200)

    def __init__(self, *args, choices: list[Choice], order: Order, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.fields["way"] = WayField(order)
        for choice in choices:
            number, price = choice.line.position, choice.line.final_price
            agreed = price if choice.fee is None else choice.fee
            self.fields[f"place_{number}"] = forms.BooleanField(
                required=False, label=choice.line.attendee_name, initial=len(choices) == 1
            )
            self.fields[f"fee_{number}"] = forms.DecimalField(
                label=_("Fee for %(name)s") % {"name": choice.line.attendee_name},
                max_digits=9,
                decimal_places=2,
                min_value=ZERO,
                max_value=price,
                initial=agreed,
            )

    def clean(self) -> dict:
        cleaned = super().clean()
        if not any(cleaned.get(f"place_{choice.line.position}") for choice in self.choices):
            raise ValidationError(_("Choose at least one place."))
        return cleaned

    def rows(self) -> Iterator[tuple[Choice, forms.BoundField, forms.BoundField]]:
        for choice in self.choices:
            yield choice, self[f"place_{choice.line.position}"], self[f"fee_{choice.line.position}"]

    def chosen(self) -> list[Choice]:
        return [choice for choice in self.choices if self.cleaned_data[f"place_{choice.line.position}"]]

    def fees(self) -> dict[int, Decimal]:
        return {choice.line.pk: self.cleaned_data[f"fee_{choice.line.position}"] for choice in self.chosen()}

    def back(self) -> dict[int, Decimal]:
        """What goes back, by the line's primary key."""
        return self.choices[0].balance.owed_if(self.fees())


class RefundForm(forms.Form):
    """How much goes back for which place, and why."""

    reason = forms.CharField(label=gettext_lazy("Reason; the buyer reads it"), max_length=200)
    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, balance: Balance, order: Order, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.balance = balance
        self.fields["way"] = WayField(order)
        owed = balance.owed_by_line
        for money in balance.lines:
            self.fields[f"amount_{money.line.position}"] = forms.DecimalField(
                label=_("Refund for %(name)s") % {"name": money.line.attendee_name},
                max_digits=9,
                decimal_places=2,
                min_value=ZERO,
                max_value=money.refundable,
                required=False,
                initial=owed.get(money.line.pk, ZERO),
            )

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        total = sum(self.parts().values(), ZERO)
        if not total:
            raise ValidationError(_("Write an amount for at least one place."))
        if total > self.balance.left:
            raise ValidationError(
                _("At most %(left)s of the payment is still here."), params={"left": self.balance.left}
            )
        return cleaned

    def rows(self) -> Iterator[tuple[LineMoney, forms.BoundField]]:
        for money in self.balance.lines:
            yield money, self[f"amount_{money.line.position}"]

    def parts(self) -> dict[int, Decimal]:
        amounts = {
            money.line.pk: self.cleaned_data.get(f"amount_{money.line.position}")
            for money in self.balance.lines
        }
        return {pk: amount for pk, amount in amounts.items() if amount}


class MoveForm(forms.Form):
    """Which places go to which date."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("To which date"), queryset=Session.objects.none(), empty_label=None
    )
    keeps_price = forms.BooleanField(
        label=gettext_lazy("At the price that was paid, whatever the date costs"), required=False
    )
    note = forms.CharField(label=gettext_lazy("Reason, for the history"), required=False, max_length=200)

    def __init__(self, *args, balance: Balance, order: Order, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        money = [each for each in balance.lines if each.line.cancelled_at is None]
        self.balance, self.money, self.order = balance, money, order
        projects = {each.line.session.project_id for each in money}
        dates = Session.objects.filter(
            project__in=projects, starts_at__gt=timezone.now(), cancelled_at__isnull=True
        )
        self.fields["to"].queryset = dates.select_related("project__tax_rule", "project__policy").order_by(
            "starts_at", "pk"
        )
        for each in money:
            self.fields[f"place_{each.line.position}"] = forms.BooleanField(
                required=False, label=each.line.attendee_name, initial=len(money) == 1
            )

    def clean(self) -> dict:
        cleaned = super().clean()
        if not any(cleaned.get(f"place_{each.line.position}") for each in self.money):
            raise ValidationError(_("Choose at least one place."))
        return cleaned

    def rows(self) -> Iterator[tuple[LineMoney, forms.BoundField]]:
        for each in self.money:
            yield each, self[f"place_{each.line.position}"]

    def chosen(self) -> list[OrderLine]:
        return [each.line for each in self._chosen()]

    def prices(self) -> list[tuple[LineMoney, Decimal, Decimal]]:
        """Each place with what it costs on the new date and what goes back of it."""
        chosen, prices = self._chosen(), {}
        for number, each in enumerate(chosen):
            price = each.line.price
            if not self.cleaned_data["keeps_price"]:
                price = moving.new_price(
                    each.line,
                    self.cleaned_data["to"],
                    self.order.membership,
                    at=timezone.now(),
                    number=number,
                    together=len(chosen),
                ).price
            prices[each.line.pk] = price
        kept = {each.line.pk: moving.kept_after(each.line, prices[each.line.pk]) for each in chosen}
        back = self.balance.owed_if(kept, is_move=True)
        return [(each, prices[each.line.pk], back.get(each.line.pk, ZERO)) for each in chosen]

    def _chosen(self) -> list[LineMoney]:
        return [each for each in self.money if self.cleaned_data[f"place_{each.line.position}"]]
