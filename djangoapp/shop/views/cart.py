"""The cart: what a visitor has chosen, and for how long it is held.

Every view here works on the visitor's own cart only, found by the cookie of this browser or by the account; no
address names a cart. Forms are answered by a redirect to the cart, or for htmx by the changed part of the page.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core.exceptions import DomainError
from core.limits import answers_limits, enforce, limited, network_of
from core.money import display
from shop.exceptions import CouponInvalid, CouponNotApplicable
from shop.forms.cart import CouponForm, QuantityForm, SessionForm
from shop.models import Cart, CartLine, Session
from shop.services import access
from shop.services import cart as carts
from shop.services.cart import Choice
from shop.services.policy import in_words, terms_of
from shop.services.pricing import PricedPlace, PricePart, Quote, parts_of, why_dearer
from shop.views.access import open_with
from shop.views.limits import CHANGES, CODE_TRIES, CODE_TRIES_PER_CART, PLACES_HELD
from shop.views.visitor import (
    cart_summary,
    current_cart,
    opened_for,
    reload_cart,
    remember_cart,
    visitor_membership,
    waiting_order,
)

# The browser may show the page again when somebody comes back to it, but asks first.
own_page = cache_control(private=True, no_cache=True)


@dataclass(frozen=True)
class CartRow:
    """One line of the cart as it is shown. ``note`` says why some places cost more than was announced."""

    line: CartLine
    places: list[PricedPlace]
    problem: str  # why it cannot be booked any more; empty if it can
    note: str
    is_changed: bool

    @property
    def parts(self) -> list[PricePart]:
        """Places at the same price for the same reason, together."""
        return parts_of((place.unit_price, place.reason) for place in self.places)

    @property
    def total(self) -> Decimal:
        """What the places cost before the coupon."""
        return sum((place.unit_price for place in self.places), Decimal(0))

    @property
    def policy_words(self) -> list[str]:
        """Until when these places may be given up again, and what that costs."""
        prices = {place.price for place in self.places}
        price = prices.pop() if len(prices) == 1 else None
        return in_words(terms_of(self.session), self.session.tz, price, at=timezone.now())

    @property
    def session(self) -> Session:
        return self.line.session

    @property
    def choices(self) -> range:
        """The numbers of places to choose from: those that are held already, and what is free beside them."""
        if self.line.offered_until:
            return range(1, max(self.line.offer.offered, self.line.quantity) + 1)
        held = 0 if self.line.is_lapsed else self.line.quantity
        most = min(self.session.most_places, held + self.session.seats_left)
        return range(1, max(most, self.line.quantity) + 1)

    @property
    def usual_total(self) -> Decimal:
        return sum((place.list_price for place in self.places), Decimal(0))


@require_safe
@own_page
def cart(request: HttpRequest) -> HttpResponse:
    """Show visitors their own cart. Looking makes none."""
    return render(request, "shop/cart.html", cart_context(request))


@require_POST
@answers_limits
def cart_add(request: HttpRequest) -> HttpResponse:
    """Put places into the visitor's own cart, on top of those that are there, and hold them."""
    session = _session_or_404(request)
    form = QuantityForm(request.POST, at_least=1, at_most=session.most_places)
    if not form.is_valid():
        return _back_to_session(request, session, form.errors["quantity"][0])
    quantity = form.cleaned_data["quantity"]
    enforce(PLACES_HELD, network_of(request), cost=quantity)
    own_cart, opened = current_cart(request), opened_for(request)
    try:
        if own_cart is None:
            own_cart, choice = carts.begin_cart(request.user, session, quantity, opened=opened)
        else:
            choice = carts.add_places(own_cart, session, quantity, opened=opened)
    except DomainError as refusal:
        return _back_to_session(request, session, str(refusal))
    _tell_choice(request, choice, _added(choice))
    return remember_cart(_redirect(request, "shop:cart"), own_cart)


