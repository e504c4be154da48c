"""The only code that takes or frees places.

``Session.seats_taken`` counts what carts hold, what is offered to the waiting list and what orders keep. Whoever
changes it locks the sessions first, all at once and sorted by primary key, so that two buyers with the same two
sessions never wait for each other. The CHECK constraint on the counter is the belt: without the lock the database
itself would still refuse to oversell.

Free places belong to the waiting list first: whatever becomes free is offered to it before the lock is let go, and an
offer holds its places until it ends. Entries are offered places in order. Who wants more than are free and would not
take fewer is passed over, and stays where they are; what nobody on the list can use is on sale for everybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.mail import enqueue_mail
from shop.enums import WaitingStatus
from shop.exceptions import NotBookable, SessionFull, TooManyPlaces
from shop.expressions import has_lapsed
from shop.models import Cart, CartLine, Order, OrderLine, Session, WaitingEntry
from shop.services import history

SHORTEST_OFFER = timedelta(minutes=30)


@dataclass(frozen=True)
class Wanted:
    """So many places in one session.

    ``is_opened``: an access code opens it to this buyer. ``by_staff``: the studio books for somebody, which no limit
    and no sales window holds up.
    """

    session: Session
    quantity: int
    is_opened: bool = False
    by_staff: bool = False


def lock(session_ids: Iterable[int], *, at: datetime, cart: Cart | None = None) -> dict[int, Session]:
    """Lock the sessions until the transaction ends, free what lapsed in them, and return them as they are now.

    Call it once in a transaction, late, before looking. ``at`` (aware) decides which holds have run out. The sessions
    of a (locked) cart are locked together with the others. What is free and waited for is offered to who waits.
    """
    wanted = set(session_ids)
    if cart is not None:
        in_cart = cart.lines.order_by().values_list("session", flat=True)
        # Either list alone finds its rows by the index; both joined by OR would read the whole table.
        wanted = wanted.union(in_cart) if wanted else in_cart
    locked = (
        Session.objects.select_for_update(of=("self",), no_key=True)
        .select_related("project__tax_rule", "project__policy")
        .annotate(has_lapsed=has_lapsed(at))
    )
    sessions = {session.pk: session for session in locked.filter(pk__in=wanted).order_by("pk")}
    # Seen before the lock was had, that is enough: what runs out later than ``at`` is not looked for, and
    # what others swept up meanwhile is not found any more.
    if any(session.has_lapsed for session in sessions.values()):
        _free_lapsed(sessions, at)
    for session in sessions.values():
        _offer_what_is_free(session, at)
    return sessions


def _free_lapsed(sessions: dict[int, Session], at: datetime) -> None:
    """Free what carts and offers held until now, in one look at both."""
    lines = CartLine.objects.lapsed(at).filter(session__in=list(sessions)).order_by()
    offers = WaitingEntry.objects.lapsed(at).filter(session__in=list(sessions)).order_by()
    lapsed = list(
        lines.values_list("pk", "session", "quantity", Value(False)).union(
            offers.values_list("pk", "session", "offered", Value(True)), all=True
        )
    )
    held = [pk for pk, _session, _quantity, is_offer in lapsed if not is_offer]
    if held:
        CartLine.objects.filter(pk__in=held).update(is_held=False)
    for pk, session_id, quantity, is_offer in lapsed:
        _change(sessions[session_id], -quantity)
        if is_offer:
            entry = WaitingEntry.objects.get(pk=pk)
            history.move(entry, WaitingStatus.LAPSED)
            _tell(entry, "waiting_lapsed")


def take(session: Session, quantity: int) -> None:
    """Take places in a locked session. Raises ``SessionFull``, which tells how many are left."""
    left = session.capacity - session.seats_taken
    if quantity > left:
        raise SessionFull(session.title, left)
    _change(session, quantity)


def free(session: Session, quantity: int) -> None:
    """Give places of a locked session back: to who waits for them, or else to everybody."""
    _change(session, -quantity)
    _offer_what_is_free(session, timezone.now())


def _change(session: Session, by: int) -> None:
    Session.objects.filter(pk=session.pk).update(seats_taken=F("seats_taken") + by)
    session.seats_taken += by


def queue(entry: WaitingEntry) -> None:
    """Write a new entry of the waiting list of a locked session, ``entry.session``."""
    entry.save()
    history.begin(entry, actor=entry.user)
    _change_wanted(entry.session, entry.quantity)


def requeue(session: Session, entry: WaitingEntry, *, actor=None) -> None:
    """Let an entry of a locked session wait before all others; it may have had an offer that lapsed."""
    entry.is_preferred = True
    if entry.is_waiting:
        entry.save(update_fields=["is_preferred", "updated_at"])
        return
    history.move(entry, WaitingStatus.WAITING, actor=actor, note="Put first", also=("is_preferred",))
    _change_wanted(session, entry.quantity)


def offer(session: Session, entry: WaitingEntry, *, at: datetime, actor=None) -> None:
    """Offer an entry of a locked session what it wants, or what there is, and hold it. Raises ``SessionFull``."""
    left = session.capacity - session.seats_taken
    quantity = max(1, min(entry.quantity, left))
    take(session, quantity)
    if entry.is_waiting:
        _change_wanted(session, -entry.quantity)
    entry.offered, entry.offered_at, entry.offer_until = quantity, at, _offer_ends(session, at)
    entry.offers += 1
    also = ("offered", "offered_at", "offer_until", "offers")
    history.move(entry, WaitingStatus.OFFERED, actor=actor, also=also)
    _tell(entry, "waiting_offer")


def withdraw(session: Session, entry: WaitingEntry, status: WaitingStatus, *, actor=None) -> None:
    """Take an entry that is on the list of a locked session off it; what was offered to it goes on to the next."""
    was_offered = entry.is_offered
    if not was_offered:
        _change_wanted(session, -entry.quantity)
    history.move(entry, status, actor=actor)
    if was_offered:
        free(session, entry.offered)


def hand_over(session: Session, entry: WaitingEntry, order: Order, quantity: int) -> None:
    """Let an order keep places of a running offer of a locked session; those it did not want go on to the next.

    The offer has no more than it says: what the order keeps beyond that the caller has to ``take``.
    """
    if quantity > entry.offered:
        raise ValueError(f"{quantity} places of an offer of {entry.offered}")
    entry.order = order
    history.move(entry, WaitingStatus.TAKEN, actor=order.customer, also=("order",))
    if quantity < entry.offered:
        free(session, entry.offered - quantity)


def _offer_what_is_free(session: Session, at: datetime) -> None:
    """Offer free places of a locked session to who waits for them, in order, as long as somebody can use them."""
    # Whom an access code lets in is looked at one by one.
    if not session.seats_wanted or session.why_not_bookable(at, is_opened=True):
        return
    waiting = WaitingEntry.objects.waiting().filter(session=session).select_related("user", "access_code")
    passed_over = []
    while (left := session.capacity - session.seats_taken) > 0:
        fits = Q(quantity__lte=left) | Q(takes_fewer=True)
        entry = waiting.filter(fits).exclude(pk__in=passed_over).first()
        if entry is None:
            return
        booked = booked_places([session.pk], user=entry.user, email=entry.email)
        try:
            wanted = Wanted(session, min(entry.quantity, left), entry.is_opened(at))
            validate_lines([wanted], at=at, booked=booked)
        except (TooManyPlaces, NotBookable):  # they have booked elsewhere, or their code has ended
            passed_over.append(entry.pk)
            continue
        offer(session, entry, at=at)


def _offer_ends(session: Session, at: datetime) -> datetime:
    """An offer lasts its hours, but at most half of the time that is left: the next one shall have a chance, too."""
    end_of_sales = min(session.starts_at, session.sales_end_at or session.starts_at)
    half = max((end_of_sales - at) / 2, SHORTEST_OFFER)
    return min(at + timedelta(hours=settings.SHOP_WAITING_OFFER_HOURS), at + half, end_of_sales)


def _tell(entry: WaitingEntry, kind: str) -> None:
    """Write to somebody about their offer, once for each offer."""
    enqueue_mail(
        kind,
        to=entry.email,
        dedupe_key=f"{kind}:{entry.pk}:{entry.offers}",
        context={"entry_id": entry.pk},
    )


def _change_wanted(session: Session, by: int) -> None:
    Session.objects.filter(pk=session.pk).update(seats_wanted=F("seats_wanted") + by)
    session.seats_wanted += by


def validate_lines(wanted: Iterable[Wanted], *, at: datetime, booked: dict[int, int]) -> None:
    """Refuse what nobody may book, or this buyer may not. Every step from cart to order asks here.

    ``booked`` has the places that the buyer already has in each session, by primary key. Free places are not looked
    at: ``take`` decides that. Raises ``NotBookable`` or ``TooManyPlaces``.
    """
    for line in wanted:
        limit = line.session.most_places
        reason = line.session.why_not_bookable(at, is_opened=line.is_opened, by_staff=line.by_staff)
        if reason:
            raise NotBookable(f"{line.session.title}: {reason}")
        has = booked.get(line.session.pk, 0)
        if has + line.quantity > limit and not line.by_staff:
            raise TooManyPlaces(_too_many(line.session.title, limit, has))


def validate_total(wanted: Iterable[Wanted]) -> None:
    """Refuse more places than fit into one order, lest one visitor hold them all. Raises ``TooManyPlaces``."""
    limit = settings.SHOP_MAX_PLACES_PER_CART
    if sum(line.quantity for line in wanted if not line.by_staff) > limit:
        raise TooManyPlaces(
            _("At most %(limit)d places fit into one order. Please write to us for a larger group.")
            % {"limit": limit}
        )


def booked_places(session_ids: Iterable[int], *, user, email: str) -> dict[int, int]:
    """Count the places that this person already has, by session. Nobody known by neither has any."""
    if user is None and not email:
        return {}
    orders = Order.objects.holding().of_buyer(user, email)
    rows = (
        OrderLine.objects.kept()
        .filter(session__in=list(session_ids), order__in=orders)
        .order_by()
        .values_list("session")
        .annotate(places=Count("pk"))
    )
    return dict(rows)


def _too_many(title: str, limit: int, has: int) -> str:
    message = ngettext(
        "At most %(limit)d place per person in “%(title)s”.",
        "At most %(limit)d places per person in “%(title)s”.",
        limit,
    ) % {"limit": limit, "title": title}
    if has:
        message += " " + _("You already have %(has)d.") % {"has": has}
    return message
