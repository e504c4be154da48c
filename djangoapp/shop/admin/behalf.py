"""The page on which staff books for somebody: who and what, then what it costs and how it is paid."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import membership_of
from core.exceptions import DomainError
from shop.forms.behalf import DetailsForm, How, WhoAndWhatForm, deadline_in_words
from shop.models import Order
from shop.models.carts import new_token
from shop.services import behalf, payments
from shop.services.orders import ByStaff
from shop.services.places import Wanted
from shop.services.pricing import Quote, parts_of, price_cart


def may_book(user) -> bool:
    return user.has_perm("shop.add_order")


class BookingPage:
    """Mixed into the admin of orders."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.book_view)
        return [path("book/", view, name="shop_order_book"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        context = {"may_book": may_book(request.user), **(extra_context or {})}
        return super().changelist_view(request, context)

    def book_view(self, request: HttpRequest) -> HttpResponse:
        """Book for somebody, in two steps. The second shows the price; only then anything happens."""
        if not may_book(request.user):
            raise PermissionDenied
        who = WhoAndWhatForm(request.POST or None, initial=_begin(request))
        if not (who.is_bound and who.is_valid()) or "again" in request.POST:
            return self._show(request, {"who": who}, status=422 if who.errors else 200)
        if "book" not in request.POST and not who.has_places():
            return self._show(request, {"who": who}, status=422)
        customer, wanted = who.cleaned_data["customer"], who.wanted
        quote = _quote(customer, wanted)
        if "book" not in request.POST:
            details = DetailsForm(initial=_known(customer, quote), wanted=wanted)
            return self._show_details(request, who, details, quote)
        details = DetailsForm(request.POST, wanted=wanted)
        if not details.is_valid():
            return self._show_details(request, who, details, quote)
        try:
            order = self._book(request, who, details)
        except DomainError as refusal:
            quote = _quote(customer, wanted)  # it may be the price that has changed
            again = request.POST.copy()
            again["expected_total"] = str(quote.total)
            details = DetailsForm(again, wanted=wanted)
            details.full_clean()
            details.add_error(None, str(refusal))
            return self._show_details(request, who, details, quote)
        return HttpResponseRedirect(reverse("admin:shop_order_change", args=[order.pk]))

    def _book(self, request: HttpRequest, who: WhoAndWhatForm, details: DetailsForm) -> Order:
        by = ByStaff(request.user, complimentary=details.complimentary)
        email = who.cleaned_data["email"]
        order = behalf.book_for(
            details.cleaned_data["nonce"],
            who.wanted,
            details.purchase(email),
            customer=who.cleaned_data["customer"],
            by=by,
        )
        self.log_addition(request, order, "Booked for the buyer")
        if order.is_pending and details.cleaned_data["how"] == How.PAID:
            order = payments.mark_paid_at_desk(order, actor=request.user)
        behalf.ask_for_payment(order)
        if order.is_paid:
            told = _("Booked and confirmed: the confirmation goes to %(email)s.")
        else:
            told = _("Booked: the letter with the link to pay goes to %(email)s.")
        messages.success(request, told % {"email": email})
        return order

    def _show_details(
        self, request: HttpRequest, who: WhoAndWhatForm, details: DetailsForm, quote: Quote
    ) -> HttpResponse:
        rows = [
            (session, quantity, parts_of((place.unit_price, place.reason) for place in quote.of(session)))
            for session, quantity in who.wanted.items()
        ]
        context = {
            "who": who,
            "details": details,
            "quote": quote,
            "rows": rows,
            "deadline": deadline_in_words(),
            "notes": [note for session in who.wanted if (note := _why_not_public(session))],
        }
        return self._show(request, context, status=422 if details.errors else 200)

    def _show(self, request: HttpRequest, context: dict, status: int) -> HttpResponse:
        frame = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Book for somebody"),
            "media": self.media + context["who"].media,
        }
        return TemplateResponse(request, "admin/shop/order/book.html", frame | context, status=status)


def _begin(request: HttpRequest) -> dict:
    asked = request.GET.get("session", "")
    begin = {"session_0": asked, "places_0": 1} if asked.isascii() and asked.isdecimal() else {}
    customer = request.GET.get("customer", "")
    return begin | ({"customer": customer} if customer.isascii() and customer.isdecimal() else {})


def _quote(customer, wanted: dict) -> Quote:
    membership = membership_of(customer) if customer is not None else ""
    lines = [Wanted(session, quantity, by_staff=True) for session, quantity in wanted.items()]
    return price_cart(lines, None, membership=membership, at=timezone.now())


def _known(customer, quote: Quote) -> dict:
    known = {"expected_total": quote.total, "nonce": new_token(), "how": How.LINK}
    if customer is None:
        return known
    names = {"first_name": customer.first_name, "last_name": customer.last_name}
    return known | names | Order.objects.last_address(customer)


def _why_not_public(session) -> str:
    """What staff books although nobody else could, so that it does not happen by mistake."""
    reason = session.why_not_bookable()
    return f"{session}: {reason}" if reason else ""
