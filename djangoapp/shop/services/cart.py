"""Carts: choosing places, holding them for a while, and letting them go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.services import membership_of
from core.exceptions import DomainError
from shop.enums import CartStatus
from shop.exceptions import CartClosed, CartEmpty, HoldCeilingReached, NotBookable, SessionFull, TooManyPlaces
from shop.expressions import lapsed_places
from shop.models import NOTHING, Cart, CartLine, Opened, Order, Session
from shop.services import coupons, history, places
from shop.services.places import Wanted
from shop.services.pricing import Quote, coupon_discounts, price_cart

ABANDONED_AFTER = timedelta(days=30)


@dataclass(frozen=True)
class Choice:
    """How a wish for places ended: ``granted`` may be less than ``wanted`` when few were left.

    All three count the places of the session in the cart; ``had`` those that were held before.
    """

    session: Session
    wanted: int
    granted: int
    had: int = 0


@transaction.atomic
def open_cart(user) -> Cart:
    """Make an empty cart for a visitor, who may be anonymous."""
    cart = Cart.objects.create(user=user if user.is_authenticated else None)
    history.begin(cart)
    return cart


def find_cart(token: str, user) -> Cart | None:
    """Return the visitor's open cart: the one of this browser, or the one that the user left on another device.

    It comes ``with_places()``.
    """
    carts = Cart.objects.open().with_places()
    if token and (cart := carts.filter(token=token).first()):
        if cart.user_id is None and user.is_authenticated:
            Cart.objects.filter(pk=cart.pk, user=None).update(user=user)
            cart.user = user
        if cart.user_id is None or (user.is_authenticated and cart.user_id == user.pk):
            return cart
    if user.is_authenticated:
        return carts.filter(user=user).order_by("-pk").first()
    return None


def find_order(token: str, user) -> Order | None:
    """Return the order that the visitor's cart has become: the form of a checkout may be sent more than once."""
    carts = Cart.objects.filter(token=token, status=CartStatus.ORDERED)
    owner = Q(user=user) if user.is_authenticated else Q(user=None)
    return Order.objects.filter(cart__in=carts.filter(owner)).first()


@transaction.atomic
def begin_cart(user, session: Session, quantity: int, *, opened: Opened = NOTHING) -> tuple[Cart, Choice]:
    """Make a cart for a visitor who has none, with places in it. Raises as ``add_places``; then there is no cart."""
    at = timezone.now()
    cart = Cart(user=user if user.is_authenticated else None)
    cart.held_until = _longest_hold(cart, at)
    cart.save()
    history.begin(cart)
    sessions = places.lock([session.pk], at=at)
    return cart, _hold(cart, sessions, {}, session.pk, quantity, at, opened)


@transaction.atomic
def add_places(cart: Cart, session: Session, quantity: int, *, opened: Opened = NOTHING) -> Choice:
    """Put places into the cart and hold them. Asking for more than are left takes what there is.

    ``opened`` is what the visitor's access codes open; the cart remembers the code.
    Raises ``NotBookable``, ``TooManyPlaces``, ``CartClosed``, or ``SessionFull`` when none is left.
    """
    return _set_places(cart, session.pk, quantity, opened, is_relative=True)


@transaction.atomic
def set_places(cart: Cart, session: Session, quantity: int, *, opened: Opened = NOTHING) -> Choice:
    """Change the number of places in one session; zero removes it. Safe to repeat. Raises as ``add_places``."""
    return _set_places(cart, session.pk, quantity, opened, is_relative=False)


@transaction.atomic
def set_many(cart: Cart, wanted: Mapping[Session, int]) -> tuple[list[Choice], list[DomainError]]:
    """Change the number of places in several sessions, each as far as it can be had. Safe to repeat.

    Returns what was chosen, and why the others cannot be had. All sessions are locked together, before the first
    place is taken: one by one, they would be locked in no order. Raises ``CartClosed``.
    """
    at = timezone.now()
    cart = _lock(cart)
    sessions = places.lock([session.pk for session in wanted], at=at, cart=cart)
    lines = _lines_by_session(cart)
    choices: list[Choice] = []
    refusals: list[DomainError] = []
    for session, quantity in wanted.items():
        try:
            choices.append(_hold(cart, sessions, lines, session.pk, quantity, at, NOTHING))
        except (NotBookable, TooManyPlaces, SessionFull) as refusal:
            refusals.append(refusal)
    return choices, refusals


