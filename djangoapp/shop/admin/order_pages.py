"""Pages beside an order on which staff changes it: cancel places, refund, move, rename.

Each takes two steps: the form, and a page that shows what will happen and what it costs. Staff is not bound by what
was agreed with the buyer; the pages show it all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.exceptions import DomainError
from core.money import ZERO, display
from shop.admin.order_forms import GiveUpForm, MoveForm, RefundForm
from shop.enums import OrderStatus
from shop.forms.changes import NamesForm
from shop.models import Order, OrderLine, Refund
from shop.services import changes, moving, refunds
from shop.services.balance import balance_of
from shop.services.own_orders import choices_of


@dataclass(frozen=True)
class Review:
    """What the second page shows before it happens."""

    title: str
    button: str
    rows: list[tuple[str, str, str]]  # for whom, what happens, how much
    total: str = ""
    consequences: list[str] = field(default_factory=list)
    is_grave: bool = False


class OrderPages:
    """Mixed into the admin of orders: more addresses below each order, and the buttons that lead there."""

    def get_urls(self) -> list[URLPattern]:
        views = {
            "give-up": self.give_up_view,
            "refund": self.refund_view,
            "move": self.move_view,
            "names": self.names_view,
        }
        ours = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"shop_order_{name}")
            for name, view in views.items()
        ]
        return [*ours, *super().get_urls()]

    def ways(self, request: HttpRequest, order: Order | None) -> list[dict]:
        """The pages of this order that make sense and that this member of staff may open, as buttons."""
        if order is None or not self.has_act_permission(request):
            return []
        is_paid = order.status == OrderStatus.PAID
        shown = []
        if is_paid and self.may_refund(request):
            shown += [("move", _("Move"), False)]
        if order.holds_places:
            shown += [("names", _("Names"), False)]
        if self.may_refund(request) and balance_of(order).left > 0:
            shown += [("refund", _("Refund"), False)]
        if is_paid and self.may_refund(request):
            shown += [("give-up", _("Cancel places"), True)]
        ways = [
            {"url": _address(name, order), "label": label, "is_grave": is_grave}
            for name, label, is_grave in shown
        ]
        if self.may_refund(request):  # the page lets the buyer give places up, and money goes back
            ways.append({"url": order.get_absolute_url(), "label": _("View on site"), "is_grave": False})
        return ways

    def give_up_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cancel places, with a fee or without, and refund the rest."""
        order = self._order(request, pk, [OrderStatus.PAID], needs_refund=True)
        form = GiveUpForm(_data(request), choices=choices_of(order, at=timezone.now()), order=order)

        def review() -> Review:
            by_line = form.back()
            rows = [
                (
                    choice.line.attendee_name,
                    choice.line.description,
                    display(by_line.get(choice.line.pk, ZERO), order.currency),
                )
                for choice in form.chosen()
            ]
            back = sum(by_line.values(), ZERO)
            return Review(
                title=_("Cancel these places?"),
                button=_("Yes, cancel and refund %(amount)s") % {"amount": display(back, order.currency)}
                if back
                else _("Yes, cancel"),
                rows=rows,
                total=display(back, order.currency),
                consequences=[
                    _("The places are free for others at once, and their tickets are void."),
                    _("The buyer gets a mail that says what is kept and what goes back."),
                ],
                is_grave=True,
            )

        def act() -> str:
            with transaction.atomic():
                gone = changes.cancel_lines(
                    order,
                    [choice.line for choice in form.chosen()],
                    actor=request.user,
                    note=form.cleaned_data["note"] or "Cancelled by the studio",
                    fees=form.fees(),
                )
                if not gone:
                    return _("These places had been cancelled already.")
                refund = refunds.refund_owed(
                    order,
                    reason=form.cleaned_data["note"] or _("Cancelled by the studio"),
                    by=request.user,
                    lines=gone,
                    provider=form.cleaned_data["way"],
                )
                changes.tell_given_up(order, gone, refund)
            count = len(gone)
            said = ngettext("%(count)d place is cancelled.", "%(count)d places are cancelled.", count) % {
                "count": count
            }
            return f"{said} {_going_back(refund)}"

        return self._flow(request, order, form, "give_up", _("Cancel places"), review, act)

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send money back, place by place, whether or not the places are kept."""
        order = self._order(request, pk, None, needs_refund=True)
        balance = balance_of(order)
        form = RefundForm(_data(request), balance=balance, order=order)

        def review() -> Review:
            parts = form.parts()
            rows = [
                (
                    money.line.attendee_name,
                    _why(money.line, parts[money.line.pk] > money.owed),
                    display(parts[money.line.pk], order.currency),
                )
                for money in balance.lines
                if money.line.pk in parts
            ]
            total = display(sum(parts.values(), ZERO), order.currency)
            return Review(
                title=_("Refund this?"),
                button=_("Yes, refund %(amount)s") % {"amount": total},
                rows=rows,
                total=total,
                consequences=[
                    _("No place is given up by this."),
                    _("The buyer gets a mail with the amount and the reason."),
                ],
            )

        def act() -> str:
            parts = form.parts()
            with transaction.atomic():
                refund = refunds.request(
                    balance.payment,
                    sum(parts.values(), ZERO),
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    lines=parts,
                    provider=form.cleaned_data["way"],
                    nonce=str(form.cleaned_data["nonce"]),
                )
                refunds.tell_made(refund)
            return _going_back(refund)

        return self._flow(request, order, form, "refund", _("Refund"), review, act)

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Move places to another date of their project, hidden or not."""
        order = self._order(request, pk, [OrderStatus.PAID], needs_refund=True)
        balance = balance_of(order, also=["session__project__policy"])
        form = MoveForm(_data(request), balance=balance, order=order)

        def review() -> Review:
            rows, back = [], ZERO
            for money, price, goes_back in form.prices():
                back += goes_back
                rows.append(
                    (
                        money.line.attendee_name,
                        display(price, order.currency),
                        display(goes_back, order.currency),
                    )
                )
            return Review(
                title=_("Move to %(date)s?") % {"date": form.cleaned_data["to"]},
                button=_("Yes, move"),
                rows=rows,
                total=display(back, order.currency),
                consequences=[
                    _("The old places are free for others at once; the tickets are exchanged."),
                    _("The buyer gets a mail with the new date."),
                ],
            )

        def act() -> str:
            with transaction.atomic():
                moved = moving.move_lines(
                    order,
                    form.chosen(),
                    form.cleaned_data["to"],
                    actor=request.user,
                    note=form.cleaned_data["note"] or "Moved by the studio",
                    keeps_price=form.cleaned_data["keeps_price"],
                    is_staff=True,
                )
                if not moved:
                    return _("These places had moved already.")
                refund = refunds.refund_owed(
                    order, reason=_("Cheaper on the new date"), by=request.user, lines=moved
                )
                moving.tell_moved(order, moved, refund)
            count = len(moved)
            said = ngettext("%(count)d place has moved.", "%(count)d places have moved.", count) % {
                "count": count
            }
            return f"{said} {_going_back(refund)}"

        return self._flow(request, order, form, "move", _("Move to another date"), review, act)

    def names_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write other names on places, also after the session."""
        order = self._order(request, pk, [OrderStatus.PENDING, OrderStatus.PAID], needs_refund=False)
        lines = list(order.lines.kept().select_related("session__project").order_by("position"))
        form = NamesForm(request.POST or None, lines=lines)
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                locked = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
                changed = changes.rename_lines(locked.lines.kept(), form.names(), actor=request.user)
            said = _("The names are changed.") if changed else _("The names are as they were.")
            messages.success(request, said)
            return HttpResponseRedirect(_address("change", order))
        context = {"title": _("Names"), "form": form}
        return self._page(request, order, "names", context, status=422 if form.is_bound else 200)

    def _flow(
        self,
        request: HttpRequest,
        order: Order,
        form: forms.Form,
        template: str,
        title: str,
        review: Callable[[], Review],
        act: Callable[[], str],
    ) -> HttpResponse:
        """The form; once it is filled in, what will happen; once that is confirmed, it happens."""
        if not form.is_bound or not form.is_valid():
            context = {"title": title, "form": form}
            return self._page(request, order, template, context, status=422 if form.is_bound else 200)
        try:
            if request.POST.get("confirmed") != "yes":
                shown = review()
                return self._page(
                    request, order, "review", {"title": shown.title, "review": shown, "form": form}
                )
            messages.success(request, act())
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(_address("change", order))

    def may_refund(self, request: HttpRequest) -> bool:
        """Whether this member of staff may send money back."""
        return request.user.has_perm("shop.change_refund")

    def _order(
        self, request: HttpRequest, pk: int, statuses: list[OrderStatus] | None, *, needs_refund: bool
    ) -> Order:
        if not self.has_act_permission(request) or (needs_refund and not self.may_refund(request)):
            raise PermissionDenied
        orders = Order.objects.all() if statuses is None else Order.objects.filter(status__in=statuses)
        return get_object_or_404(orders, pk=pk)

    def _page(
        self, request: HttpRequest, order: Order, template: str, context: dict, status: int = 200
    ) -> HttpResponse:
        frame = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "order": order,
            "media": self.media,
        }
        address = f"admin/shop/order/{template}.html"
        return TemplateResponse(request, address, frame | context, status=status)


def _data(request: HttpRequest):
    return request.POST if request.method == "POST" else None


def _why(line: OrderLine, is_kindness: bool) -> str:
    if not is_kindness:
        return _("owed to the buyer")
    return _("taken off the price") if line.cancelled_at is None else _("taken off the fee")


def _going_back(refund: Refund | None) -> str:
    if refund is None:
        return _("Nothing goes back.")
    words = {"amount": display(refund.amount, refund.payment.currency)}
    if refund.is_at_desk:
        return _("%(amount)s is to be paid out at the desk.") % words
    return _("%(amount)s goes back.") % words


def _address(page: str, order: Order) -> str:
    return reverse(f"admin:shop_order_{page}", args=[order.pk])