@require_POST
@answers_limits
def cart_set(request: HttpRequest) -> HttpResponse:
    """Change the number of places of one session in the visitor's own cart; none removes it."""
    own_cart = current_cart(request)
    if own_cart is None:
        return _redirect(request, "shop:cart")
    session = _session_or_404(request, own_cart)
    form = QuantityForm(request.POST, at_least=0, at_most=session.most_places)
    if not form.is_valid():
        messages.error(request, form.errors["quantity"][0])
        return _answer(request)
    quantity = form.cleaned_data["quantity"]
    if quantity:
        enforce(PLACES_HELD, network_of(request), cost=quantity)
    else:
        enforce(CHANGES, network_of(request))
    try:
        choice = carts.set_places(own_cart, session, quantity, opened=opened_for(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _answer(request)
    news = _now_has(choice)
    _tell_choice(request, choice, "" if request.htmx else news)
    changed = session if choice.granted < choice.wanted else None
    return _answer(request, news=news, changed=changed, takes_focus=not quantity)


@require_POST
@limited(CHANGES)
def cart_extend(request: HttpRequest) -> HttpResponse:
    """Hold the places of the visitor's own cart anew: longer, or again after the hold had run out."""
    own_cart = current_cart(request)
    if own_cart is None:
        return _redirect(request, "shop:cart")
    try:
        lost = carts.extend_hold(own_cart)
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        return _answer(request)
    for session in lost:
        messages.error(
            request,
            _("“%(title)s” does not have that many places left. Choose fewer, or remove it to go on.")
            % {"title": session.title},
        )
    context = cart_context(request, is_changed=True)
    news = ""
    if until := context.get("held_until"):
        time = f"{timezone.localtime(until):%H:%M}"
        news = _("Your places are held until %(time)s.") % {"time": time}
        if not lost:
            messages.success(request, news)
    return _answer(request, news=news, takes_focus=True, context=context)


@require_POST
@limited(CODE_TRIES)
def coupon_redeem(request: HttpRequest) -> HttpResponse:
    """Put a coupon on the visitor's own cart."""
    own_cart = current_cart(request)
    if own_cart is None:
        return _redirect(request, "shop:cart")
    enforce(CODE_TRIES_PER_CART, str(own_cart.pk))
    form = CouponForm(request.POST)
    if not form.is_valid():
        if "required" not in {error.code for error in form.errors["code"].as_data()}:
            form = _with_error(form, str(CouponInvalid()))
        return _answer(request, coupon_form=form)
    try:
        carts.redeem(own_cart, form.cleaned_data["code"])
    except CouponInvalid as refusal:
        if code := access.find(form.cleaned_data["code"]):  # it opens sessions instead
            return open_with(request, code)
        return _answer(request, coupon_form=_with_error(form, str(refusal)))
    except CouponNotApplicable as refusal:
        return _answer(request, coupon_form=_with_error(form, str(refusal)))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _answer(request)
    context = cart_context(request, is_changed=True)
    news = _("Code %(code)s takes off %(amount)s.") % {
        "code": form.cleaned_data["code"].upper(),
        "amount": display(context["quote"].discount),
    }
    messages.success(request, news)
    return _answer(request, news=news, takes_focus=True, context=context)


@require_POST
@limited(CHANGES)
def coupon_drop(request: HttpRequest) -> HttpResponse:
    """Take the coupon off the visitor's own cart."""
    own_cart = current_cart(request)
    if own_cart is None:
        return _redirect(request, "shop:cart")
    carts.drop_coupon(own_cart)
    news = _("The code is taken off.")
    if not request.htmx:
        messages.success(request, news)
    return _answer(request, news=news, takes_focus=True)


def cart_context(request: HttpRequest, *, changed: Session | None = None, is_changed: bool = False) -> dict:
    """Everything that the cart's templates show. ``is_changed`` reads the cart anew first."""
    own_cart = reload_cart(request) if is_changed else current_cart(request)
    now = timezone.now()
    lines = carts.lines_of(own_cart) if own_cart else []
    if not lines:
        return {"rows": [], "waiting_order": waiting_order(request)}
    quote = carts.quote_cart(own_cart, at=now, membership=visitor_membership(request), lines=lines)
    rows = [_row(line, quote, now, changed) for line in lines]
    is_held = any(line.is_held and not line.is_lapsed for line in lines)
    return {
        "cart": own_cart,
        "rows": rows,
        "quote": quote,
        "held_until": own_cart.held_until if is_held else None,
        "can_extend": is_held and own_cart.held_until < own_cart.hold_ceiling_at,
        "lapsed_places": sum(row.line.quantity for row in rows if row.line.is_lapsed),
        "problems": [row for row in rows if row.problem],
        "coupon_form": CouponForm(),
    }


def _row(line: CartLine, quote: Quote, now, changed: Session | None) -> CartRow:
    places = quote.of(line.session)
    return CartRow(
        line=line,
        places=places,
        problem=line.session.why_not_bookable(now, is_opened=line.is_opened(now)),
        note=why_dearer(places, at=now),
        is_changed=changed is not None and line.session_id == changed.pk,
    )


def _answer(
    request: HttpRequest,
    *,
    news: str = "",
    changed: Session | None = None,
    coupon_form: CouponForm | None = None,
    takes_focus: bool = False,
    context: dict | None = None,
) -> HttpResponse:
    """Answer a change: htmx gets the cart in its new state, everybody else is sent to its page.

    A form with an error is shown at once, so that what was typed stays. ``news`` is said to screen readers.
    """
    if not request.htmx and coupon_form is None:
        return redirect("shop:cart")
    context = context or cart_context(request, changed=changed, is_changed=True)
    status = 200
    if coupon_form is not None and context["rows"]:
        context["coupon_form"] = coupon_form
        status = 422
    if not request.htmx:
        return render(request, "shop/cart.html", context, status=status)
    context |= {
        "news": news,
        "takes_focus": takes_focus,
        "cart_summary": cart_summary(request),
    }
    return render(request, "shop/_cart_swap.html", context, status=status)


def _redirect(request: HttpRequest, to) -> HttpResponse:
    """Send the browser to another page, whoever asked: the form itself or htmx."""
    response = redirect(to)
    return HttpResponseClientRedirect(response.url) if request.htmx else response


def _session_or_404(request: HttpRequest, own_cart: Cart | None = None) -> Session:
    """The session that a form names: one that the visitor may see, or one that is in their cart already."""
    form = SessionForm(request.POST)
    if not form.is_valid():
        raise Http404
    sessions = Session.objects.published(opened_for(request))
    if own_cart is not None:
        sessions |= Session.objects.filter(pk__in=own_cart.lines.order_by().values("session"))
    sessions = sessions.select_related("project")
    return get_object_or_404(sessions, slug=form.cleaned_data["session"])


def _back_to_session(request: HttpRequest, session: Session, problem: str) -> HttpResponse:
    messages.error(request, problem)
    return _redirect(request, session)


def _with_error(form: CouponForm, problem: str) -> CouponForm:
    form.errors.pop("code", None)
    form.add_error("code", problem)
    form.fields["code"].widget.attrs["autofocus"] = True
    return form


def _tell_choice(request: HttpRequest, choice: Choice, success: str) -> None:
    """Say that fewer places were left than were wanted, or else what there is to say."""
    more = choice.granted - choice.had
    if choice.granted < choice.wanted and more <= 0:
        words = {"title": choice.session.title, "places": choice.granted}
        problem = ngettext(
            "“%(title)s” has no other place left. You keep the one in your cart.",
            "“%(title)s” has no other places left. You keep the %(places)d in your cart.",
            choice.granted,
        )
        messages.warning(request, problem % words)
    elif choice.granted < choice.wanted:
        problem = ngettext(
            "Only %(left)d place was left. Somebody was quicker; we put that one into your cart.",
            "Only %(left)d places were left. Somebody was quicker; we put those into your cart.",
            more,
        )
        messages.warning(request, problem % {"left": more})
    elif success:
        messages.success(request, success)


def _added(choice: Choice) -> str:
    return ngettext(
        "%(places)d place in “%(title)s” is in your cart.",
        "%(places)d places in “%(title)s” are in your cart.",
        choice.granted,
    ) % {"places": choice.granted, "title": choice.session.title}


def _now_has(choice: Choice) -> str:
    title = choice.session.title
    if not choice.granted:
        return _("“%(title)s” is no longer in your cart.") % {"title": title}
    return ngettext("“%(title)s”: %(places)d place.", "“%(title)s”: %(places)d places.", choice.granted) % {
        "places": choice.granted,
        "title": title,
    }