@transaction.atomic
def extend_hold(cart: Cart) -> list[Session]:
    """Hold all places anew, up to the ceiling. Returns the sessions whose places could not be had again.

    Raises ``HoldCeilingReached`` when the hold cannot get longer, ``CartEmpty`` or ``CartClosed``.
    """
    at = timezone.now()
    cart = _lock(cart)
    sessions = places.lock([], at=at, cart=cart)
    lines = list(cart.lines.select_related("offer", "access_code").order_by("session__starts_at", "pk"))
    if not lines:
        raise CartEmpty
    # What the waiting list was offered is held as long as the offer says, and no longer.
    lines = [line for line in lines if not line.is_offered(at)]
    if not lines:
        raise HoldCeilingReached
    if any(line.is_held for line in lines):
        until = _longest_hold(cart, at)
        if until <= cart.held_until:
            raise HoldCeilingReached
    lost = []
    for line in lines:
        session = sessions[line.session_id]
        try:
            _hold_again(line, session, cart, at)
        except (SessionFull, NotBookable):
            lost.append(session)
    _renew(cart, at, lines)
    return lost


@transaction.atomic
def redeem(cart: Cart, code: str) -> None:
    """Put a coupon on the cart, in place of another. Raises ``CouponInvalid`` or ``CouponNotApplicable``."""
    at = timezone.now()
    cart = _lock(cart)
    coupon = coupons.find(code, at=at)
    quote = quote_cart(cart, at=at, membership=_membership(cart))
    coupon_discounts(quote.places, coupon, at=at)
    cart.coupon = coupon
    cart.save(update_fields=["coupon", "updated_at"])


def drop_coupon(cart: Cart) -> None:
    """Take the coupon off the cart. Repeating it is harmless."""
    Cart.objects.open().filter(pk=cart.pk).update(coupon=None)


def lines_of(cart: Cart) -> list[CartLine]:
    """The cart's lines with their sessions, soonest first.

    Each is told apart in ``is_lapsed``; one whose places an offer to the waiting list holds has its end in
    ``offered_until``.
    """
    at = timezone.now()
    shown = cart.lines.select_related(
        "session__project__tax_rule",
        "session__project__policy",
        "session__project__category",
        "offer",
        "access_code",
    )
    lines = list(shown.with_places_sold().annotate(lapsed_there=lapsed_places("session__")))
    for line in lines:
        line.session.places_sold = line.places_sold
        line.session.seats_left = line.session.capacity - line.session.seats_taken + line.lapsed_there
        line.is_lapsed = line.is_lapsed_at(at)
        line.offered_until = line.offer.offer_until if line.is_offered(at) else None
    return lines


def quote_cart(cart: Cart, *, at: datetime, membership: str, lines: list[CartLine] | None = None) -> Quote:
    """Price the cart for display, as of ``at``."""
    lines = lines_of(cart) if lines is None else lines
    wanted = [Wanted(line.session, line.quantity) for line in lines]
    return price_cart(wanted, cart.coupon, membership=membership, at=at)


def forget_hold_of_nothing(cart: Cart, lines: list[CartLine]) -> None:
    """No countdown runs in a (locked) cart whose lines are all held by offers to the waiting list."""
    if lines and cart.held_until is not None and not any(line.is_held for line in lines):
        cart.held_until = None
        cart.save(update_fields=["held_until", "updated_at"])


def sweep_lapsed(limit: int = 500) -> int:
    """Tidy up: free what lapsed, forget carts that were abandoned long ago. Returns how many sessions were freed.

    Nothing depends on it: a lapsed hold counts as free from the instant on which it lapses.
    """
    at = timezone.now()
    session_ids = CartLine.objects.lapsed(at).order_by().values_list("session", flat=True).distinct()[:limit]
    freed = 0
    for session_id in list(session_ids):  # one short transaction each, so that nobody waits long
        with transaction.atomic():
            places.lock([session_id], at=at)
        freed += 1
    _forget_abandoned(at, limit)
    return freed


@transaction.atomic
def _forget_abandoned(at: datetime, limit: int) -> None:
    """Delete carts that nobody has touched for long. Lock, then look: one may come alive at this moment."""
    abandoned = Cart.objects.open().filter(updated_at__lt=at - ABANDONED_AFTER).exclude(lines__is_held=True)
    pks = list(abandoned.order_by("pk").values_list("pk", flat=True)[:limit])
    locked = Cart.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")
    abandoned.filter(pk__in=[cart.pk for cart in locked]).delete()


def _lock(cart: Cart) -> Cart:
    """Lock the cart's row and return it as it is now. Raises ``CartClosed``, also if it was just swept up."""
    locked = Cart.objects.open().select_for_update(no_key=True).filter(pk=cart.pk).first()
    if locked is None:
        raise CartClosed
    return locked


