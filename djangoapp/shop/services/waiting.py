"""The waiting list of a full session: joining, leaving, and taking what is offered.

Which places are offered to whom, and for how long they are held, is decided by ``services.places``. Entries are read
and changed under their session's lock, so that nobody leaves and is offered places in the same moment.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.mail import enqueue_mail
from shop.enums import CartStatus, WaitingStatus
from shop.exceptions import AlreadyWaiting, CartClosed, NotOnTheList, OfferOver, PlacesLeft
from shop.models import NOTHING, Cart, CartLine, Opened, Session, WaitingEntry
from shop.querysets import WaitingEntryQuerySet
from shop.services import history, places
from shop.services.cart import forget_hold_of_nothing
from shop.services.places import Wanted
from shop.services.privacy import FORGOTTEN

SWEPT_AT_ONCE = 200


@dataclass(frozen=True)
class Wish:
    """What somebody tells who wants to be told of free places."""

    email: str
    first_name: str
    last_name: str
    quantity: int
    takes_fewer: bool = False


@transaction.atomic
def join(session: Session, wish: Wish, *, user=None, opened: Opened = NOTHING) -> WaitingEntry:
    """Put somebody at the end of the session's waiting list and write them where they stand.

    ``opened`` is what the person's access codes open; the entry remembers the code.
    Raises ``PlacesLeft`` if there is nothing to wait for, ``AlreadyWaiting``, ``NotBookable`` or ``TooManyPlaces``.
    """
    at = timezone.now()
    session = places.lock([session.pk], at=at)[session.pk]
    email = wish.email.lower()
    booked = places.booked_places([session.pk], user=user, email=email)
    code = opened.code_for(session)
    places.validate_lines([Wanted(session, wish.quantity, code is not None)], at=at, booked=booked)
    if session.capacity - session.seats_taken >= wish.quantity:
        raise PlacesLeft(session.title)
    if session.waiting.on_the_list().filter(email=email).exists():
        raise AlreadyWaiting
    entry = WaitingEntry(
        session=session,
        user=user,
        email=email,
        access_code=code,
        first_name=wish.first_name,
        last_name=wish.last_name,
        quantity=wish.quantity,
        takes_fewer=wish.takes_fewer,
    )
    places.queue(entry)
    enqueue_mail(
        "waiting_joined",
        to=email,
        dedupe_key=f"waiting_joined:{entry.pk}",
        context={"entry_id": entry.pk},
    )
    return entry


@transaction.atomic
def leave(entry: WaitingEntry, *, actor=None) -> WaitingEntry:
    """Take somebody off the list who no longer wants places, or declines an offer. Safe to repeat."""
    session, entry = _locked(entry)
    if entry.status in {WaitingStatus.WAITING, WaitingStatus.OFFERED}:
        places.withdraw(session, entry, WaitingStatus.LEFT, actor=actor)
    return entry


@transaction.atomic
def remove(entry: WaitingEntry, *, actor) -> WaitingEntry:
    """Take somebody off the list for the staff. Raises ``NotOnTheList``."""
    session, entry = _locked(entry)
    _must_be_on_the_list(entry)
    places.withdraw(session, entry, WaitingStatus.REMOVED, actor=actor)
    return entry


@transaction.atomic
def offer_now(entry: WaitingEntry, *, actor) -> WaitingEntry:
    """Let staff prefer somebody: an offer at once if a place is free, else the first place on the list.

    Whoever was too late for an offer may have another. They are offered what is free, even if it is less than they
    want. Raises ``NotOnTheList``, ``AlreadyWaiting``, ``NotBookable`` or ``TooManyPlaces``.
    """
    at = timezone.now()
    session, entry = _locked(entry)
    if entry.is_offered:
        return entry
    if entry.status == WaitingStatus.LAPSED:
        if session.waiting.on_the_list().filter(email=entry.email).exists():
            raise AlreadyWaiting
    else:
        _must_be_on_the_list(entry)
    left = session.capacity - session.seats_taken
    booked = places.booked_places([session.pk], user=entry.user, email=entry.email)
    wanted = Wanted(session, min(entry.quantity, left or entry.quantity), entry.is_opened(at))
    places.validate_lines([wanted], at=at, booked=booked)
    if left:
        places.offer(session, entry, at=at, actor=actor)
    else:
        places.requeue(session, entry, actor=actor)
    return entry


@transaction.atomic
def take_offer(entry: WaitingEntry, cart: Cart | None, *, user=None) -> Cart:
    """Put the offered places into the visitor's cart, or into a new one, and return it. Safe to repeat.

    The offer goes on holding them until they are ordered or it ends: the link may be opened again, and elsewhere.
    Raises ``OfferOver``, ``NotBookable`` or ``TooManyPlaces``.
    """
    at = timezone.now()
    cart = _cart_for(entry, cart, user)
    session, entry = _locked(entry)
    if not entry.is_running(at):
        raise OfferOver
    lines = {line.session_id: line for line in cart.lines.order_by().select_related("session")}
    line = lines.pop(session.pk, None) or CartLine(cart=cart, session=session)
    wanted = Wanted(session, entry.offered, entry.is_opened(at))
    booked = places.booked_places([session.pk], user=user, email=entry.email)
    places.validate_lines([wanted], at=at, booked=booked)
    places.validate_total([wanted, *(Wanted(other.session, other.quantity) for other in lines.values())])
    if line.is_held:
        places.free(session, line.quantity)
    line.offer, line.is_held, line.held_until, line.quantity = entry, False, at, entry.offered
    line.access_code = entry.access_code
    line.save()
    forget_hold_of_nothing(cart, [line, *lines.values()])
    return cart


def position_of(entry: WaitingEntry) -> int:
    """Which one in the queue somebody is, counted from one."""
    before = Q(is_preferred=entry.is_preferred, pk__lt=entry.pk)
    if not entry.is_preferred:
        before |= Q(is_preferred=True)
    return WaitingEntry.objects.waiting().filter(before, session=entry.session_id).count() + 1


def sweep() -> int:
    """Let lapsed offers go on to the next, and close the lists of sessions that have begun.

    Returns how many sessions were looked at. Nobody can take what is owed to the list meanwhile: whoever asks for a
    place lets the offers go on first.
    """
    at = timezone.now()
    lapsed = WaitingEntry.objects.lapsed(at).order_by().values("session")
    holds_lapsed = CartLine.objects.lapsed(at).order_by().values("session")
    waited_for = Session.objects.filter(seats_wanted__gt=0)
    has_places = Q(seats_taken__lt=F("capacity")) | Q(pk__in=holds_lapsed)
    begun = WaitingEntry.objects.on_the_list().filter(session__starts_at__lte=at).order_by().values("session")
    found = set(Session.objects.filter(pk__in=lapsed).order_by().values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    found.update(waited_for.filter(has_places).order_by().values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    over = set(begun.values_list("session", flat=True).distinct()[:SWEPT_AT_ONCE])
    for session_id in sorted(found | over):  # one short transaction each, so that nobody waits long
        with transaction.atomic():
            session = places.lock([session_id], at=at)[session_id]
            if session_id in over:
                close(session)
    return len(found | over)


def close(session: Session, *, actor=None, letter: str = "") -> int:
    """End the waiting list of a locked session, with a ``letter`` (a kind of mail) to everybody on it.

    Returns how many were on it.
    """
    entries = list(WaitingEntry.objects.on_the_list().filter(session=session).order_by("pk"))
    # Those without an offer first: nobody is offered what an offer that ends sets free.
    for entry in sorted(entries, key=lambda entry: entry.is_offered):
        places.withdraw(session, entry, WaitingStatus.OVER, actor=actor)
        if letter:
            enqueue_mail(
                letter,
                to=entry.email,
                dedupe_key=f"{letter}:{entry.pk}",
                context={"entry_id": entry.pk},
            )
    return len(entries)


def forget(entries: WaitingEntryQuerySet, sessions: dict[int, Session]) -> None:
    """Take these entries off the lists of the locked ``sessions``, and the person's name and address out of them."""
    for entry in entries.on_the_list():
        places.withdraw(sessions[entry.session_id], entry, WaitingStatus.LEFT)
    entries.update(user=None, email=FORGOTTEN, first_name="", last_name="")