def _membership(cart: Cart) -> str:
    return membership_of(cart.user) if cart.user_id else ""


def _lines_by_session(cart: Cart) -> dict[int, CartLine]:
    return {line.session_id: line for line in cart.lines.select_related("offer", "access_code").order_by()}


def _set_places(cart: Cart, session_id: int, quantity: int, opened: Opened, *, is_relative: bool) -> Choice:
    at = timezone.now()
    cart = _lock(cart)
    sessions = places.lock([session_id], at=at, cart=cart)
    lines = _lines_by_session(cart)
    line = lines.get(session_id)
    if is_relative and line is not None:
        quantity += line.quantity
    if quantity < 1:
        if line is not None:
            _remove(line, sessions[session_id])
            forget_hold_of_nothing(cart, [other for other in lines.values() if other is not line])
        return Choice(sessions[session_id], 0, 0)
    return _hold(cart, sessions, lines, session_id, quantity, at, opened)


def _hold(
    cart: Cart,
    sessions: dict[int, Session],
    lines: dict[int, CartLine],
    session_id: int,
    quantity: int,
    at: datetime,
    opened: Opened,
) -> Choice:
    """Hold so many places, or as many as there are, of one of the (locked) sessions in the (locked) cart."""
    session, line = sessions[session_id], lines.get(session_id)
    others = [Wanted(sessions[pk], other.quantity) for pk, other in lines.items() if pk != session_id]
    code = opened.code_for(session) or (line.access_code if line is not None else None)
    is_opened = code is not None and code.is_valid(at)
    booked = places.booked_places([session_id], user=cart.user, email="")
    places.validate_lines([Wanted(session, quantity, is_opened)], at=at, booked=booked)
    places.validate_total([*others, Wanted(session, quantity)])

    if line is not None and line.is_offered(at):
        return _hold_offered(line, session, quantity)
    held = line.quantity if line is not None and line.is_held else 0
    left = session.capacity - session.seats_taken
    granted = min(quantity, held + left)
    if granted < 1:
        raise SessionFull(session.title, 0)
    if granted > held:
        places.take(session, granted - held)
    elif granted < held:
        places.free(session, held - granted)
    if line is None:
        line = CartLine(cart=cart, session=session)
    line.quantity = granted
    line.is_held = True
    line.offer = None  # it holds places of its own from here on, whatever the offer comes to
    line.held_until = _longest_hold(cart, at)
    line.access_code = code
    line.save()
    lines[session_id] = line
    _renew(cart, at, lines.values())
    return Choice(session, quantity, granted, held)


def _hold_offered(line: CartLine, session: Session, quantity: int) -> Choice:
    """Want so many of the places that an offer holds. There are no others: more than it has, nobody gets."""
    had, line.quantity = line.quantity, min(quantity, line.offer.offered)
    line.save(update_fields=["quantity"])
    return Choice(session, quantity, line.quantity, had)


def _remove(line: CartLine, session: Session) -> None:
    if line.is_held:
        places.free(session, line.quantity)
    line.delete()


def _hold_again(line: CartLine, session: Session, cart: Cart, at: datetime) -> None:
    booked = places.booked_places([session.pk], user=cart.user, email="")
    places.validate_lines([Wanted(session, line.quantity, line.is_opened(at))], at=at, booked=booked)
    if not line.is_held:
        places.take(session, line.quantity)
        line.is_held, line.offer = True, None
        line.save(update_fields=["is_held", "offer"])


def _longest_hold(cart: Cart, at: datetime) -> datetime:
    """Until when the cart's places may be held, if the hold is renewed now."""
    is_running = cart.held_until is not None and cart.held_until > at
    if not is_running:
        cart.hold_ceiling_at = at + timedelta(minutes=settings.SHOP_HOLD_CEILING_MINUTES)
    return min(at + timedelta(minutes=settings.SHOP_HOLD_MINUTES), cart.hold_ceiling_at)


def _renew(cart: Cart, at: datetime, lines: Iterable[CartLine]) -> None:
    """Give all held lines of the (locked) cart the same new end."""
    lines = [line for line in lines if line.is_held]
    if not lines:
        return
    until = _longest_hold(cart, at)
    if cart.held_until != until:
        cart.held_until = until
        cart.save(update_fields=["held_until", "hold_ceiling_at", "updated_at"])
    if any(line.held_until != until for line in lines):
        cart.lines.filter(is_held=True).update(held_until=until)