def _locked(entry: WaitingEntry) -> tuple[Session, WaitingEntry]:
    """Lock the entry's session, and return both as they are now."""
    session = places.lock([entry.session_id], at=timezone.now())[entry.session_id]
    return session, WaitingEntry.objects.select_related("user", "access_code").get(pk=entry.pk)


def _must_be_on_the_list(entry: WaitingEntry) -> None:
    if entry.status not in {WaitingStatus.WAITING, WaitingStatus.OFFERED}:
        raise NotOnTheList(_("%(name)s is no longer on the waiting list.") % {"name": entry.name})


def _cart_for(entry: WaitingEntry, cart: Cart | None, user) -> Cart:
    """The cart to put the offer in, locked: the visitor's own, the one it was put into before, or a new one."""
    if cart is None:
        # A link may be opened again and again, also by programs that look at mails: one cart is enough.
        known = CartLine.objects.filter(offer=entry.pk).values("cart")
        carts = Cart.objects.open().filter(pk__in=known, user=user)
        cart = carts.annotate(lines_in_all=Count("lines")).filter(lines_in_all=1).order_by("pk").first()
    if cart is None:
        cart = Cart.objects.create(user=user)
        history.begin(cart)
        return cart
    locked = Cart.objects.select_for_update(no_key=True).get(pk=cart.pk)
    if locked.status != CartStatus.OPEN:
        raise CartClosed
    return locked
